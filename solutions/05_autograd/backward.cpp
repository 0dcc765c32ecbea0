// backward.cpp: the engine. Every rule is local; here their gradients meet.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {
namespace {  // solution

// A new Array each time: rules hand out the gradient that they were given, the same Array to two inputs, or one that
// they saved, so that whoever adds in place changes what somebody else holds.
void accumulate(Array& total, Array part) { total = total.defined() ? total + part : std::move(part); }

// The one place where a broadcast is undone. add's rule may return (2, 3) for an input of (3,).
Array fit_to_input(const Node& node, std::size_t i, const Array& part) {
  const Shape& wanted = node.inputs[i].shape;
  if (!broadcasts_to(wanted, part.shape())) {
    throw ShapeError(
        "backward of {}: the rule gave input {} a gradient of shape {}, but the input is {}. A "
        "gradient has the input's shape, or a shape that the input broadcasts to.",
        {node.op, i, part.shape(), wanted});
  }
  return sum_to(part, wanted);
}

bool wants(const PassPlan& plan, const Node::Input& input) {
  return input.node != nullptr && (!plan.wanted || plan.wanted(*input.node));
}

using Arrived = std::unordered_map<const Node*, Array>;  // what each node has been given so far

// Calls the node's rule, if anybody wants what it computes, and adds the result to what has arrived at the inputs.
void pass_on(Node& node, const Array& gradient, const PassPlan& plan, BackwardOptions options, Arrived& arrived) {
  const auto wanted = [&](const Node::Input& input) { return wants(plan, input); };
  if (std::none_of(node.inputs.begin(), node.inputs.end(), wanted)) return;  // a leaf, or the end of grad()'s road
  const Arrays parts = local_gradients(node, gradient);
  if (AnomalyMode::enabled()) check_gradients(node, parts);
  if (!options.retain_graph) release(node);  // before anything else is allocated
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Node::Input& input = node.inputs[i];
    if (parts[i].defined() && wanted(input)) accumulate(arrived[input.node.get()], fit_to_input(node, i, parts[i]));
  }
}

void check_seed(const Shape& root, const Array& seed) {
  if (!seed.defined() || seed.shape() != root) {
    throw ShapeError(
        "backward: the seed is {} but the root is {}. The seed is dL/d(root), so it has the "
        "root's shape.",
        {seed.defined() ? seed.shape().str() : "undefined", root});
  }
}

// Leaves keep their gradients across passes, in buffers of their own: what scales one must not scale another.
void keep_in_node(Node& node, Array gradient) {
  if (!node.is_leaf() && !node.retain_grad) return;
  if (!node.grad.defined() && gradient.is_shared()) gradient = gradient.clone();
  accumulate(node.grad, std::move(gradient));
}

}  // namespace

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
  if (order.empty()) return;
  check_seed(order.front()->shape, seed);
  Arrived arrived{{order.front().get(), seed}};
  for (const std::shared_ptr<Node>& node : order) {
    const auto entry = arrived.extract(node.get());
    if (entry.empty()) continue;
    Array gradient = std::move(entry.mapped());
    if (!node->hooks.empty()) gradient = run_hooks(*node, std::move(gradient));
    if (!node->is_leaf()) {
      if (plan.complete) plan.complete(*node, gradient);
      pass_on(*node, gradient, plan, options, arrived);
    } else if (plan.complete) {
      plan.complete(*node, std::move(gradient));  // moved: a leaf can then keep it without a copy
    }
  }
}

// 05.2 backward  root, seed (root's shape) -> adds to the grad of every leaf, and of tensors with node->retain_grad
// GraphError when root has no node: its message says that nothing on the way requires a gradient.
// Hint: node.grad starts undefined. Store a clone() of a gradient that is_shared(): two leaves must not share a buffer.
void backward(const Tensor& root, const Array& seed, BackwardOptions options) {
  if (!root.requires_grad()) {
    throw GraphError(
        "backward: this tensor has no graph: nothing that it was computed from requires a gradient, or it "
        "was computed under NoGrad or after detach().");
  }
  run_backward(topological_order(root.node()), seed, {.wanted = {}, .complete = keep_in_node}, options);
}

// 05.2 backward  root with one element -> the same, with seed 1
// ShapeError for any other number of elements: the message names the shape and what to do (sum or mean, or a seed).
// Hint: the seed has root's shape, which may be (1, 1).
void backward(const Tensor& root, BackwardOptions options) {
  if (root.size() != 1) {
    throw ShapeError(
        "backward: the tensor is {}, and only a single number has one derivative. Reduce it "
        "with sum or mean, or pass a seed dL/d(tensor) of its shape: backward(seed).",
        {root.shape()});
  }
  backward(root, ones_like(root.value()), options);
}

// 05.2 Tensor::backward  the two functions above as members, with the default options
void Tensor::backward() const { rushlight::backward(*this); }

void Tensor::backward(const Array& seed) const {
  // solution 05.2
  rushlight::backward(*this, seed);
  // end solution
}

}  // namespace rushlight
