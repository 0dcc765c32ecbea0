// cross_entropy.cpp: log_softmax and nll_loss in one op. It keeps three numbers a row (of which the rule reads two) where
// the two ops keep a whole row.
#include "01_tensor/todo.hpp"
#include "04_losses/label_column.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {

// 04.5 cross_entropy_forward  logits x (..., C), labels (...) -> losses, row_max m, log_sum, each (...)
// With a = x - m and l = log Σ exp(a), log p = a - l:  loss = l - (1 - s) a[label] - s/C Σ a;  0 at ignored rows
// Hint: label_column gives the places to gather and the rows that count. Leave the Σ a out when s is 0: 0 · -inf is NaN.
CrossEntropyRows cross_entropy_forward(const Array& logits, const Indices& labels, const CrossEntropyOptions& options) {
  todo("04.5");
}

// 04.5 cross_entropy_backward  grad (...), logits (..., C), labels (...), what forward returned -> dL/dlogits (..., C)
// grad · (p - (1 - s) [class = label] - s/C), p = exp((x - m) - log_sum);  exactly 0 at ignored rows
// Hint: gather_adjoint puts what the label's class receives in its place. Choose the 0 of an ignored row, do not
// multiply by it: its logits may be NaN.
Array cross_entropy_backward(const Array& grad, const Array& logits, const Indices& labels,
                             const CrossEntropyRows& rows, const CrossEntropyOptions& options) {
  todo("04.5");
}

// 04.5 cross_entropy  logits (..., C), labels (...), options -> scalar, or the labels' shape
// Throws ValueError unless 0 <= label_smoothing <= 1, and what count_labels throws.
// Hint: as softmax, with cross_entropy_slot; the rule captures labels, options and what forward returned.
Tensor cross_entropy(const Tensor& logits, const Indices& labels, const CrossEntropyOptions& options) {
  todo("04.5");
}

}  // namespace rushlight
