// json.hpp: answers of the live widgets as JSON text: just enough to write numbers, texts and lists.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "01_tensor/array.hpp"

namespace rushlight::live {

inline std::string number(double value) {
  if (!std::isfinite(value)) return "null";  // JSON has no infinity
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

inline std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') result += '\\';
    result += letter == '\n' ? ' ' : letter;
  }
  return result + '"';
}

template <class Values, class Write>
std::string list(const Values& values, Write write) {
  std::string result;
  for (const auto& value : values) result += (result.empty() ? "" : ",") + write(value);
  return "[" + result + "]";
}

inline std::string list(const Array& array) {
  return list(array.data(), [](Real value) { return number(value); });
}
inline std::string list(const Shape& shape) {
  return list(shape, [](std::int64_t size) { return std::to_string(size); });
}

}  // namespace rushlight::live
