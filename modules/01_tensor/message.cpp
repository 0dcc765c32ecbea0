// message.cpp: given. What a list of values looks like in a text.
#include "01_tensor/message.hpp"

#include <fmt/args.h>

#include "01_tensor/shape.hpp"

namespace rushlight {
namespace {

std::string printable(const Shape* shape) { return shape->str(); }

template <class T>
T printable(T value) {
  return value;
}

}  // namespace

std::string formatted(std::string_view format, std::initializer_list<Argument> arguments) {
  fmt::dynamic_format_arg_store<fmt::format_context> values;
  for (const Argument& argument : arguments) {
    std::visit([&](auto value) { values.push_back(printable(value)); }, argument.value_);
  }
  return fmt::vformat(format, values);
}

}  // namespace rushlight
