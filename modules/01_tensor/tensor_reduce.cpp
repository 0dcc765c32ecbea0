// tensor_reduce.cpp: reductions that know their derivative.
#include "01_tensor/tensor.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 01.8 sum  x (any shape) -> x without `axes`;  every element that went into a sum receives its gradient
// Hint: give the gradient its axes back (size 1), then broadcast it to x's shape.
Tensor sum(const Tensor& x, const Axes& axes, bool keepdim) {
  todo("01.8");
}

// 01.8 mean  as sum;  each element receives 1/count of the gradient
// Hint: count is the number of elements that each mean is taken over.
Tensor mean(const Tensor& x, const Axes& axes, bool keepdim) {
  todo("01.8");
}

// 01.8 max  as sum;  the gradient goes to the maximum; equal maxima share it
// Hint: equal(x, max with its axes kept) marks the winners; count them.
Tensor max(const Tensor& x, const Axes& axes, bool keepdim) {
  todo("01.8");
}

}  // namespace rushlight
