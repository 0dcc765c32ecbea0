// tensor_movement.cpp: moves and reads that know their derivative. None of them computes: the gradient of each is
// the move undone, its adjoint.
#include "01_tensor/tensor.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 01.9 reshape  x, shape with at most one -1 -> shape;  the gradient takes x's shape again
// Hint: bw.in_shape(0) is there without saving anything.
Tensor reshape(const Tensor& x, const Shape& shape) {
  todo("01.9");
}

// 01.9 permute  x, axes -> axis i of the result is axis axes[i] of x
// The gradient goes through the inverse permutation.
// Hint: inverse[axes[i]] = i. Applying `axes` again is right for a swap and wrong for a rotation.
Tensor permute(const Tensor& x, const Axes& axes) {
  todo("01.9");
}

// 01.9 transpose  x, two axes -> x with these axes swapped;  the gradient is swapped back
// Hint: a swap is its own inverse.
Tensor transpose(const Tensor& x, int axis_a, int axis_b) {
  todo("01.9");
}

// 01.9 broadcast_to  x, shape -> shape;  the gradient is summed over what was repeated
// Hint: the engine does that for every op: pass the gradient on.
Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  todo("01.9");
}

// 01.9 concat  parts, axis -> one after the other along `axis`;  each part receives its slice of the gradient
// Hint: collect the values of the parts first; in the rule, bw.in_shape(i) says how long slice i is
// (normalise the axis first: a Shape takes no negative one).
Tensor concat(const Tensors& parts, int axis) {
  todo("01.9");
}

// 01.9 slice  x, axis, start:stop:step -> x with that axis shortened;  zero gradient where nothing was read
// Hint: unslice.
Tensor slice(const Tensor& x, int axis, Slice range) {
  todo("01.9");
}

// 01.9 take  table (V, ...), ids -> ids.shape + (...);  a row taken twice receives both gradients
// Hint: take_adjoint.
Tensor take(const Tensor& table, const Indices& ids) {
  todo("01.9");
}

// 01.9 gather  x, axis, index -> index's shape;  a place read twice receives both gradients
// Hint: gather_adjoint.
Tensor gather(const Tensor& x, int axis, const Indices& index) {
  todo("01.9");
}

}  // namespace rushlight
