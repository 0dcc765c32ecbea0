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

// solution helper
Real plus(Real a, Real b) { return a + b; }

// Σ of `terms` (pieces, 2, D) over the pieces, in their order and in double: (2, D).
std::vector<double> totals_of(const std::vector<Real>& terms, std::int64_t width) {
  std::vector<double> totals(static_cast<std::size_t>(width));
  for (std::size_t at = 0; at < terms.size(); ++at) totals[at % static_cast<std::size_t>(width)] += terms[at];
  return totals;
}

// For each of `rows` rows of C logits x: maximum m and Σ exp(x - m). Along each row; scratch holds a whole piece.
void exponentials_by_row(const Real* x, std::int64_t rows, std::int64_t C, Real* scratch, Real* maxima, Real* sums) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const Real* in = x + row * C;
    const Real m = maxima[row] = row_max(in, C);
    for (std::int64_t i = 0; i < C; ++i) scratch[row * C + i] = in[i] - m;
  }
  for (std::int64_t i = 0; i < rows * C; ++i) scratch[i] = exp_of(scratch[i]);
  for (std::int64_t row = 0; row < rows; ++row) sums[row] = row_sum(scratch + row * C, C);
}

// The same with a line per class: the loops run over all rows, where ten classes would not even fill one vector.
void exponentials_by_class(const Real* x, std::int64_t rows, std::int64_t C, Real* scratch, Real* maxima, Real* sums) {
  turn_over(x, rows, C, C, scratch, rows);
  std::copy_n(scratch, rows, maxima);
  for (const Real* line = scratch + rows; line < scratch + C * rows; line += rows) {
    for (std::int64_t row = 0; row < rows; ++row) maxima[row] = line[row] > maxima[row] ? line[row] : maxima[row];
  }
  std::fill_n(sums, rows, Real{0});
  for (const Real* line = scratch; line < scratch + C * rows; line += rows) {
    for (std::int64_t row = 0; row < rows; ++row) sums[row] += exp_of(line[row] - maxima[row]);
  }
}
// end solution

}  // namespace

// 18.6 fused_layer_norm  x (R, D), weight (D) and bias (D) or both undefined -> y (R, D), mean (R, 1), rstd (R, 1)
//   variance = mean((x - mean)²),  rstd = 1/√(variance + eps),  y = (x - mean)·rstd·weight + bias
// A row of equal numbers gives exactly bias.
// Hint: parallel_for over the rows; for each one row_sum for the mean, reduce_row for what its rounding left, which is
// added to it, reduce_row for the squares of what is left when the mean is taken off, and one loop that writes y.
LayerNormForward fused_layer_norm(const Array& x, const Array& weight, const Array& bias, Real eps) {
  const std::int64_t R = x.dim(0), D = x.dim(1);
  LayerNormForward result{Array(x.shape()), Array({R, 1}), Array({R, 1})};
  const Real* from = x.data().data();
  const Real* w = weight.defined() ? weight.data().data() : nullptr;
  const Real* b = weight.defined() ? bias.data().data() : nullptr;
  Real* to = result.y.mutable_data().data();
  Real* means = result.mean.mutable_data().data();
  Real* rstds = result.rstd.mutable_data().data();
  parallel_for(R, rows_of_a_piece, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      const Real* in = from + row * D;
      Real* out = to + row * D;
      const Real rounded = row_sum(in, D) / static_cast<Real>(D);
      const Real rest = reduce_row(
          D, 0, [=](std::int64_t i) { return in[i] - rounded; }, plus);
      const Real mean = means[row] = rounded + rest / static_cast<Real>(D);
      const Real squares = reduce_row(
          D, 0, [=](std::int64_t i) { return (in[i] - mean) * (in[i] - mean); }, plus);
      const Real rstd = rstds[row] = 1 / std::sqrt(squares / static_cast<Real>(D) + eps);
      if (w == nullptr) {
        for (std::int64_t i = 0; i < D; ++i) out[i] = (in[i] - mean) * rstd;
      } else {
        for (std::int64_t i = 0; i < D; ++i) out[i] = (in[i] - mean) * rstd * w[i] + b[i];
      }
    }
  });
  return result;
}

