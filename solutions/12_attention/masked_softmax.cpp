// masked_softmax.cpp: softmax over the places that may be seen. S keys; rows are all other axes.
#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {

// 12.2 masked_softmax_forward  scores (..., S), mask that broadcasts to it -> same shape
//   p[s] = exp(x[s] - m) / Σ exp(x[s'] - m) over the true places, m their maximum;  0 elsewhere;  zeros if none is true
// Hint: put `hidden` where the mask is false: exp makes 0 of it. A row that is -inf from end to end needs care twice,
// for its maximum and for its sum. An empty array has no maximum.
Array masked_softmax_forward(const Array& scores, const Mask& mask) {
  if (scores.size() == 0) return scores;
  const Array zero = Array::scalar(0), one = Array::scalar(1), minus_infinity = Array::scalar(hidden);
  const Array seen = where(mask, scores, minus_infinity);
  const Array m = max(seen, {-1}, true);
  const Array shift = where(equal(m, minus_infinity), zero, m);  // -inf - -inf would be NaN
  const Array e = exp(seen - shift);
  const Array total = sum(e, {-1}, true);
  return e / where(equal(total, zero), one, total);  // the sum is at least 1, or 0 where nothing is seen
}

// 12.2 masked_softmax_backward  dL/dp and p (..., S) -> dL/dscores;  p · (G - Σ G·p), which is 0 wherever p is
// Hint: a place that was left out has p = 0: this is softmax's own derivative, and you have written it.
Array masked_softmax_backward(const Array& grad, const Array& pattern) {
  return softmax_backward(grad, pattern, pattern.rank() - 1);
}

// 12.2 masked_softmax  scores (..., S), mask that broadcasts to it -> same shape, one op called "masked_softmax"
// Hint: the rule needs the output alone.
Tensor masked_softmax(const Tensor& scores, const Mask& mask) {
  if (scores.rank() == 0 || !broadcasts_to(mask.shape(), scores.shape())) {
    throw ShapeError(
        "masked_softmax: the mask {} does not broadcast to the scores {}, which must have an "
        "axis of keys.",
        {mask.shape(), scores.shape()});
  }
  // solution 12.2
  return record("masked_softmax", masked_softmax_forward(scores.value(), mask), {scores}, Save::output,
                [](const Backward& bw) -> Arrays { return {masked_softmax_backward(bw.grad, bw.out)}; });
  // end solution
}

}  // namespace rushlight
