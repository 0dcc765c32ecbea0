// message.hpp: text with values in it, in fmt's format language.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace rushlight {

class Shape;

// A value of a message. It refers to texts and shapes, so it lives no longer than the call it is written in.
//
// fmt::format is a template that is compiled again for every list of types: 40 ms a call, and a file of this course
// may have ten. A list of Arguments is one type, and a call with it costs the compiler a tenth of that.
//
// It is not a std::variant because every file that sees this header would compile the 360 functions of one, in 0.035 s.
class Argument {
 public:
  Argument(char value) : kind_(Kind::character), character_(value) {}
  Argument(int value) : Argument(std::int64_t{value}) {}
  Argument(std::int64_t value) : kind_(Kind::integer), integer_(value) {}
  Argument(std::uint32_t value) : Argument(std::uint64_t{value}) {}
  Argument(std::uint64_t value) : kind_(Kind::natural), natural_(value) {}
  Argument(float value) : kind_(Kind::single), single_(value) {}  // not as a double: 0.1f is not 0.10000000149011612
  Argument(double value) : kind_(Kind::real), real_(value) {}
  Argument(bool) = delete;  // say what it means
  Argument(const char* value) : Argument(std::string_view(value)) {}
  Argument(std::string_view value) : kind_(Kind::text), text_(value) {}
  Argument(const std::string& value) : Argument(std::string_view(value)) {}
  Argument(const Shape& value) : kind_(Kind::shape), shape_(&value) {}

 private:
  friend std::string formatted(std::string_view, std::initializer_list<Argument>);
  enum class Kind { character, integer, natural, single, real, text, shape };
  Kind kind_;
  union {  // the one that kind_ says
    char character_;
    std::int64_t integer_;
    std::uint64_t natural_;
    float single_;
    double real_;
    std::string_view text_;
    const Shape* shape_;
  };
};

// formatted("{}: {:.3g}", {name, value}). Throws fmt::format_error if the text asks for more than the list has.
std::string formatted(std::string_view format, std::initializer_list<Argument> arguments);

}  // namespace rushlight