// 18.6 fused_layer_norm_backward_x  grad, x (R, D), weight (D) or undefined, row_mean, rstd (R, 1) -> dx (R, D)
//   h = grad·weight,  x̂ = (x - row_mean)·rstd,  dx = rstd·(h - mean(h) - x̂·mean(h·x̂)), means along each row
// Hint: two sums, then one loop. Write h to dx first: then it is at hand three times.
Array fused_layer_norm_backward_x(const Array& grad, const Array& x, const Array& weight, const Array& row_mean,
                                  const Array& rstd) {
  const std::int64_t R = x.dim(0), D = x.dim(1);
  Array dx(x.shape());
  const Real* gradients = grad.data().data();
  const Real* from = x.data().data();
  const Real* w = weight.defined() ? weight.data().data() : nullptr;
  const Real* means = row_mean.data().data();
  const Real* rstds = rstd.data().data();
  Real* to = dx.mutable_data().data();
  parallel_for(R, rows_of_a_piece, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      const Real* g = gradients + row * D;
      const Real* in = from + row * D;
      Real* h = to + row * D;
      const Real centre = means[row], scale = rstds[row];
      if (w == nullptr) {
        std::copy_n(g, D, h);
      } else {
        for (std::int64_t i = 0; i < D; ++i) h[i] = g[i] * w[i];
      }
      const Real along_mean = row_sum(h, D) / static_cast<Real>(D);
      const Real along_scale = reduce_row(
                                   D, 0, [=](std::int64_t i) { return h[i] * ((in[i] - centre) * scale); }, plus) /
                               static_cast<Real>(D);
      for (std::int64_t i = 0; i < D; ++i) {
        h[i] = scale * (h[i] - along_mean - (in[i] - centre) * scale * along_scale);
      }
    }
  });
  return dx;
}

// 18.6 fused_layer_norm_backward_affine  grad, x (R, D), row_mean, rstd (R, 1) -> {dweight (D), dbias (D)}
//   dweight = Σ grad·x̂,  dbias = Σ grad, over the rows
// Hint: every row adds to the same 2·D numbers, so threads would get into each other's way: each piece of rows has its
// own 2·D, and these are added up at the end, in the order of the pieces.
Arrays fused_layer_norm_backward_affine(const Array& grad, const Array& x, const Array& row_mean, const Array& rstd) {
  const std::int64_t R = x.dim(0), D = x.dim(1);
  const std::int64_t pieces = (R + rows_of_a_piece - 1) / rows_of_a_piece;
  std::vector<Real> terms(static_cast<std::size_t>(pieces * 2 * D));
  const Real* gradients = grad.data().data();
  const Real* from = x.data().data();
  const Real* means = row_mean.data().data();
  const Real* rstds = rstd.data().data();
  Real* start = terms.data();
  parallel_for(R, rows_of_a_piece, [=](std::int64_t first, std::int64_t last) {
    Real* dweight = start + first / rows_of_a_piece * 2 * D;
    Real* dbias = dweight + D;
    for (std::int64_t row = first; row < last; ++row) {
      const Real* g = gradients + row * D;
      const Real* in = from + row * D;
      const Real centre = means[row], scale = rstds[row];
      for (std::int64_t i = 0; i < D; ++i) {
        dweight[i] += g[i] * ((in[i] - centre) * scale);
        dbias[i] += g[i];
      }
    }
  });
  const std::vector<double> totals = totals_of(terms, 2 * D);
  Arrays result{Array({D}), Array({D})};
  std::copy_n(totals.begin(), D, result[0].mutable_data().begin());
  std::copy_n(totals.begin() + D, D, result[1].mutable_data().begin());
  return result;
}

