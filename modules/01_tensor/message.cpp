// message.cpp: given. What a list of values looks like in a text.
#include "01_tensor/message.hpp"

#include <fmt/args.h>

#include <cmath>
#include <limits>

#include "01_tensor/shape.hpp"

namespace rushlight {
namespace {

// A NaN has a sign that means nothing, and that differs between processors and ways to compile: it is shown as "nan".
template <class Number>
Number without_sign_of_nan(Number value) {
  return std::isnan(value) ? std::numeric_limits<Number>::quiet_NaN() : value;
}

}  // namespace

std::string formatted(std::string_view format, std::initializer_list<Argument> arguments) {
  fmt::dynamic_format_arg_store<fmt::format_context> values;
  for (const Argument& argument : arguments) {
    using Kind = Argument::Kind;
    switch (argument.kind_) {
      case Kind::character:
        values.push_back(argument.character_);
        break;
      case Kind::integer:
        values.push_back(argument.integer_);
        break;
      case Kind::natural:
        values.push_back(argument.natural_);
        break;
      case Kind::single:
        values.push_back(without_sign_of_nan(argument.single_));
        break;
      case Kind::real:
        values.push_back(without_sign_of_nan(argument.real_));
        break;
      case Kind::text:
        values.push_back(argument.text_);
        break;
      case Kind::shape:
        values.push_back(argument.shape_->str());
        break;
    }
  }
  return fmt::vformat(format, values);
}

}  // namespace rushlight
