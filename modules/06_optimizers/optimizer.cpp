// optimizer.cpp: what all optimizers share: which parameters there are, and the walk over them.
#include "06_optimizers/optimizer.hpp"

#include <set>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 06.1 add_group  parameters -> one more group, each with an empty State
// Errors (all before the group is added): the list is empty, a Tensor is undefined, or it is in this optimizer already
// -> ValueError; the result of an op -> GraphError. Messages begin with name_.
// Hint: two handles are the same parameter when their identity() is: a set of those finds the second.
void Optimizer::add_group(const Tensors& parameters) {
  todo("06.1");
}

// 06.1 zero_grad  every parameter of every group: grad() undefined
// Hint: a Tensor is a handle: a copy of it reaches the same gradient.
void Optimizer::zero_grad() {
  todo("06.1");
}

// 06.1 step  update() for every parameter that has a gradient; the others are left alone altogether
// First check all the gradients' shapes, so that an error finds nothing changed. Then, per parameter: at its first
// step make its buffers (zeros on its device, one per name of buffer_names(group)); raise state.step; call
// update(group, <its value, to be changed in place>, grad, state).
// Hint: parameter.mutable_value() changes a leaf without recording anything.
void Optimizer::step() {
  todo("06.1");
}

}  // namespace rushlight
