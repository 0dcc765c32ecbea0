// graphs.hpp: ops and graphs that only these tests need.
#pragma once

#include <memory>
#include <set>
#include <utility>

#include "05_autograd/autograd.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

inline const Shape scalar;

inline Tensor leaf(const Array& value) { return Tensor(value, true); }
inline Tensor leaf(Real value) { return Tensor(Array::scalar(value), true); }

// y = x, and its rule counts how often it is called.
inline Tensor counting(const Tensor& x, int& calls) {
  return record("counted", x.value(), {x}, Save::nothing, [&calls](const Backward& bw) -> Arrays {
    ++calls;
    return {bw.grad};
  });
}

// An op of any inputs that passes its gradient on to all of them. All values are one shared number, so that a graph of
// a million ops costs its nodes and nothing else.
inline Tensor join(const Tensors& inputs) {
  static const Array one = Array::scalar(1);
  return record("join", one, inputs, Save::nothing,
                [count = inputs.size()](const Backward& bw) { return Arrays(count, bw.grad); });
}

// x scaled by a and by b, and added again: two paths between one node and the next.
inline Tensor diamond(const Tensor& x, Real a, Real b) { return x * Tensor(a) + x * Tensor(b); }

// Every node once, root first, outputs before inputs, and none forgotten.
inline testing::AssertionResult is_topological(const Order& order, const std::shared_ptr<Node>& root) {
  if (order.empty() || order.front() != root) return testing::AssertionFailure() << "the root does not come first";
  std::set<const Node*> seen;
  for (const auto& node : order) {
    if (node == nullptr) return testing::AssertionFailure() << "there is a null node in the order";
    if (!seen.insert(node.get()).second) return testing::AssertionFailure() << node->op << " comes twice";
    for (const Node::Input& input : node->inputs) {
      if (seen.count(input.node.get()) > 0) {
        return testing::AssertionFailure() << "an input of " << node->op << " comes before it";
      }
    }
  }
  for (const auto& node : order) {
    for (const Node::Input& input : node->inputs) {
      if (input.node != nullptr && seen.count(input.node.get()) == 0) {
        return testing::AssertionFailure() << "an input of " << node->op << " is missing";
      }
    }
  }
  return testing::AssertionSuccess();
}

}  // namespace rushlight::test
