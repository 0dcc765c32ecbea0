// grad.cpp: derivatives as values, and the way out of the graph.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {

// 05.3 grad  root (one element), inputs -> d(root)/d(inputs[i]), undefined where nothing arrives; nobody's grad changes
// GraphError, naming the input's number, for a root or an input without a node; ShapeError for a root of any
// other number of elements. An input may be the result of an op, may stand there twice, and may be root itself.
// Hint: run_backward does the work. plan.complete catches the gradients of the inputs' nodes. plan.wanted says yes for
// nodes that lie between: go through the order backwards; a node is between if it is an input or one of its inputs is.
Arrays grad(const Tensor& root, const Tensors& inputs, BackwardOptions options) {
  todo("05.3");
}

// 05.3 Tensor::detach  -> a tensor with the same value (the same buffer) that requires no gradient
// Hint: a Tensor made from an Array has no history.
Tensor Tensor::detach() const {
  todo("05.3");
}

}  // namespace rushlight
