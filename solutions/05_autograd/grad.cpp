// grad.cpp: derivatives as values, and the way out of the graph.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {
namespace {  // solution

using NodeSet = std::unordered_set<const Node*>;

void check_grad_arguments(const Tensor& root, const Tensors& inputs) {
  if (!root.requires_grad())
    throw GraphError("grad: the root has no graph: nothing it depends on requires a gradient.");
  if (root.size() != 1) {
    throw ShapeError(
        "grad: the root is {}, but only a single number has one derivative. Reduce it with "
        "sum or mean.",
        {root.shape()});
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].requires_grad()) continue;
    throw GraphError("grad: input {} has no place in a graph. Call requires_grad_() on it before it is used.", {i});
  }
}

// The targets, and every node that has one of these among its inputs: what lies between the root and the targets.
NodeSet nodes_between(const Order& order, const NodeSet& targets) {
  NodeSet between = targets;
  std::for_each(order.rbegin(), order.rend(), [&](const std::shared_ptr<Node>& node) {  // inputs before outputs
    const bool leads_there = std::any_of(node->inputs.begin(), node->inputs.end(),
                                         [&](const Node::Input& input) { return between.count(input.node.get()) > 0; });
    if (leads_there) between.insert(node.get());
  });
  return between;
}

}  // namespace

// 05.3 grad  root (one element), inputs -> d(root)/d(inputs[i]), undefined where nothing arrives; nobody's grad changes
// GraphError, naming the input's number, for a root or an input without a node; ShapeError for a root of any
// other number of elements. An input may be the result of an op, may stand there twice, and may be root itself.
// Hint: run_backward does the work. plan.complete catches the gradients of the inputs' nodes. plan.wanted says yes for
// nodes that lie between: go through the order backwards; a node is between if it is an input or one of its inputs is.
Arrays grad(const Tensor& root, const Tensors& inputs, BackwardOptions options) {
  check_grad_arguments(root, inputs);
  const Order order = topological_order(root.node());
  NodeSet targets;
  for (const Tensor& input : inputs) targets.insert(input.node().get());
  const NodeSet between = nodes_between(order, targets);
  std::unordered_map<const Node*, Array> found;
  const auto wanted = [&](const Node& node) { return between.count(&node) > 0; };
  const auto complete = [&](Node& node, Array gradient) {
    if (targets.count(&node) > 0) found[&node] = std::move(gradient);
  };
  run_backward(order, ones_like(root.value()), {wanted, complete}, options);
  Arrays gradients;
  for (const Tensor& input : inputs) gradients.push_back(found[input.node().get()]);
  return gradients;
}

// 05.3 Tensor::detach  -> a tensor with the same value (the same buffer) that requires no gradient
// Hint: a Tensor made from an Array has no history.
Tensor Tensor::detach() const { return Tensor(value()); }

}  // namespace rushlight
