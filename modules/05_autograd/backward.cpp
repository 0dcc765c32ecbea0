// backward.cpp: the engine. Every rule is local; here their gradients meet.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {

// 05.2 run_backward  order (outputs first), seed (shape of order.front()) -> plan.complete(node, gradient) per node
// For each node in order, if a gradient arrived: run_hooks where the node has hooks; local_gradients(node, gradient),
// if any input wants its part (a leaf has no inputs); add each part to what has arrived at that input. Whatever the
// node, its gradient is handed to plan.complete, if given. An input wants its part when it is not null and plan.wanted,
// if given, says so.
//   v̄ = Σ over the ops f that used v of (∂f/∂v)ᵀ·f̄:   all of the terms have arrived when v's turn comes.
// Look out for: undefined parts (skip them); parts of a broadcast shape (sum_to, or a ShapeError that names op, input
// and both shapes when the input does not broadcast to it); a seed that does not have the root's shape (ShapeError);
// check_gradients(node, parts) while AnomalyMode::enabled(); release(node) once its rule was called and not refused by that,
// unless retain_graph.
// A rule may return the same Array for two inputs, or bw.grad itself: make new sums, never add in place.
// Hint: a map from const Node* to Array holds what has arrived; take the entry out when the node's turn comes.
void run_backward(const Order& order, const Array& seed, const PassPlan& plan, BackwardOptions options) {
  todo("05.2");
}

// 05.2 backward  root, seed (root's shape) -> adds to the grad of every leaf, and of tensors with node->retain_grad
// GraphError when root has no node: its message says that nothing on the way requires a gradient.
// Hint: node.grad starts undefined. Store a clone() of a gradient that is_shared(): two leaves must not share a buffer.
void backward(const Tensor& root, const Array& seed, BackwardOptions options) {
  todo("05.2");
}

// 05.2 backward  root with one element -> the same, with seed 1
// ShapeError for any other number of elements: the message names the shape and what to do (sum or mean, or a seed).
// Hint: the seed has root's shape, which may be (1, 1).
void backward(const Tensor& root, BackwardOptions options) {
  todo("05.2");
}

// 05.2 Tensor::backward  the two functions above as members, with the default options
void Tensor::backward() const {
  todo("05.2");
}

void Tensor::backward(const Array& seed) const {
  todo("05.2");
}

}  // namespace rushlight
