// movement.cpp: the same elements in another order or shape.
#include <numeric>

#include "01_tensor/plain.hpp"
#include "01_tensor/todo.hpp"
#include "01_tensor/views.hpp"

namespace rushlight {

// 01.5 reshape  x, shape with at most one -1 -> shape;  same elements in the same order, no copy
// Hint: infer_shape and with_shape.
Array reshape(const Array& x, const Shape& shape) {
  todo("01.5");
}

// 01.5 transpose  x, two axes -> x with these axes swapped
// Hint: a permute.
Array transpose(const Array& x, int axis_a, int axis_b) {
  todo("01.5");
}

}  // namespace rushlight

namespace rushlight::plain {

// 01.5 permute  x (rank R), axes (a permutation of R axes) -> axis i of the result is axis axes[i] of x
// Axes may be negative. Throws ShapeError with x's shape when axes are missing, and with "twice" when one is named
// twice; IndexError outside. Hint: permute x's strides in the same way as its sizes, then read.
Array permute(const Array& x, const Axes& axes) {
  todo("01.5");
}

// 01.5 broadcast_to  x, shape -> shape;  repeats axes of size 1 and missing axes on the left
// Throws ShapeError when x's shape does not broadcast to exactly `shape`.
// Hint: zip_rows with one operand repeats it by itself.
Array broadcast_to(const Array& x, const Shape& shape) {
  todo("01.5");
}

// 01.5 concat  parts (equal shapes but for `axis`), axis -> their elements one after the other along `axis`
// Throws ShapeError when there are no parts or their shapes disagree.
// Hint: as (outer, size · inner), each part's rows are contiguous blocks.
Array concat(const Arrays& parts, int axis) {
  todo("01.5");
}

}  // namespace rushlight::plain
