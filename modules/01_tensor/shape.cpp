// shape.cpp: the rules that shapes obey. No numbers are touched here.
#include "01_tensor/shape.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 01.1 strides_of  (2, 3, 4) -> (12, 4, 1);  stride[i] = product of the sizes after axis i
// Hint: walk from the last axis to the first.
Shape strides_of(const Shape& shape) {
  todo("01.1");
}

// 01.1 broadcast_shapes  (3, 1) and (2, 1, 4) -> (2, 3, 4);  aligned at the right, each pair equal or one of them 1
// Throws ShapeError with `op`, both shapes and the rule ("equal or 1").
// Hint: a missing axis on the left counts as 1, and 1 gives way to anything, 0 included.
Shape broadcast_shapes(std::string_view op, const Shape& a, const Shape& b) {
  todo("01.1");
}

// 01.1 normalize_axis  -1 with rank 3 -> 2
// Throws IndexError with `op`, the axis and the valid range (or that rank 0 has no axes).
// Hint: the valid range is -rank .. rank-1, written "-3..2" in the message.
int normalize_axis(std::string_view op, int axis, int rank) {
  todo("01.1");
}

// 01.1 normalize_axes  {-1, 0} with rank 3 -> {0, 2};  {} -> every axis, sorted
// Throws ShapeError with `op` and "twice" when an axis is named twice.
// Hint: normalise first; {-1, 2} with rank 3 names axis 2 twice.
Axes normalize_axes(std::string_view op, const Axes& axes, int rank) {
  todo("01.1");
}

// 01.1 reduced_shape  (2, 3, 4) without axis 1 -> (2, 4), or (2, 1, 4) with keepdim;  axes are normalised, so {} is none
// Hint: build a new Shape with push_back.
Shape reduced_shape(const Shape& shape, const Axes& axes, bool keepdim) {
  todo("01.1");
}

// 01.1 infer_shape  12 elements as (3, -1) -> (3, 4)
// Throws ShapeError with "reshape", the number and the shape when two sizes are -1, one is below -1, or the elements
// do not fit.
// Hint: divide by the product of the known sizes, and mind that it may be 0: then -1 could be anything, an error. It may also
// be more than 63 bits hold: that does not fit either.
Shape infer_shape(std::int64_t numel, const Shape& shape) {
  todo("01.1");
}

}  // namespace rushlight
