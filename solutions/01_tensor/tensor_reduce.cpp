// tensor_reduce.cpp: reductions that know their derivative.
#include "01_tensor/tensor.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {  // solution

// A gradient of the reduced shape, given back its axes of size 1 so that it broadcasts over the input.
Array with_kept_axes(const Array& grad, const Shape& input, const Axes& axes) {
  return grad.with_shape(reduced_shape(input, normalize_axes("reduce", axes, input.rank()), true));
}

// Every element of the input receives the gradient of the sum that it went into.
Array spread(const Array& grad, const Shape& input, const Axes& axes) {
  return broadcast_to(with_kept_axes(grad, input, axes), input);
}

std::int64_t reduced_count(const Shape& input, const Axes& axes) {
  std::int64_t count = 1;
  for (const int axis : normalize_axes("mean", axes, input.rank())) count *= input[axis];
  return count;
}

}  // namespace

// 01.8 sum  x (any shape) -> x without `axes`;  every element that went into a sum receives its gradient
// Hint: give the gradient its axes back (size 1), then broadcast it to x's shape.
Tensor sum(const Tensor& x, const Axes& axes, bool keepdim) {
  return record("sum", sum(x.value(), axes, keepdim), {x}, Save::nothing,
                [axes](const Backward& bw) -> Arrays { return {spread(bw.grad, bw.in_shape(0), axes)}; });
}

// 01.8 mean  as sum;  each element receives 1/count of the gradient
// Hint: count is the number of elements that each mean is taken over.
Tensor mean(const Tensor& x, const Axes& axes, bool keepdim) {
  return record("mean", mean(x.value(), axes, keepdim), {x}, Save::nothing, [axes](const Backward& bw) -> Arrays {
    const auto count = static_cast<Real>(reduced_count(bw.in_shape(0), axes));
    return {spread(bw.grad / count, bw.in_shape(0), axes)};
  });
}

// 01.8 max  as sum;  the gradient goes to the maximum; equal maxima share it
// Hint: equal(x, max with its axes kept) marks the winners; count them.
Tensor max(const Tensor& x, const Axes& axes, bool keepdim) {
  return record("max", max(x.value(), axes, keepdim), {x}, Save::all, [axes](const Backward& bw) -> Arrays {
    const Array& input = bw.in(0);
    const Mask winners = equal(input, with_kept_axes(bw.out, input.shape(), axes));
    const Array chosen = where(winners, Array::scalar(1), Array::scalar(0));
    const Array share = with_kept_axes(bw.grad, input.shape(), axes) / sum(chosen, axes, true);
    return {where(winners, share, Array::scalar(0))};
  });
}

}  // namespace rushlight
