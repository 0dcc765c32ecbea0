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

}  // namespace

// 18.5 fused_gelu_forward  x (any shape) -> same shape;  x·σ(2u), u = √(2/π)·(x + 0.044715 x³)
// The variant without tanh: gelu_forward.
// Hint: (1 + tanh u)/2 = σ(2u) = 1/(1 + exp(-2u)): one exp_of and one division, and no digits lost where tanh is near
// -1. parallel_for over the numbers; a loop over exp_of becomes vector instructions by itself.
Array fused_gelu_forward(const Array& x, GeluApproximation approximation) {
  todo("18.5");
}

// 18.5 fused_gelu_backward  grad, x (any shape) -> same shape;  grad·(s + x·s·(1 - s)·2u'),  s = σ(2u)
//   2u' = 2·√(2/π)·(1 + 3·0.044715 x²)
// Finite for finite x. Hint: the derivative of σ is σ(1 - σ), times what stands inside. Where x² overflows, that is 0 · inf.
Array fused_gelu_backward(const Array& grad, const Array& x, GeluApproximation approximation) {
  todo("18.5");
}

// 18.5 fused_softmax_forward  x (..., N), axis in 0..rank-1 -> same shape;  exp(x - m)/Σ exp(x - m), m = max x
// Along another axis than the last: softmax_forward.
// Hint: rows_of, and parallel_for over the rows. For each row: row_max, a loop that writes exp_of(x - m) to y, row_sum
// of what it wrote, and a loop that scales it: all of it within one row, which the first-level cache holds.
Array fused_softmax_forward(const Array& x, int axis) {
  todo("18.5");
}

// 18.5 fused_softmax_backward  grad, y (..., N), axis -> same shape;  y·(grad - Σ grad·y)
// Hint: row_dot, then one loop.
Array fused_softmax_backward(const Array& grad, const Array& y, int axis) {
  todo("18.5");
}

}  // namespace rushlight
