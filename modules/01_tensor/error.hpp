// error.hpp: what the library throws. Every message says what happened, where, and which rule was broken.
#pragma once

#include <stdexcept>

#include "01_tensor/message.hpp"

namespace rushlight {

// throw ShapeError("add: {} and {} do not broadcast.", {a.shape(), b.shape()});
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
  Error(std::string_view format, std::initializer_list<Argument> arguments)
      : std::runtime_error(formatted(format, arguments)) {}
};

// Shapes, axes or ranks that do not fit together.
struct ShapeError : Error {
  using Error::Error;
};

// An index, label or slice bound outside its axis.
struct IndexError : Error {
  using Error::Error;
};

// A hyper-parameter, option or number outside its domain.
struct ValueError : Error {
  using Error::Error;
};

// Misuse of the graph: a second backward, a value changed in place before its backward.
struct GraphError : Error {
  using Error::Error;
};

// Arrays on different devices in one op, or numbers asked for where they are not.
struct DeviceError : Error {
  using Error::Error;
};

// A file that is missing, truncated or not what it claims to be.
struct FileError : Error {
  using Error::Error;
};

}  // namespace rushlight
