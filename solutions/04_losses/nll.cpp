// nll.cpp: minus the log-probability of the right class. C classes; a row is one prediction, of any number of axes.
#include "01_tensor/todo.hpp"
#include "04_losses/label_column.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {
namespace {  // solution

void check_label_shape(const char* op, const Shape& scores, const Shape& labels) {
  const int last = scores.rank() - 1;
  if (last >= 0 && scores[last] > 0 && reduced_shape(scores, {last}, false) == labels) return;
  throw ShapeError(
      "{}: scores {} and labels {} do not fit: needs (..., C) and (...), one label a row, with "
      "the classes, at least one, along the last axis.",
      {op, scores, labels});
}

}  // namespace

// 04.4 count_labels  op, shape (..., C) of the scores, labels (...), ignore_index -> how many labels count
// Throws ShapeError unless the labels' shape is the scores' without C, and C > 0; IndexError that names label, row and
// classes when a label other than ignore_index is outside 0..C-1.
// Hint: ignore_index may itself be a class number: look for it first.
std::int64_t count_labels(const char* op, const Shape& scores, const Indices& labels, std::int32_t ignore_index) {
  check_label_shape(op, scores, labels.shape());
  const std::int64_t classes = scores[scores.rank() - 1];
  std::int64_t count = 0;
  std::int64_t row = 0;
  const Indices here = labels.to(Device::cpu);  // an error can only be thrown here
  for (const std::int32_t label : here.data()) {
    if (label != ignore_index) {
      if (label < 0 || label >= classes) {
        throw IndexError(
            "{}: label {} in row {} is outside the {} classes (0..{}), and it is not the "
            "ignore_index {}.",
            {op, label, row, classes, classes - 1, ignore_index});
      }
      ++count;
    }
    ++row;
  }
  return count;
}

// 04.4 nll_loss  log_probs (..., C), labels (...), options -> scalar, or the labels' shape
// -log_probs[row, label], 0 at ignored rows;  ∂ = -1 at [row, label], 0 elsewhere
// Hint: label_column gives the places to gather and the rows that count. The rule needs neither input nor output: only
// these, and the shape bw.in_shape(0).
Tensor nll_loss(const Tensor& log_probs, const Indices& labels, const NllOptions& options) {
  const std::int64_t count = count_labels("nll_loss", log_probs.shape(), labels, options.ignore_index);
  const LabelColumn column = label_column(log_probs.value(), labels, options.ignore_index);
  const Array picked = where(column.counts, -gather(log_probs.value(), -1, column.at), Array::scalar(0));
  const Tensor losses = record("nll_loss", picked.with_shape(labels.shape()), {log_probs}, Save::nothing,
                               [column](const Backward& bw) -> Arrays {
                                 const Array grad = bw.grad.with_shape(column.at.shape());
                                 const Array to_picked = where(column.counts, -grad, Array::scalar(0));
                                 return {gather_adjoint(to_picked, bw.in_shape(0), -1, column.at)};
                               });
  return reduce_loss(losses, options.reduction, count);
}

}  // namespace rushlight
