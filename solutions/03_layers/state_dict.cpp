// state_dict.cpp: all parameters and buffers by name, out of a module and into one.
#include "01_tensor/todo.hpp"
#include "03_layers/module.hpp"

namespace rushlight {
namespace {  // solution

// Every parameter and buffer under each of its paths, as handles.
std::map<std::string, Tensor> tensors_by_path(Module& module) {
  std::map<std::string, Tensor> found;
  const auto insert = [&](const std::string& path, Tensor& tensor) {
    if (!found.emplace(path, tensor).second) {
      throw ValueError("state_dict: two members are called '{}'. Give each its own name.", {path});
    }
  };
  visit_members(module, {.parameter = insert, .buffer = insert});
  return found;
}

bool fits(const Tensor& own, const Array& given) { return given.defined() && given.shape() == own.shape(); }

// One line for each entry that stands in the way of loading.
std::string misfits(const std::map<std::string, Tensor>& own, const StateDict& state) {
  std::string text;
  for (const auto& [path, tensor] : own) {
    const auto given = state.find(path);
    if (given == state.end()) {
      text += formatted("\n  missing: {} {}", {path, tensor.shape()});
    } else if (!fits(tensor, given->second)) {
      text +=
          formatted("\n  misshapen: {} is {} here but {} in the state", {path, tensor.shape(), given->second.shape()});
    }
  }
  for (const auto& [path, value] : state) {
    if (!own.contains(path)) text += formatted("\n  unexpected: {} {}", {path, value.shape()});
  }
  return text;
}

}  // namespace

// 03.8 state_dict  -> a copy of every parameter and buffer, by path; a shared one under each of its paths. Two members
// of one path: ValueError that says "two members" and the path
// Hint: visit_members with a parameter and a buffer function; clone() copies.
StateDict Module::state_dict() {
  StateDict state;
  for (const auto& [path, tensor] : tensors_by_path(*this)) state.emplace(path, tensor.value().clone());
  return state;
}

// 03.8 load_state_dict  values by path -> into the parameters and buffers of the same paths
//   What does not fit: one ValueError that says "load_state_dict", "nothing was loaded", and for each problem
//   "missing: PATH", "unexpected: PATH" or "misshapen: PATH" with both shapes. An
//   undefined Array never fits: its shape is (), as that of a scalar, but it holds no value
// Hint: first collect everything that does not fit and throw. Only then set_value, each with its own clone().
void Module::load_state_dict(const StateDict& state) {
  std::map<std::string, Tensor> own = tensors_by_path(*this);
  const std::string problems = misfits(own, state);
  if (!problems.empty()) {
    throw ValueError("load_state_dict: nothing was loaded, because the state does not fit this module:" + problems);
  }
  for (auto& [path, tensor] : own) tensor.set_value(state.at(path).clone());
}

}  // namespace rushlight
