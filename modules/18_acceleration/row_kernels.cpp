// row_kernels.cpp: layer norm and cross-entropy, each row finished while the first-level cache holds it.
// Letters: R rows, D numbers in a row; C classes.
#include <algorithm>
#include <cmath>
#include <vector>

#include "01_tensor/blas.hpp"
#include "01_tensor/fast_exp.hpp"
#include "01_tensor/todo.hpp"
#include "18_acceleration/kernels.hpp"
#include "18_acceleration/parallel.hpp"
#include "18_acceleration/rows.hpp"
#include "18_acceleration/turn_over.hpp"

namespace rushlight {
namespace {

// Rows in a piece of work. Sums over all rows are added up piece by piece, so this is also how many numbers are added
// in Real before double takes over.
constexpr std::int64_t rows_of_a_piece = 64;

// Rows of logits in a piece: so many that their numbers fit into the first-level cache.
std::int64_t logits_of_a_piece(std::int64_t classes) {
  constexpr std::int64_t numbers = 8192;
  return std::max<std::int64_t>(1, numbers / std::max<std::int64_t>(1, classes));
}

}  // namespace

// 18.6 fused_layer_norm  x (R, D), weight (D) and bias (D) or both undefined -> y (R, D), mean (R, 1), rstd (R, 1)
//   variance = mean((x - mean)²),  rstd = 1/√(variance + eps),  y = (x - mean)·rstd·weight + bias
// A row of equal numbers gives exactly bias.
// Hint: parallel_for over the rows; for each one row_sum for the mean, reduce_row for what its rounding left, which is
// added to it, reduce_row for the squares of what is left when the mean is taken off, and one loop that writes y.
LayerNormForward fused_layer_norm(const Array& x, const Array& weight, const Array& bias, Real eps) {
  todo("18.6");
}

// 18.6 fused_layer_norm_backward_x  grad, x (R, D), weight (D) or undefined, row_mean, rstd (R, 1) -> dx (R, D)
//   h = grad·weight,  x̂ = (x - row_mean)·rstd,  dx = rstd·(h - mean(h) - x̂·mean(h·x̂)), means along each row
// Hint: two sums, then one loop. Write h to dx first: then it is at hand three times.
Array fused_layer_norm_backward_x(const Array& grad, const Array& x, const Array& weight, const Array& row_mean,
                                  const Array& rstd) {
  todo("18.6");
}

// 18.6 fused_layer_norm_backward_affine  grad, x (R, D), row_mean, rstd (R, 1) -> {dweight (D), dbias (D)}
//   dweight = Σ grad·x̂,  dbias = Σ grad, over the rows
// Hint: every row adds to the same 2·D numbers, so threads would get into each other's way: each piece of rows has its
// own 2·D, and these are added up at the end, in the order of the pieces.
Arrays fused_layer_norm_backward_affine(const Array& grad, const Array& x, const Array& row_mean, const Array& rstd) {
  todo("18.6");
}

// 18.6 fused_cross_entropy_forward  logits x (..., C), labels (...) -> losses, row_max m, log_sum, each (...)
// With a = x - m and l = log Σ exp(a), log p = a - l:  loss = l - (1 - s) a[label] - s/C Σ a;  0 at ignored rows
// Hint: parallel_for over the rows, logits_of_a_piece at a time. Write x - m of all rows of the piece to scratch, then
// one loop of exp_of over all of it: ten classes alone would not fill a vector. Or turn few classes over (blas.hpp) and
// let the loops run along the rows. Leave the Σ a out when s is 0: 0 · -inf is NaN.
CrossEntropyRows fused_cross_entropy_forward(const Array& logits, const Indices& labels,
                                             const CrossEntropyOptions& options) {
  todo("18.6");
}

// 18.6 fused_cross_entropy_backward  grad (...), logits (..., C), labels (...), what forward returned -> (..., C)
//   grad · (p - (1 - s) [class = label] - s/C), p = exp((x - m) - log_sum);  exactly 0 at ignored rows
// Hint: as in the forward pass, the exponentials of a whole piece in one loop, and the label's place afterwards.
// Ignored rows are filled with 0, not multiplied by it.
Array fused_cross_entropy_backward(const Array& grad, const Array& logits, const Indices& labels,
                                   const CrossEntropyRows& rows, const CrossEntropyOptions& options) {
  todo("18.6");
}

}  // namespace rushlight
