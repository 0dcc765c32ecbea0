// cross_entropy.cpp: log_softmax and nll_loss in one op. It keeps three numbers a row (of which the rule reads two) where
// the two ops keep a whole row.
#include "01_tensor/todo.hpp"
#include "04_losses/label_column.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {
namespace {  // solution

// What each class of a row is aimed at: (1 - s)·[class = label] + s/C.
struct Target {
  Real label_share, every_share;
};

Target target_of(Real smoothing, const Shape& logits) {
  return {1 - smoothing, smoothing / static_cast<Real>(logits[logits.rank() - 1])};
}

}  // namespace

// 04.5 cross_entropy_forward  logits x (..., C), labels (...) -> losses, row_max m, log_sum, each (...)
// With a = x - m and l = log Σ exp(a), log p = a - l:  loss = l - (1 - s) a[label] - s/C Σ a;  0 at ignored rows
// Hint: label_column gives the places to gather and the rows that count. Leave the Σ a out when s is 0: 0 · -inf is NaN.
CrossEntropyRows cross_entropy_forward(const Array& logits, const Indices& labels, const CrossEntropyOptions& options) {
  const LabelColumn column = label_column(logits, labels, options.ignore_index);
  const auto [label_share, every_share] = target_of(options.label_smoothing, logits.shape());
  const Array m = max(logits, {-1}, true);
  const Array a = logits - m;
  const Array log_sum = log(sum(exp(a), {-1}, true));
  Array losses = log_sum - label_share * gather(a, -1, column.at);
  if (every_share > 0) losses = losses - every_share * sum(a, {-1}, true);
  losses = where(column.counts, losses, Array::scalar(0));
  const Shape& rows = labels.shape();
  return {losses.with_shape(rows), m.with_shape(rows), log_sum.with_shape(rows)};
}

// 04.5 cross_entropy_backward  grad (...), logits (..., C), labels (...), what forward returned -> dL/dlogits (..., C)
// grad · (p - (1 - s) [class = label] - s/C), p = exp((x - m) - log_sum);  exactly 0 at ignored rows
// Hint: gather_adjoint puts what the label's class receives in its place. Choose the 0 of an ignored row, do not
// multiply by it: its logits may be NaN.
Array cross_entropy_backward(const Array& grad, const Array& logits, const Indices& labels,
                             const CrossEntropyRows& rows, const CrossEntropyOptions& options) {
  const LabelColumn column = label_column(logits, labels, options.ignore_index);
  const auto [label_share, every_share] = target_of(options.label_smoothing, logits.shape());
  const Shape& shape = column.at.shape();
  const Array g = grad.with_shape(shape);
  const Array p = exp((logits - rows.row_max.with_shape(shape)) - rows.log_sum.with_shape(shape));
  const Array at_label = gather_adjoint(g * label_share, logits.shape(), -1, column.at);
  return where(column.counts, g * (p - every_share) - at_label, Array::scalar(0));
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
  const Tensor losses = record("cross_entropy", rows.losses, {logits}, Save::inputs,
                               [backward = kernel.backward, labels, rows, options](const Backward& bw) -> Arrays {
                                 return {backward(bw.grad, bw.in(0), labels, rows, options)};
                               });
  return reduce_loss(losses, options.reduction, count);
}

}  // namespace rushlight
