// state_dict.cpp: all parameters and buffers by name, out of a module and into one.
#include "01_tensor/todo.hpp"
#include "03_layers/module.hpp"

namespace rushlight {

// 03.8 state_dict  -> a copy of every parameter and buffer, by path; a shared one under each of its paths. Two members
// of one path: ValueError that says "two members" and the path
// Hint: visit_members with a parameter and a buffer function; clone() copies.
StateDict Module::state_dict() {
  todo("03.8");
}

// 03.8 load_state_dict  values by path -> into the parameters and buffers of the same paths
//   What does not fit: one ValueError that says "load_state_dict", "nothing was loaded", and for each problem
//   "missing: PATH", "unexpected: PATH" or "misshapen: PATH" with both shapes. An
//   undefined Array never fits: its shape is (), as that of a scalar, but it holds no value
// Hint: first collect everything that does not fit and throw. Only then set_value, each with its own clone().
void Module::load_state_dict(const StateDict& state) {
  todo("03.8");
}

}  // namespace rushlight
