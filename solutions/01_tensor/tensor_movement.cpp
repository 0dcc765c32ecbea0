// tensor_movement.cpp: moves and reads that know their derivative. None of them computes: the gradient of each is
// the move undone, its adjoint.
#include "01_tensor/tensor.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 01.9 reshape  x, shape with at most one -1 -> shape;  the gradient takes x's shape again
// Hint: bw.in_shape(0) is there without saving anything.
Tensor reshape(const Tensor& x, const Shape& shape) {
  return record("reshape", reshape(x.value(), shape), {x}, Save::nothing,
                [](const Backward& bw) -> Arrays { return {bw.grad.with_shape(bw.in_shape(0))}; });
}

// 01.9 permute  x, axes -> axis i of the result is axis axes[i] of x
// The gradient goes through the inverse permutation.
// Hint: inverse[axes[i]] = i. Applying `axes` again is right for a swap and wrong for a rotation.
Tensor permute(const Tensor& x, const Axes& axes) {
  return record("permute", permute(x.value(), axes), {x}, Save::nothing, [axes](const Backward& bw) -> Arrays {
    Axes inverse(axes.size());
    const auto rank = static_cast<int>(axes.size());
    for (int i = 0; i < rank; ++i) inverse[normalize_axis("permute", axes[i], rank)] = i;
    return {permute(bw.grad, inverse)};
  });
}

// 01.9 transpose  x, two axes -> x with these axes swapped;  the gradient is swapped back
// Hint: a swap is its own inverse.
Tensor transpose(const Tensor& x, int axis_a, int axis_b) {
  return record("transpose", transpose(x.value(), axis_a, axis_b), {x}, Save::nothing,
                [axis_a, axis_b](const Backward& bw) -> Arrays { return {transpose(bw.grad, axis_a, axis_b)}; });
}

// 01.9 broadcast_to  x, shape -> shape;  the gradient is summed over what was repeated
// Hint: the engine does that for every op: pass the gradient on.
Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  return record("broadcast_to", broadcast_to(x.value(), shape), {x}, Save::nothing,
                [](const Backward& bw) -> Arrays { return {bw.grad}; });
}

// 01.9 concat  parts, axis -> one after the other along `axis`;  each part receives its slice of the gradient
// Hint: collect the values of the parts first; in the rule, bw.in_shape(i) says how long slice i is
// (normalise the axis first: a Shape takes no negative one).
Tensor concat(const Tensors& parts, int axis) {
  Arrays values;
  for (const Tensor& part : parts) values.push_back(part.value());
  return record("concat", concat(values, axis), parts, Save::nothing, [axis, count = parts.size()](const Backward& bw) {
    const int along = normalize_axis("concat", axis, bw.grad.rank());
    Arrays gradients;
    std::int64_t start = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::int64_t stop = start + bw.in_shape(static_cast<int>(i))[along];
      gradients.push_back(bw.needs(static_cast<int>(i)) ? slice(bw.grad, along, {start, stop}) : Array());
      start = stop;
    }
    return gradients;
  });
}

// 01.9 slice  x, axis, start:stop:step -> x with that axis shortened;  zero gradient where nothing was read
// Hint: unslice.
Tensor slice(const Tensor& x, int axis, Slice range) {
  return record(
      "slice", slice(x.value(), axis, range), {x}, Save::nothing,
      [axis, range](const Backward& bw) -> Arrays { return {unslice(bw.grad, bw.in_shape(0), axis, range)}; });
}

// 01.9 take  table (V, ...), ids -> ids.shape + (...);  a row taken twice receives both gradients
// Hint: take_adjoint.
Tensor take(const Tensor& table, const Indices& ids) {
  return record("take", take(table.value(), ids), {table}, Save::nothing,
                [ids](const Backward& bw) -> Arrays { return {take_adjoint(bw.grad, bw.in_shape(0), ids)}; });
}

// 01.9 gather  x, axis, index -> index's shape;  a place read twice receives both gradients
// Hint: gather_adjoint.
Tensor gather(const Tensor& x, int axis, const Indices& index) {
  return record(
      "gather", gather(x.value(), axis, index), {x}, Save::nothing,
      [axis, index](const Backward& bw) -> Arrays { return {gather_adjoint(bw.grad, bw.in_shape(0), axis, index)}; });
}

}  // namespace rushlight
