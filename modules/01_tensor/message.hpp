// message.hpp: text with values in it, in fmt's format language.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace rushlight {

class Shape;

// A value of a message. It refers to texts and shapes, so it lives no longer than the call it is written in.
//
// fmt::format is a template that is compiled again for every list of types: 40 ms a call, and a file of this course
// may have ten. A list of Arguments is one type, and a call with it costs the compiler a tenth of that.
class Argument {
 public:
  Argument(char value) : value_(value) {}
  Argument(int value) : value_(std::int64_t{value}) {}
  Argument(std::int64_t value) : value_(value) {}
  Argument(std::uint32_t value) : value_(std::uint64_t{value}) {}
  Argument(std::uint64_t value) : value_(value) {}
  Argument(float value) : value_(value) {}  // not as a double: 0.1f would become 0.10000000149011612
  Argument(double value) : value_(value) {}
  Argument(bool) = delete;  // say what it means
  Argument(const char* value) : value_(std::string_view(value)) {}
  Argument(std::string_view value) : value_(value) {}
  Argument(const std::string& value) : value_(std::string_view(value)) {}
  Argument(const Shape& value) : value_(&value) {}

 private:
  friend std::string formatted(std::string_view, std::initializer_list<Argument>);
  std::variant<char, std::int64_t, std::uint64_t, float, double, std::string_view, const Shape*> value_;
};

// formatted("{}: {:.3g}", {name, value}). Throws fmt::format_error if the text asks for more than the list has.
std::string formatted(std::string_view format, std::initializer_list<Argument> arguments);

}  // namespace rushlight
