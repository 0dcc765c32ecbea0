// What the sources themselves say: which ops they record, which classes are modules. A registry that ops had to enter
// would lack precisely the one that was forgotten.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "op_cases.hpp"
#include "support/source_dir.hpp"

namespace rushlight::test {
namespace {

namespace fs = std::filesystem;

const fs::path course{source_dir()};

std::string text_of(const fs::path& path) {
  std::ifstream stream(path);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string without_comments(const std::string& text) {
  std::stringstream in(text);
  std::string line, code;
  while (std::getline(in, line)) code += line.substr(0, line.find("//")) + "\n";
  return code;
}

void collect(const std::string& code, const std::regex& pattern, std::set<std::string>& names) {
  for (auto match = std::sregex_iterator(code.begin(), code.end(), pattern); match != std::sregex_iterator(); ++match) {
    names.insert((*match)[1]);
  }
}

std::vector<fs::path> files_in(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path());
  }
  return files;
}

bool is_given(const std::string& text) {
  return text.substr(0, text.find("#include")).find("given") != std::string::npos;
}

std::vector<fs::path> module_folders() {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(course / "modules")) {
    if (fs::exists(entry.path() / "module.json")) folders.push_back(entry.path());
  }
  return folders;
}

}  // namespace

std::set<std::string> recorded_names() {
  static const std::regex call(R"rx(\brecord\(\s*"(\w+)")rx");
  const bool solved = fs::is_directory(course / "solutions");
  std::set<std::string> names;
  for (const fs::path& folder : module_folders()) {
    for (const fs::path& file : files_in(course / "solutions" / folder.filename(), ".cpp")) {
      collect(without_comments(text_of(file)), call, names);
    }
    for (const fs::path& file : files_in(folder, ".cpp")) {
      const std::string text = text_of(file);
      if (!solved || is_given(text)) collect(without_comments(text), call, names);
    }
    for (const fs::path& file : files_in(folder, ".hpp")) collect(without_comments(text_of(file)), call, names);
  }
  return names;
}

std::set<std::string> module_types() {
  static const std::regex declaration(R"((?:class|struct)\s+(\w+)\s*(?:final\s*)?:\s*(?:public\s+)?(\w+)\b)");
  std::map<std::string, std::string> base_of;
  std::set<std::string> abstract{"Module"};
  for (const fs::path& folder : module_folders()) {
    for (const fs::path& file : files_in(folder, ".hpp")) {
      const std::string code = without_comments(text_of(file));
      for (auto match = std::sregex_iterator(code.begin(), code.end(), declaration); match != std::sregex_iterator();
           ++match) {
        base_of[(*match)[1]] = (*match)[2];
        const auto start = static_cast<std::size_t>(match->position());
        const std::string body = code.substr(start, code.find("\n};", start) - start);
        if (body.find(") = 0;") != std::string::npos || body.find(") const = 0;") != std::string::npos) {
          abstract.insert((*match)[1]);
        }
      }
    }
  }
  std::set<std::string> types;
  for (const auto& [type, base] : base_of) {
    std::string root = base;
    for (auto next = base_of.find(root); next != base_of.end(); next = base_of.find(root)) root = next->second;
    if (root == "Module" && !abstract.contains(type)) types.insert(type);
  }
  return types;
}

// Those of C read "0.5" as 0 where the language settings have a decimal comma. The machine that runs this may have no
// such setting, so that no test would notice.
TEST(Integration_01, NumbersAreReadWithoutTheLanguageSettings) {
  static const std::regex call(R"rx(\b(strto[dfl]d?|ato[fil]|sto[dfil]|stold|[sf]?scanf)\()rx");
  std::set<std::string> found;
  for (const fs::path& folder : module_folders()) {
    for (const fs::path& file : files_in(course / "solutions" / folder.filename(), ".cpp")) {
      collect(without_comments(text_of(file)), call, found);
    }
    for (const char* extension : {".cpp", ".hpp"}) {
      for (const fs::path& file : files_in(folder, extension)) {
        if (const std::string text = text_of(file); is_given(text) || std::string(extension) == ".hpp") {
          collect(without_comments(text), call, found);
        }
      }
    }
  }
  EXPECT_EQ(found, std::set<std::string>()) << "use std::from_chars";
}

}  // namespace rushlight::test
