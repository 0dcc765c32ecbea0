// optimizer.cpp: what all optimizers share: which parameters there are, and the walk over them.
#include "06_optimizers/optimizer.hpp"

#include <set>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {  // solution

void check_leaf(const std::string& optimizer, std::size_t i, const Tensor& parameter) {
  if (!parameter.defined()) {
    throw ValueError("{}: parameter {} of the group is an empty Tensor; leave it out.", {optimizer, i});
  }
  if (!parameter.is_leaf()) {
    throw GraphError(
        "{}: parameter {} of the group is the result of '{}'. Only a leaf can be trained: "
        "give the tensor it was computed from.",
        {optimizer, i, parameter.node()->op});
  }
}

void check_gradient(const std::string& optimizer, const Tensor& parameter) {
  if (parameter.grad().defined() && parameter.grad().shape() != parameter.shape()) {
    throw ShapeError("{}: a parameter is {} but its gradient is {}: they must agree. Nothing was changed.",
                     {optimizer, parameter.shape(), parameter.grad().shape()});
  }
}

}  // namespace

// 06.1 add_group  parameters -> one more group, each with an empty State
// Errors (all before the group is added): the list is empty, a Tensor is undefined, or it is in this optimizer already
// -> ValueError; the result of an op -> GraphError. Messages begin with name_.
// Hint: two handles are the same parameter when their identity() is: a set of those finds the second.
void Optimizer::add_group(const Tensors& parameters) {
  if (parameters.empty()) {
    throw ValueError("{}: the list of parameters is empty; did you mean net.parameters()?", {name_});
  }
  std::set<const void*> known;
  for (const ParameterGroup& group : groups_) {
    for (const Tensor& parameter : group.parameters) known.insert(parameter.identity());
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    check_leaf(name_, i, parameters[i]);
    if (!known.insert(parameters[i].identity()).second) {
      throw ValueError(
          "{}: parameter {} of the group, {}, is given twice: it would be stepped twice. "
          "Give each parameter once, in one group.",
          {name_, i, parameters[i].shape()});
    }
  }
  groups_.push_back({parameters, std::vector<State>(parameters.size())});
}

// 06.1 zero_grad  every parameter of every group: grad() undefined
// Hint: a Tensor is a handle: a copy of it reaches the same gradient.
void Optimizer::zero_grad() {
  for (ParameterGroup& group : groups_) {
    for (Tensor& parameter : group.parameters) parameter.zero_grad();
  }
}

// 06.1 step  update() for every parameter that has a gradient; the others are left alone altogether
// First check all the gradients' shapes, so that an error finds nothing changed. Then, per parameter: at its first
// step make its buffers (zeros on its device, one per name of buffer_names(group)); raise state.step; call
// update(group, <its value, to be changed in place>, grad, state).
// Hint: parameter.mutable_value() changes a leaf without recording anything.
void Optimizer::step() {
  for (const ParameterGroup& group : groups_) {
    for (const Tensor& parameter : group.parameters) check_gradient(name_, parameter);
  }
  for (int g = 0; g < group_count(); ++g) {
    ParameterGroup& group = groups_[g];
    for (std::size_t i = 0; i < group.parameters.size(); ++i) {
      Tensor& parameter = group.parameters[i];
      State& state = group.states[i];
      if (!parameter.grad().defined()) continue;
      if (state.step == 0) {
        for (std::size_t n = buffer_names(g).size(); n > 0; --n) state.buffers.push_back(zeros_like(parameter.value()));
      }
      ++state.step;
      update(g, parameter.mutable_value(), parameter.grad(), state);
    }
  }
}

}  // namespace rushlight
