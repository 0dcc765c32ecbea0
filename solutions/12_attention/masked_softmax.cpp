// masked_softmax.cpp: softmax over the places that may be seen. S keys; rows are all other axes.
#include <limits>

#include "01_tensor/strided.hpp"
#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "02_activations/loops.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {
namespace {

constexpr Real hidden = -std::numeric_limits<Real>::infinity();

// solution helper
// Each row minus its largest visible score; -inf where the mask is false. A row of nothing but -inf stays as it is.
Array minus_visible_max(const Array& scores, const Mask& mask) {
  const Shape& shape = scores.shape();
  const std::array strides{strides_of(shape), broadcast_strides(mask.shape(), shape)};
  const std::int64_t length = row_length(shape), step = row_step(strides[1]);
  const Real* from = scores.data().data();
  const std::uint8_t* seen = mask.data().data();
  Array shifted(shape);
  Real* to = shifted.mutable_data().data();
  for_each_row(shape, strides, [&](const auto& start) {
    for (std::int64_t s = 0; s < length; ++s) to[s] = seen[start[1] + s * step] != 0 ? from[start[0] + s] : hidden;
    const Real largest = row_max(to, length);
    if (largest != hidden) {  // -inf - -inf would be NaN
      for (std::int64_t s = 0; s < length; ++s) to[s] -= largest;
    }
    to += length;
  });
  return shifted;
}
// end solution

}  // namespace

// 12.2 masked_softmax_forward  scores (..., S), mask that broadcasts to it -> same shape
//   p[s] = exp(x[s] - m) / Σ exp(x[s'] - m) over the true places, m their maximum;  0 elsewhere;  zeros if none is true
// Hint: put `hidden` where the mask is false: exp makes 0 of it. A row that is -inf from end to end needs care twice,
// for its maximum and for its sum. for_each_row in strided.hpp walks scores and mask together.
Array masked_softmax_forward(const Array& scores, const Mask& mask) {
  Array pattern = exp(minus_visible_max(scores, mask));
  const auto [count, length] = rows_of(pattern.shape());
  Real* row = pattern.mutable_data().data();
  for (std::int64_t i = 0; i < count; ++i, row += length) {
    const Real total = row_sum(row, length);
    const Real scale = total == 0 ? 0 : 1 / total;  // the sum is at least 1, or 0 where nothing is seen
    for (std::int64_t s = 0; s < length; ++s) row[s] *= scale;
  }
  return pattern;
}

// 12.2 masked_softmax_backward  dL/dp and p (..., S) -> dL/dscores;  p · (G - Σ G·p), which is 0 wherever p is
// Hint: a place that was left out has p = 0: this is softmax's own derivative, and you have written it.
Array masked_softmax_backward(const Array& grad, const Array& pattern) {
  return softmax_backward(grad, pattern, pattern.rank() - 1);
}

// 12.2 masked_softmax  scores (..., S), mask that broadcasts to it -> same shape, one op called "masked_softmax"
// Hint: the rule needs the output alone.
Tensor masked_softmax(const Tensor& scores, const Mask& mask) {
  if (scores.rank() == 0 || broadcast_shapes("masked_softmax", mask.shape(), scores.shape()) != scores.shape()) {
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
