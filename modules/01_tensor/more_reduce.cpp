// more_reduce.cpp: given. Along axes: extremes with their places, the spread, running sums.
#include <algorithm>

#include "01_tensor/more.hpp"

namespace rushlight {

Tensor amax(const Tensor& x, const Axes& axes, bool keepdim) { return max(x, axes, keepdim); }
Tensor amin(const Tensor& x, const Axes& axes, bool keepdim) { return -max(-x, axes, keepdim); }

namespace {

Extreme at_places(const Tensor& x, int axis, bool keepdim, const Indices& places) {
  const Shape kept = reduced_shape(x.shape(), {axis}, true);
  const Tensor values = gather(x, axis, places.with_shape(kept));
  return {keepdim ? values : reshape(values, places.shape()), keepdim ? places.with_shape(kept) : places};
}

double count_of(const Shape& shape, const Axes& axes) {
  double count = 1;
  for (const int axis : normalize_axes("var", axes, shape.rank())) count *= static_cast<double>(shape[axis]);
  return count;
}

}  // namespace

Extreme max_along(const Tensor& x, int axis, bool keepdim) {
  const int along = normalize_axis("max_along", axis, x.rank());
  return at_places(x, along, keepdim, argmax(x.value(), along));
}

Extreme min_along(const Tensor& x, int axis, bool keepdim) {
  const int along = normalize_axis("min_along", axis, x.rank());
  return at_places(x, along, keepdim, argmax(-x.value(), along));
}

Tensor var(const Tensor& x, const Axes& axes, const VarOptions& options) {
  const auto divisor = static_cast<Real>(std::max(0.0, count_of(x.shape(), axes) - options.correction));
  const Tensor near = x - mean(x, axes, true);
  const Tensor centred = near - mean(near, axes, true);  // the first mean was rounded: a small spread shows it
  return sum(centred * centred, axes, options.keepdim) / Array::scalar(divisor).to(x.device());
}

Tensor std(const Tensor& x, const Axes& axes, const VarOptions& options) {
  const Tensor variance = var(x, axes, options);
  const Array zero = zeros_like(variance.value());
  const Mask none = equal(variance.value(), zero);
  return where(none, zero, sqrt(where(none, ones_like(zero), variance)));
}

namespace {

// Lines along the axis, as (outer, size, inner); from the end of each when `backwards`.
Array running_sums(const Array& x, int axis, bool backwards) {
  const Array from = x.cpu();
  Array out(x.shape());
  const std::int64_t size = x.shape()[axis], inner = strides_of(x.shape())[axis];
  const auto to = out.mutable_data();
  for (std::int64_t line = 0; size > 0 && line < x.size() / size; ++line) {
    const std::int64_t first = line / inner * size * inner + line % inner;
    double total = 0;
    for (std::int64_t i = 0; i < size; ++i) {
      const std::int64_t place = first + (backwards ? size - 1 - i : i) * inner;
      total += static_cast<double>(from.data()[place]);
      to[place] = static_cast<Real>(total);
    }
  }
  return out.to(x.device());
}

}  // namespace

// Element i is in every sum from i on, so its gradient is the sum of theirs: running sums from the end.
Tensor cumsum(const Tensor& x, int axis) {
  const int along = normalize_axis("cumsum", axis, x.rank());
  return record("cumsum", running_sums(x.value(), along, false), {x}, Save::nothing,
                [along](const Backward& bw) -> Arrays { return {running_sums(bw.grad, along, true)}; });
}

}  // namespace rushlight
