// error.hpp: what the library throws. Every message says what happened, where, and which rule was broken.
#pragma once

#include <stdexcept>

namespace rushlight {

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
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

// A file that is missing, truncated or not what it claims to be.
struct FileError : Error {
  using Error::Error;
};

}  // namespace rushlight
