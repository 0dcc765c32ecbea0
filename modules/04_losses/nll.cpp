// nll.cpp: minus the log-probability of the right class. C classes; a row is one prediction, of any number of axes.
#include "01_tensor/todo.hpp"
#include "04_losses/label_column.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {

// 04.4 count_labels  op, shape (..., C) of the scores, labels (...), ignore_index -> how many labels count
// Throws ShapeError unless the labels' shape is the scores' without C, and C > 0; IndexError that names label, row and
// classes when a label other than ignore_index is outside 0..C-1.
// Hint: ignore_index may itself be a class number: look for it first.
std::int64_t count_labels(const char* op, const Shape& scores, const Indices& labels, std::int32_t ignore_index) {
  todo("04.4");
}

// 04.4 nll_loss  log_probs (..., C), labels (...), options -> scalar, or the labels' shape
// -log_probs[row, label], 0 at ignored rows;  ∂ = -1 at [row, label], 0 elsewhere
// Hint: label_column gives the places to gather and the rows that count. The rule needs neither input nor output: only
// these, and the shape bw.in_shape(0).
Tensor nll_loss(const Tensor& log_probs, const Indices& labels, const NllOptions& options) {
  todo("04.4");
}

}  // namespace rushlight
