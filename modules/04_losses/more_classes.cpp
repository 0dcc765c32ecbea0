// more_classes.cpp: given. Some classes count more than others.
#include "04_losses/label_column.hpp"
#include "04_losses/more.hpp"

namespace rushlight {
namespace {

void check_weight(const char* op, const Shape& scores, const Array& weight) {
  const Shape classes{scores[scores.rank() - 1]};
  if (weight.shape() == classes) return;
  throw ShapeError("{}: weight is {}, but the scores are {}: needs one weight a class, {}.",
                   {op, weight.shape(), scores, classes});
}

// The weight of each row's label, in the labels' shape; 0 where the label is ignored.
Array row_weights(const LabelColumn& column, const Indices& labels, const Array& weight) {
  const Array each = where(column.counts, take(weight, column.at), zeros({}).to(weight.device()));
  return each.with_shape(labels.shape());
}

// The mean over rows that count as much as their labels do.
Tensor reduce_weighted(const Tensor& losses, const Array& weights, Reduction reduction) {
  if (reduction == Reduction::none) return losses;
  return reduction == Reduction::sum ? sum(losses) : sum(losses) / Tensor(sum(weights));
}

}  // namespace

Tensor nll_loss(const Tensor& log_probs, const Indices& labels, const Array& weight, const NllOptions& options) {
  if (!weight.defined()) return nll_loss(log_probs, labels, options);
  const Tensor losses =
      nll_loss(log_probs, labels, {.ignore_index = options.ignore_index, .reduction = Reduction::none});
  check_weight("nll_loss", log_probs.shape(), weight);
  const Array weights = row_weights(label_column(log_probs.value(), labels, options.ignore_index), labels, weight);
  return reduce_weighted(losses * weights, weights, options.reduction);
}

Tensor cross_entropy(const Tensor& logits, const Indices& labels, const Array& weight,
                     const CrossEntropyOptions& options) {
  if (!weight.defined()) return cross_entropy(logits, labels, options);
  const CrossEntropyOptions plain{.ignore_index = options.ignore_index, .reduction = Reduction::none};
  const Real s = options.label_smoothing;
  if (!(s >= 0 && s <= 1)) throw ValueError("cross_entropy: label_smoothing is {}, but must be in [0, 1].", {s});
  const Tensor at_label = cross_entropy(logits, labels, plain);
  check_weight("cross_entropy", logits.shape(), weight);
  const LabelColumn column = label_column(logits.value(), labels, options.ignore_index);
  const Array weights = row_weights(column, labels, weight);
  Tensor losses = at_label * weights;
  if (s > 0) {
    // A constant in the place of an ignored row: a NaN there must not come back through the others' rule.
    const Array zero = zeros({}).to(weight.device());
    const Tensor rows = where(column.counts, logits, zero);
    const Tensor log_p = rows - logsumexp(rows, -1, true);
    const Tensor spread = where(column.counts, sum(log_p * weight, {-1}, true), zero);
    const Real share = s / static_cast<Real>(weight.size());
    losses = losses * Array::scalar(1 - s).to(weight.device()) -
             reshape(spread, labels.shape()) * Array::scalar(share).to(weight.device());
  }
  return reduce_weighted(losses, weights, options.reduction);
}

}  // namespace rushlight
