#include "support/launcher/text.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace launcher {

bool digits(std::string_view text, std::size_t count) {
  return text.size() == count &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string without_space(std::string text) {
  const auto space = [](unsigned char c) { return std::isspace(c) != 0; };
  text.erase(std::find_if_not(text.rbegin(), text.rend(), space).base(), text.end());
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), space));
  return text;
}

std::string visible(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    const bool wide = c == 0xC2 && next >= 0x80 && next < 0xA0;  // the second set of them, in UTF-8
    if (!wide && (c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7F))) {
      shown += text[i];
      continue;
    }
    char spelt[8];
    std::snprintf(spelt, sizeof spelt, "\\x%02x", wide ? next : c);
    shown += spelt;
    i += wide;
  }
  return shown;
}

}  // namespace launcher
