// softmax.cpp: the two activations that look at a whole line of numbers at once. N is the length of the axis.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "02_activations/loops.hpp"

namespace rushlight {
namespace {  // solution

// Runs f, which works along the last axis, along another one: that axis is moved to the end and back.
template <class Function>
Array along_last(int axis, Function f, const Array& a) {
  const int last = a.rank() - 1;
  return axis == last ? f(a) : transpose(f(transpose(a, axis, last)), axis, last);
}

template <class Function>
Array along_last(int axis, Function f, const Array& a, const Array& b) {
  const int last = a.rank() - 1;
  return axis == last ? f(a, b) : transpose(f(transpose(a, axis, last), transpose(b, axis, last)), axis, last);
}

// x (..., N) minus its row's largest value: exp of it is at most 1, and 1 somewhere in every row.
Array minus_row_max(const Array& x) {
  const auto [count, length] = rows_of(x.shape());
  Array shifted(x.shape());
  const Real* from = x.data().data();
  Real* to = shifted.mutable_data().data();
  for (std::int64_t row = 0; row < count; ++row, from += length, to += length) {
    const Real largest = row_max(from, length);
    for (std::int64_t i = 0; i < length; ++i) to[i] = from[i] - largest;
  }
  return shifted;
}

Array softmax_rows(const Array& x) {
  Array y = exp(minus_row_max(x));
  const auto [count, length] = rows_of(y.shape());
  Real* values = y.mutable_data().data();
  for (std::int64_t row = 0; row < count; ++row, values += length) {
    const Real scale = 1 / row_sum(values, length);  // one division a row; the sum is at least 1
    for (std::int64_t i = 0; i < length; ++i) values[i] *= scale;
  }
  return y;
}

Array softmax_rows_backward(const Array& grad, const Array& y) {
  const auto [count, length] = rows_of(y.shape());
  Array dx(y.shape());
  const Real* g = grad.data().data();
  const Real* p = y.data().data();
  Real* to = dx.mutable_data().data();
  for (std::int64_t row = 0; row < count; ++row, g += length, p += length, to += length) {
    const Real mean = row_dot(g, p, length);  // of the gradients, weighted with the probabilities
    for (std::int64_t i = 0; i < length; ++i) to[i] = p[i] * (g[i] - mean);
  }
  return dx;
}

Array log_softmax_rows(const Array& x) {
  Array y = minus_row_max(x);
  const Array e = exp(y);
  const auto [count, length] = rows_of(y.shape());
  const Real* from = e.data().data();
  Real* values = y.mutable_data().data();
  for (std::int64_t row = 0; row < count; ++row, from += length, values += length) {
    const Real log_sum = std::log(row_sum(from, length));
    for (std::int64_t i = 0; i < length; ++i) values[i] -= log_sum;
  }
  return y;
}

Array log_softmax_rows_backward(const Array& grad, const Array& y) {
  Array dx = exp(y);
  const auto [count, length] = rows_of(y.shape());
  const Real* g = grad.data().data();
  Real* values = dx.mutable_data().data();
  for (std::int64_t row = 0; row < count; ++row, g += length, values += length) {
    const Real total = row_sum(g, length);
    for (std::int64_t i = 0; i < length; ++i) values[i] = g[i] - values[i] * total;
  }
  return dx;
}

}  // namespace

// 02.5 softmax_forward  x (..., N, ...), axis in 0..rank-1 -> same shape;  y = exp(x - m) / Σ exp(x - m), m = max x
// Hint: a reduction with keepdim broadcasts back over x. Rows are contiguous along the last axis only: transpose moves
// another axis there, and back. An empty array has no maximum: mind it.
Array softmax_forward(const Array& x, int axis) { return along_last(axis, softmax_rows, x); }

// 02.5 softmax_backward  grad, y (..., N, ...), axis in 0..rank-1 -> same shape;  dx = y · (grad - Σ grad · y)
// Hint: the sum runs along `axis` only, and every element of the line gets the same one.
Array softmax_backward(const Array& grad, const Array& y, int axis) {
  return along_last(axis, softmax_rows_backward, grad, y);
}

// 02.5 softmax  x (..., N, ...), axis -> same shape
// Hint: normalize_axis first (its first argument is the op's name); then as gelu, but the rule needs only the output.
Tensor softmax(const Tensor& x, int axis) {
  const int along = normalize_axis("softmax", axis, x.rank());
  const SoftmaxKernel kernel = softmax_slot.get(x.value().device(), {softmax_forward, softmax_backward});
  return record(
      "softmax", kernel.forward(x.value(), along), {x}, Save::output,
      [backward = kernel.backward, along](const Backward& bw) -> Arrays { return {backward(bw.grad, bw.out, along)}; });
}

// 02.6 log_softmax_forward  x (..., N, ...), axis in 0..rank-1 -> same shape;  y = (x - m) - log Σ exp(x - m)
// Hint: take the log of the sum, never of a probability: log of a rounded 0 is -inf.
Array log_softmax_forward(const Array& x, int axis) { return along_last(axis, log_softmax_rows, x); }

// 02.6 log_softmax_backward  grad, y (..., N, ...), axis in 0..rank-1 -> same shape;  dx = grad - exp(y) · Σ grad
// Hint: exp(y) is the softmax.
Array log_softmax_backward(const Array& grad, const Array& y, int axis) {
  return along_last(axis, log_softmax_rows_backward, grad, y);
}

// 02.6 log_softmax  x (..., N, ...), axis -> same shape
// Hint: softmax with other names; its slot is log_softmax_slot.
Tensor log_softmax(const Tensor& x, int axis) {
  const int along = normalize_axis("log_softmax", axis, x.rank());
  const SoftmaxKernel kernel = log_softmax_slot.get(x.value().device(), {log_softmax_forward, log_softmax_backward});
  return record(
      "log_softmax", kernel.forward(x.value(), along), {x}, Save::output,
      [backward = kernel.backward, along](const Backward& bw) -> Arrays { return {backward(bw.grad, bw.out, along)}; });
}

}  // namespace rushlight
