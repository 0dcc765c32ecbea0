// nll.cpp: minus the log-probability of the right class. C classes; a row is one prediction, of any number of axes.
#include "01_tensor/todo.hpp"
#include "02_activations/loops.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {
namespace {  // solution

void check_label_shape(const char* op, const Shape& scores, const Shape& labels) {
  if (scores.rank() > 0 && reduced_shape(scores, {scores.rank() - 1}, false) == labels) return;
  throw ShapeError(
      "{}: scores {} and labels {} do not fit: needs (..., C) and (...), one label a row, with "
      "the classes along the last axis.",
      {op, scores, labels});
}

}  // namespace

// 04.4 count_labels  op, shape (..., C) of the scores, labels (...), ignore_index -> how many labels count
// Throws ShapeError unless the labels' shape is the scores' without C; IndexError that names label, row and classes
// when a label other than ignore_index is outside 0..C-1.
// Hint: ignore_index may itself be a class number: look for it first.
std::int64_t count_labels(const char* op, const Shape& scores, const Indices& labels, std::int32_t ignore_index) {
  check_label_shape(op, scores, labels.shape());
  const std::int64_t classes = scores[scores.rank() - 1];
  std::int64_t count = 0;
  std::int64_t row = 0;
  for (const std::int32_t label : labels.data()) {
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
// Hint: the rule needs neither input nor output: only labels, and the shape bw.in_shape(0).
Tensor nll_loss(const Tensor& log_probs, const Indices& labels, const NllOptions& options) {
  const std::int32_t ignored = options.ignore_index;
  const std::int64_t count = count_labels("nll_loss", log_probs.shape(), labels, ignored);
  const std::int64_t classes = log_probs.dim(-1);
  Array losses = zeros(labels.shape());
  const Real* scores = log_probs.value().data().data();
  Real* loss = losses.mutable_data().data();
  for (const std::int32_t label : labels.data()) {
    if (label != ignored) *loss = -scores[label];
    ++loss;
    scores += classes;
  }
  const Tensor recorded =
      record("nll_loss", losses, {log_probs}, Save::nothing, [labels, ignored](const Backward& bw) -> Arrays {
        Array dx = zeros(bw.in_shape(0));
        Real* to = dx.mutable_data().data();
        const Real* g = bw.grad.data().data();
        for (const std::int32_t label : labels.data()) {
          if (label != ignored) to[label] = -*g;
          ++g;
          to += dx.dim(-1);
        }
        return {dx};
      });
  return reduce_loss(recorded, options.reduction, count);
}

}  // namespace rushlight
