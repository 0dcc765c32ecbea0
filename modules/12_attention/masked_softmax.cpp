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
  todo("12.2");
}

// 12.2 masked_softmax_backward  dL/dp and p (..., S) -> dL/dscores;  p · (G - Σ G·p), which is 0 wherever p is
// Hint: a place that was left out has p = 0: this is softmax's own derivative, and you have written it.
Array masked_softmax_backward(const Array& grad, const Array& pattern) {
  todo("12.2");
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
  todo("12.2");
}

}  // namespace rushlight
