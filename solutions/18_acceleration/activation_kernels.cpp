// activation_kernels.cpp: gelu and softmax with one pass over memory.
#include <algorithm>
#include <numbers>

#include "01_tensor/fast_exp.hpp"
#include "01_tensor/todo.hpp"
#include "18_acceleration/kernels.hpp"
#include "18_acceleration/parallel.hpp"
#include "18_acceleration/rows.hpp"

namespace rushlight {
namespace {

// Numbers in a piece of work: some 20 µs of exp.
constexpr std::int64_t numbers_of_a_piece = 16384;

// solution helper
constexpr auto twice_root_two_over_pi = static_cast<Real>(2 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
constexpr auto cubic = static_cast<Real>(0.044715);
constexpr auto largest_square = static_cast<Real>(1e30);  // of a number at which σ' is 0

// σ(2u), which is (1 + tanh u)/2.
Real gate(Real x) { return 1 / (1 + exp_of(-twice_root_two_over_pi * x * (1 + cubic * x * x))); }

std::int64_t rows_of_a_piece(std::int64_t length) {
  return std::max<std::int64_t>(1, numbers_of_a_piece / std::max<std::int64_t>(1, length));
}
// end solution

}  // namespace

// 18.5 fused_gelu_forward  x (any shape) -> same shape;  x·σ(2u), u = √(2/π)·(x + 0.044715 x³)
// The variant without tanh: gelu_forward.
// Hint: (1 + tanh u)/2 = σ(2u) = 1/(1 + exp(-2u)): one exp_of and one division, and no digits lost where tanh is near
// -1. parallel_for over the numbers; a loop over exp_of becomes vector instructions by itself.
Array fused_gelu_forward(const Array& x, GeluApproximation approximation) {
  if (approximation == GeluApproximation::none) return gelu_forward(x, approximation);
  Array y(x.shape());
  const Real* from = x.data().data();
  Real* to = y.mutable_data().data();
  parallel_for(x.size(), numbers_of_a_piece, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) to[i] = from[i] * gate(from[i]);
  });
  return y;
}

// 18.5 fused_gelu_backward  grad, x (any shape) -> same shape;  grad·(s + x·s·(1 - s)·2u'),  s = σ(2u)
//   2u' = 2·√(2/π)·(1 + 3·0.044715 x²)
// Finite for finite x. Hint: the derivative of σ is σ(1 - σ), times what stands inside. Where x² overflows, that is 0 · inf.
Array fused_gelu_backward(const Array& grad, const Array& x, GeluApproximation approximation) {
  if (approximation == GeluApproximation::none) return gelu_backward(grad, x, approximation);
  Array dx(x.shape());
  const Real* g = grad.data().data();
  const Real* from = x.data().data();
  Real* to = dx.mutable_data().data();
  parallel_for(x.size(), numbers_of_a_piece, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const Real v = from[i], s = gate(v), square = std::min(v * v, largest_square);
      to[i] = g[i] * (s + v * s * (1 - s) * twice_root_two_over_pi * (1 + 3 * cubic * square));
    }
  });
  return dx;
}

// 18.5 fused_softmax_forward  x (..., N), axis in 0..rank-1 -> same shape;  exp(x - m)/Σ exp(x - m), m = max x
// Along another axis than the last: softmax_forward.
// Hint: rows_of, and parallel_for over the rows. For each row: row_max, a loop that writes exp_of(x - m) to y, row_sum
// of what it wrote, and a loop that scales it: all of it within one row, which the first-level cache holds.
Array fused_softmax_forward(const Array& x, int axis) {
  if (axis != x.rank() - 1) return softmax_forward(x, axis);
  const auto [count, length] = rows_of(x.shape());
  Array y(x.shape());
  const Real* from = x.data().data();
  Real* to = y.mutable_data().data();
  parallel_for(count, rows_of_a_piece(length), [=, length = length](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      const Real* in = from + row * length;
      Real* out = to + row * length;
      const Real largest = row_max(in, length);
      for (std::int64_t i = 0; i < length; ++i) out[i] = exp_of(in[i] - largest);
      const Real scale = 1 / row_sum(out, length);
      for (std::int64_t i = 0; i < length; ++i) out[i] *= scale;
    }
  });
  return y;
}

// 18.5 fused_softmax_backward  grad, y (..., N), axis -> same shape;  y·(grad - Σ grad·y)
// Hint: row_dot, then one loop.
Array fused_softmax_backward(const Array& grad, const Array& y, int axis) {
  if (axis != y.rank() - 1) return softmax_backward(grad, y, axis);
  const auto [count, length] = rows_of(y.shape());
  Array dx(y.shape());
  const Real* g = grad.data().data();
  const Real* p = y.data().data();
  Real* to = dx.mutable_data().data();
  parallel_for(count, rows_of_a_piece(length), [=, length = length](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      const std::int64_t start = row * length;
      const Real mean = row_dot(g + start, p + start, length);
      for (std::int64_t i = start; i < start + length; ++i) to[i] = p[i] * (g[i] - mean);
    }
  });
  return dx;
}

}  // namespace rushlight
