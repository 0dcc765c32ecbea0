// cross_entropy.cpp: log_softmax and nll_loss in one op. It keeps two numbers a row where the two ops keep a whole row.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "02_activations/loops.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {
namespace {  // solution

// What each class of a row is aimed at: (1 - s)·[class = label] + s/C.
struct Target {
  Real label_share, every_share;
};

Target target_of(Real smoothing, std::int64_t classes) {
  return {1 - smoothing, smoothing / static_cast<Real>(classes)};
}

}  // namespace

// 04.5 cross_entropy_forward  logits x (..., C), labels (...) -> losses, row_max m, log_sum, each (...)
// With a = x - m and l = log Σ exp(a), log p = a - l:  loss = l - (1 - s) a[label] - s/C Σ a;  0 at ignored rows
// Hint: one Array of a, one exp of it, then one pass over the rows. Leave the Σ a out when s is 0: 0 · -inf is NaN.
CrossEntropyRows cross_entropy_forward(const Array& logits, const Indices& labels, const CrossEntropyOptions& options) {
  const auto [count, classes] = rows_of(logits.shape());
  CrossEntropyRows rows{zeros(labels.shape()), Array(labels.shape()), Array(labels.shape())};
  Array shifted(logits.shape());
  const Real* x = logits.data().data();
  Real* a = shifted.mutable_data().data();
  Real* row_maxima = rows.row_max.mutable_data().data();
  for (std::int64_t row = 0; row < count; ++row, x += classes, a += classes) {
    const Real largest = row_maxima[row] = row_max(x, classes);
    for (std::int64_t i = 0; i < classes; ++i) a[i] = x[i] - largest;
  }
  const Array exponentials = exp(shifted);
  const auto [label_share, every_share] = target_of(options.label_smoothing, classes);
  const Real* e = exponentials.data().data();
  a = shifted.mutable_data().data();
  Real* log_sums = rows.log_sum.mutable_data().data();
  Real* losses = rows.losses.mutable_data().data();
  for (std::int64_t row = 0; row < count; ++row, a += classes, e += classes) {
    log_sums[row] = std::log(row_sum(e, classes));
    const std::int32_t label = labels.data()[row];
    if (label == options.ignore_index) continue;
    losses[row] = log_sums[row] - label_share * a[label];
    if (every_share > 0) losses[row] -= every_share * row_sum(a, classes);
  }
  return rows;
}

// 04.5 cross_entropy_backward  grad (...), logits (..., C), labels (...), what forward returned -> dL/dlogits (..., C)
// grad · (p - (1 - s) [class = label] - s/C), p = exp((x - m) - log_sum);  exactly 0 at ignored rows
// Hint: ignored rows are filled with 0, not multiplied by it: their logits may be NaN.
Array cross_entropy_backward(const Array& grad, const Array& logits, const Indices& labels,
                             const CrossEntropyRows& rows, const CrossEntropyOptions& options) {
  const auto [count, classes] = rows_of(logits.shape());
  Array log_p(logits.shape());
  const Real* x = logits.data().data();
  const Real* row_maxima = rows.row_max.data().data();
  const Real* log_sums = rows.log_sum.data().data();
  Real* to = log_p.mutable_data().data();
  for (std::int64_t row = 0; row < count; ++row, x += classes, to += classes) {
    for (std::int64_t i = 0; i < classes; ++i) to[i] = (x[i] - row_maxima[row]) - log_sums[row];
  }
  Array dx = exp(log_p);
  const auto [label_share, every_share] = target_of(options.label_smoothing, classes);
  const Real* g = grad.data().data();
  to = dx.mutable_data().data();
  for (std::int64_t row = 0; row < count; ++row, to += classes) {
    const std::int32_t label = labels.data()[row];
    if (label == options.ignore_index) {
      std::fill_n(to, classes, Real{0});
      continue;
    }
    for (std::int64_t i = 0; i < classes; ++i) to[i] = g[row] * (to[i] - every_share);
    to[label] -= g[row] * label_share;
  }
  return dx;
}

// 04.5 cross_entropy  logits (..., C), labels (...), options -> scalar, or the labels' shape
// Throws ValueError unless 0 <= label_smoothing <= 1, and what count_labels throws.
// Hint: as softmax, with cross_entropy_slot; the rule captures labels, options and what forward returned.
Tensor cross_entropy(const Tensor& logits, const Indices& labels, const CrossEntropyOptions& options) {
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1)) {
    throw ValueError("cross_entropy: label_smoothing is {}, but must be in [0, 1].", {options.label_smoothing});
  }
  const std::int64_t count = count_labels("cross_entropy", logits.shape(), labels, options.ignore_index);
  const CrossEntropyKernel kernel =
      cross_entropy_slot.get(logits.value().device(), {cross_entropy_forward, cross_entropy_backward});
  const CrossEntropyRows rows = kernel.forward(logits.value(), labels, options);
  const Tensor recorded = record("cross_entropy", rows.losses, {logits}, Save::inputs,
                                 [backward = kernel.backward, labels, rows, options](const Backward& bw) -> Arrays {
                                   return {backward(bw.grad, bw.in(0), labels, rows, options)};
                                 });
  return reduce_loss(recorded, options.reduction, count);
}

}  // namespace rushlight
