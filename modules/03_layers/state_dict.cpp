// state_dict.cpp: all parameters and buffers by name, out of a module and into one.
#include "01_tensor/todo.hpp"
#include "03_layers/module.hpp"

namespace rushlight {

// 03.8 state_dict  -> a copy of every parameter and buffer, by path; a shared one under each of its paths
// Hint: visit_members with a parameter and a buffer function; clone() copies. Two members of one path: ValueError.
StateDict Module::state_dict() {
  todo("03.8");
}

// 03.8 load_state_dict  values by path -> into the parameters and buffers of the same paths
// Hint: first collect everything that does not fit and throw one ValueError with the whole list ("missing",
// "unexpected", "misshapen"; path and shapes). Only then set_value, each with its own clone().
void Module::load_state_dict(const StateDict& state) {
  todo("03.8");
}

}  // namespace rushlight
