// text.hpp: small questions about text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace launcher {

bool digits(std::string_view text, std::size_t count);  // exactly `count` of them, and nothing else
std::vector<std::string> split(std::string_view text, char separator);
std::string without_space(std::string text);  // at either end
std::string visible(std::string_view text);   // with control characters spelt out, so that no terminal obeys them

}  // namespace launcher
