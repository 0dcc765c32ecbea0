#include "support/launcher/sources.hpp"

#include <elf.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "support/launcher/options.hpp"
#include "support/launcher/sha256.hpp"
#include "support/launcher/text.hpp"

namespace launcher {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSection = ".rushlight.sources";
constexpr std::size_t kDigits = 64;

// Nothing for what is not a regular file: a pipe would never end.
std::optional<std::string> contents(const std::string& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return {};
  std::ifstream in(path, std::ios::binary);
  if (!in) return {};
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

template <typename T>
T read_at(std::ifstream& in, std::uint64_t offset) {
  T value{};
  in.seekg(static_cast<std::streamoff>(offset));
  in.read(reinterpret_cast<char*>(&value), sizeof value);
  return value;
}

std::string text_at(std::ifstream& in, std::uint64_t offset, std::size_t size) {
  std::string text(size, '\0');
  in.seekg(static_cast<std::streamoff>(offset));
  in.read(text.data(), static_cast<std::streamsize>(size));
  return text;
}

// What the linker wrote into the program; "" when there is no such section.
std::string record_of(const std::string& exe) {
  std::ifstream in(exe, std::ios::binary);
  const auto head = read_at<Elf64_Ehdr>(in, 0);
  if (!in || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0) return "";
  const auto section = [&](std::size_t i) { return read_at<Elf64_Shdr>(in, head.e_shoff + i * head.e_shentsize); };
  const Elf64_Shdr names = section(head.e_shstrndx);
  for (std::size_t i = 0; in && i < head.e_shnum; ++i) {
    const Elf64_Shdr each = section(i);
    if (text_at(in, names.sh_offset + each.sh_name, std::strlen(kSection) + 1).c_str() == std::string(kSection)) {
      return text_at(in, each.sh_offset, each.sh_size);
    }
  }
  return "";
}

[[noreturn]] void refuse(const std::string& exe, const std::string& why) {
  throw UsageError(fs::path(exe).filename().string() + " was not built from these files: " + why +
                   ". What it would say is no verdict. Next step: scripts/rush test, or build again (a file that does "
                   "not compile leaves the old program behind).");
}

}  // namespace

void check_sources(const std::string& exe, const std::string& root) {
  const std::string record = record_of(exe);
  if (record.empty()) refuse(exe, "it does not say what it was built from");
  for (const std::string& line : split(record, '\n')) {
    if (line.size() < kDigits + 2) continue;
    const std::string name = line.substr(kDigits + 1);
    const std::optional<std::string> now = contents(root + "/" + name);
    if (!now) refuse(exe, name + " is missing, or not a file");
    if (sha256(*now) != line.substr(0, kDigits)) refuse(exe, name + " has changed since");
  }
}

}  // namespace launcher
