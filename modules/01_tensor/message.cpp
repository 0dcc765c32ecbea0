// message.cpp: given. What a list of values looks like in a text.
#include "01_tensor/message.hpp"

#include <fmt/args.h>

#include "01_tensor/shape.hpp"

namespace rushlight {

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
        values.push_back(argument.single_);
        break;
      case Kind::real:
        values.push_back(argument.real_);
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
