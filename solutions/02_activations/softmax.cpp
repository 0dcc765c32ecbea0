// softmax.cpp: the two activations that look at a whole line of numbers at once. N is the length of the axis.
#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"

namespace rushlight {
namespace {  // solution

// x minus the largest value of its line: exp of it is at most 1, and 1 somewhere in every line.
Array shifted(const Array& x, int axis) {
  if (x.size() == 0) return x;  // no lines, and max of nothing is an error
  return x - max(x, {axis}, true);
}

}  // namespace

// 02.5 softmax_forward  x (..., N, ...), axis in 0..rank-1 -> same shape;  y = exp(x - m) / Σ exp(x - m), m = max x
// Hint: a reduction with keepdim broadcasts back over x. An empty array has no maximum: mind it.
Array softmax_forward(const Array& x, int axis) {
  const Array e = exp(shifted(x, axis));
  return e / sum(e, {axis}, true);
}

// 02.5 softmax_backward  grad, y (..., N, ...), axis in 0..rank-1 -> same shape;  dx = y · (grad - Σ grad · y)
// Hint: the sum runs along `axis` only, and every element of the line gets the same one.
Array softmax_backward(const Array& grad, const Array& y, int axis) { return y * (grad - sum(grad * y, {axis}, true)); }

// 02.5 softmax  x (..., N, ...), axis -> same shape
// Hint: normalize_axis first (its first argument is the op's name); then as gelu, but the rule needs only the output.
Tensor softmax(const Tensor& x, int axis) {
  const int along = normalize_axis("softmax", axis, x.rank());
  const SoftmaxKernel kernel = softmax_slot.get(x.value().device(), {softmax_forward, softmax_backward});
  return record(
      "softmax", kernel.forward(x.value(), along), {x}, Save::output,
      [backward = kernel.backward, along](const Backward& bw) -> Arrays { return {backward(bw.grad, bw.out, along)}; });
}

// 02.6 log_softmax  x (..., N, ...), axis -> same shape;  y = (x - m) - log Σ exp(x - m);  dx = g - exp(y) · Σ g
// Hint: take the log of the sum, never of a probability: log of a rounded 0 is -inf. exp(y) is the softmax.
Tensor log_softmax(const Tensor& x, int axis) {
  const int along = normalize_axis("log_softmax", axis, x.rank());
  const Array a = shifted(x.value(), along);
  const Array y = a - log(sum(exp(a), {along}, true));
  return record("log_softmax", y, {x}, Save::output, [along](const Backward& bw) -> Arrays {
    return {bw.grad - exp(bw.out) * sum(bw.grad, {along}, true)};
  });
}

}  // namespace rushlight
