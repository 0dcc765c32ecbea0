#include "2017_transformer/corpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include "01_tensor/error.hpp"

namespace rushlight::milestone {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> lessons_below(const fs::path& folder) {
  std::vector<fs::path> lessons;
  std::error_code missing;
  for (const fs::directory_entry& module : fs::directory_iterator(folder, missing)) {
    if (fs::is_regular_file(module.path() / "README.md")) lessons.push_back(module.path() / "README.md");
  }
  std::sort(lessons.begin(), lessons.end());
  return lessons;
}

bool starts(std::string_view line, std::string_view with) { return line.substr(0, with.size()) == with; }

// Letters and what prose is written with; everything else, such as a formula's signs, is dropped.
std::string plain(const std::string& line) {
  std::string text;
  bool formula = false;
  for (const char c : line) {
    if (c == '$') formula = !formula;
    const auto byte = static_cast<unsigned char>(c);
    const bool prose = std::isalnum(byte) != 0 || std::string_view(" .,:;'?!()-").find(c) != std::string_view::npos;
    if (!formula && byte < 128 && prose && !(c == ' ' && text.ends_with(' '))) text += c;
  }
  return text;
}

std::string prose_of(std::istream& lesson) {
  std::string text, line;
  bool fence = false, display = false, comment = false;
  while (std::getline(lesson, line)) {
    if (starts(line, "```")) {
      fence = !fence;
      continue;
    }
    if (comment || starts(line, "<!--")) {  // code, too, often as not
      comment = !line.ends_with("-->");
      continue;
    }
    const bool opens = starts(line, "$$"), closes = line.ends_with("$$") && !(opens && line.size() == 2 && !display);
    if (opens || display) {
      display = !closes;
      continue;
    }
    if (!fence && !starts(line, "|")) text += plain(line) + "\n";
  }
  return text;
}

}  // namespace

Corpus read_lessons(const std::string& folder) {
  Corpus corpus;
  for (const fs::path& path : lessons_below(fs::path(folder) / "modules")) {
    std::ifstream file(path);
    const std::string text = prose_of(file);
    const std::size_t cut = text.size() / 10 * 9;
    corpus.train += text.substr(0, cut);
    corpus.validation += text.substr(cut);
    ++corpus.lessons;
  }
  if (corpus.lessons == 0) {
    throw FileError(
        fmt::format("{}/modules: no lesson there to learn from. Give the course's folder with --data.", folder));
  }
  return corpus;
}

}  // namespace rushlight::milestone
