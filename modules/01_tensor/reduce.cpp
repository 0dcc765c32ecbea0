// reduce.cpp: sums, means and maxima over axes.
#include <algorithm>
#include <cmath>
#include <limits>

#include "01_tensor/plain.hpp"
#include "01_tensor/todo.hpp"
#include "01_tensor/views.hpp"

namespace rushlight::plain {

// 01.3 sum  x (any shape) -> x without `axes` (or with size 1 there);  all axes when none are given
// Errors about axes name `sum`. A sum over nothing is 0. A million times 0.1 gives 100000, not 100958: add up in
// double, or in blocks. Hint: walk x once with for_each_row; along a reduced axis the result's stride is 0.
Array sum(const Array& x, const Axes& axes, bool keepdim) {
  todo("01.3");
}

// 01.3 mean  as sum, divided by the number of elements that went into each result;  NaN over nothing
// Errors about axes name `mean`, not `sum`. Hint: that number is the product of the sizes of the reduced axes.
Array mean(const Array& x, const Axes& axes, bool keepdim) {
  todo("01.3");
}

// 01.3 max  as sum, with the largest element;  NaN wins;  ShapeError with the shape where a reduced axis has size 0
// Errors about axes name `max`. Hint: start from -inf.
Array max(const Array& x, const Axes& axes, bool keepdim) {
  todo("01.3");
}

// 01.3 argmax  x (any shape of rank >= 1) -> Indices, x without `axis`;  the first NaN, or else the first of equal maxima
// Throws ShapeError when the axis is empty, IndexError for a scalar.
// Hint: view x as (outer, size, inner), where outer and inner are products of sizes. (xt::argmax knows no rule for NaN,
// and over a mask that has one it is 4 to 13 times slower than a loop.)
Indices argmax(const Array& x, int axis) {
  todo("01.3");
}

}  // namespace rushlight::plain

namespace rushlight {

// 01.3 sum_to  x, shape that broadcasts to x's -> shape;  sums over every axis along which `shape` was repeated
// Throws ShapeError that names both shapes when it does not broadcast to x's.
// Hint: two kinds of axes were repeated: those missing on the left, and those of size 1. Without any, mind that sum takes
// an empty list for all axes.
Array sum_to(const Array& x, const Shape& shape) {
  todo("01.3");
}

}  // namespace rushlight
