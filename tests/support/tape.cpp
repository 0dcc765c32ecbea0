#include "support/tape.hpp"

#include <fmt/format.h>

namespace rushlight::test {
namespace {

void add_into(Array& total, const Array& part) {
  if (!total.defined()) {
    total = part.clone();
    return;
  }
  const auto to = total.mutable_data();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += part.data()[i];
}

// The place in `shape` of flat position `flat` of `from`: axes aligned at the right, size 1 repeats.
std::int64_t broadcast_source(std::int64_t flat, const Shape& from, const Shape& shape) {
  std::int64_t place = 0;
  std::int64_t stride = 1;
  for (int axis = from.rank() - 1, to = shape.rank() - 1; to >= 0; --axis, --to) {
    const std::int64_t position = flat % from[axis];
    flat /= from[axis];
    if (shape[to] != 1) place += position * stride;
    stride *= shape[to];
  }
  return place;
}

// Whether `shape` could have been broadcast to `from`.
bool fits(const Shape& from, const Shape& shape) {
  const int extra = from.rank() - shape.rank();
  if (extra < 0) return false;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] != 1 && shape[axis] != from[axis + extra]) return false;
  }
  return true;
}

}  // namespace

Array plain_sum_to(const Array& gradient, const Shape& shape) {
  const Shape& from = gradient.shape();
  if (from == shape) return gradient;
  if (!fits(from, shape)) {
    throw ShapeError(fmt::format("a gradient of shape {} does not belong to an input of shape {}", from, shape));
  }
  Array total = Array::full(shape, 0);
  std::vector<double> sums(static_cast<std::size_t>(shape.numel()), 0.0);
  for (std::int64_t i = 0; i < gradient.size(); ++i) sums[broadcast_source(i, from, shape)] += gradient.data()[i];
  std::copy(sums.begin(), sums.end(), total.mutable_data().begin());
  return total;
}

Tape::Tape(const Tensor& output, const Array& seed) {
  if (output.node() != nullptr) visit(*output.node(), seed.to(output.value().device()));
}

void Tape::visit(const Node& node, const Array& incoming) {
  if (incoming.shape() != node.shape) {
    throw ShapeError(fmt::format("{}: a gradient of shape {} arrived for an output of shape {}", node.op,
                                 incoming.shape(), node.shape));
  }
  add_into(gradients_[&node], incoming);
  if (node.is_leaf()) return;
  const Arrays parts = local_gradients(node, incoming);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Node::Input& input = node.inputs[i];
    if (input.node == nullptr || !parts[i].defined()) continue;
    if (!fits(parts[i].shape(), input.shape)) {
      throw ShapeError(fmt::format(
          "{}: the rule gives input {} a gradient of shape {}, but that input is {}. It may have the input's shape, or "
          "the output's where the input was broadcast.",
          node.op, i, parts[i].shape(), input.shape));
    }
    visit(*input.node, plain_sum_to(parts[i], input.shape));
  }
}

Array Tape::grad(const Tensor& tensor) const { return tensor.node() == nullptr ? Array() : grad(*tensor.node()); }

Array Tape::grad(const Node& node) const {
  const auto found = gradients_.find(&node);
  return found == gradients_.end() ? Array() : found->second;
}

}  // namespace rushlight::test
