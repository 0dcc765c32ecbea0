// logsumexp.cpp: the logarithm of a sum of exponentials, without ever forming a large exponential.
#include <limits>

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {
namespace {  // solution

constexpr Real infinity = std::numeric_limits<Real>::infinity();

// x (..., N, ...) -> (..., 1, ...)
Array logsumexp_kept(const Array& x, int axis) {
  const Shape kept = reduced_shape(x.shape(), {axis}, true);
  if (x.shape()[axis] == 0) return Array::full(kept, -infinity);  // log 0
  // inf - inf would be NaN, so an infinite maximum is not subtracted: exp and log treat it rightly by themselves.
  const Array m = max(x, {axis}, true);
  const Array shift = where(equal(abs(m), Array::scalar(infinity)), Array::scalar(0), m);
  return shift + log(sum(exp(x - shift), {axis}, true));
}

}  // namespace

// 04.2 logsumexp  x (..., N, ...), axis, keepdim -> x without the axis, or with size 1 there
// m + log Σ exp(x - m), m = max x;  ∂/∂x = softmax(x)
// An empty line, or one of -inf alone, gives -inf; a +inf gives +inf. IndexError for an axis that is not there.
// Hint: you wrote softmax_forward in 02. Give the gradient its axis back (with_shape) and it broadcasts.
Tensor logsumexp(const Tensor& x, int axis, bool keepdim) {
  const int along = normalize_axis("logsumexp", axis, x.rank());
  const Array value = logsumexp_kept(x.value(), along).with_shape(reduced_shape(x.shape(), {along}, keepdim));
  return record("logsumexp", value, {x}, Save::inputs, [along](const Backward& bw) -> Arrays {
    const Array grad = bw.grad.with_shape(reduced_shape(bw.in_shape(0), {along}, true));
    return {grad * softmax_forward(bw.in(0), along)};
  });
}

}  // namespace rushlight