// 18.6 fused_cross_entropy_forward  logits x (..., C), labels (...) -> losses, row_max m, log_sum, each (...)
// With a = x - m and l = log Σ exp(a), log p = a - l:  loss = l - (1 - s) a[label] - s/C Σ a;  0 at ignored rows
// Hint: parallel_for over the rows, logits_of_a_piece at a time. Write x - m of all rows of the piece to scratch, then
// one loop of exp_of over all of it: ten classes alone would not fill a vector. Or turn few classes over (blas.hpp) and
// let the loops run along the rows. Leave the Σ a out when s is 0: 0 · -inf is NaN.
CrossEntropyRows fused_cross_entropy_forward(const Array& logits, const Indices& labels,
                                             const CrossEntropyOptions& options) {
  constexpr std::int64_t few_classes = 32;
  const auto [count, C] = rows_of(logits.shape());
  CrossEntropyRows rows{Array(labels.shape()), Array(labels.shape()), Array(labels.shape())};
  const Real* x = logits.data().data();
  const std::int32_t* label_of = labels.data().data();
  Real* losses = rows.losses.mutable_data().data();
  Real* maxima = rows.row_max.mutable_data().data();
  Real* log_sums = rows.log_sum.mutable_data().data();
  const Real every = options.label_smoothing / static_cast<Real>(C), own = 1 - options.label_smoothing;
  const auto exponentials = C <= few_classes ? exponentials_by_class : exponentials_by_row;
  parallel_for(count, logits_of_a_piece(C), [&, C = C](std::int64_t first, std::int64_t last) {
    Array scratch(Shape{(last - first) * C});
    exponentials(x + first * C, last - first, C, scratch.mutable_data().data(), maxima + first, log_sums + first);
    for (std::int64_t row = first; row < last; ++row) {
      const Real* in = x + row * C;
      const Real m = maxima[row], l = log_sums[row] = std::log(log_sums[row]);
      const std::int32_t label = label_of[row];
      losses[row] = 0;
      if (label == options.ignore_index) continue;
      losses[row] = l - own * (in[label] - m);
      if (every > 0) {
        losses[row] -= every * reduce_row(
                                   C, 0, [=](std::int64_t i) { return in[i] - m; }, plus);
      }
    }
  });
  return rows;
}

// 18.6 fused_cross_entropy_backward  grad (...), logits (..., C), labels (...), what forward returned -> (..., C)
//   grad · (p - (1 - s) [class = label] - s/C), p = exp((x - m) - log_sum);  exactly 0 at ignored rows
// Hint: as in the forward pass, the exponentials of a whole piece in one loop, and the label's place afterwards.
// Ignored rows are filled with 0, not multiplied by it.
Array fused_cross_entropy_backward(const Array& grad, const Array& logits, const Indices& labels,
                                   const CrossEntropyRows& rows, const CrossEntropyOptions& options) {
  const auto [count, C] = rows_of(logits.shape());
  Array dx(logits.shape());
  const Real* gradients = grad.data().data();
  const Real* x = logits.data().data();
  const std::int32_t* label_of = labels.data().data();
  const Real* maxima = rows.row_max.data().data();
  const Real* log_sums = rows.log_sum.data().data();
  Real* to = dx.mutable_data().data();
  const Real every = options.label_smoothing / static_cast<Real>(C), own = 1 - options.label_smoothing;
  parallel_for(count, logits_of_a_piece(C), [&, C = C](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      const Real* in = x + row * C;
      const Real m = maxima[row], l = log_sums[row];
      for (std::int64_t i = 0; i < C; ++i) to[row * C + i] = (in[i] - m) - l;
    }
    for (std::int64_t i = first * C; i < last * C; ++i) to[i] = exp_of(to[i]);
    for (std::int64_t row = first; row < last; ++row) {
      Real* out = to + row * C;
      if (label_of[row] == options.ignore_index) {
        std::fill_n(out, C, Real{0});
        continue;
      }
      const Real g = gradients[row];
      for (std::int64_t i = 0; i < C; ++i) out[i] = g * (out[i] - every);
      out[label_of[row]] -= g * own;
    }
  });
  return dx;
}

}  // namespace rushlight
