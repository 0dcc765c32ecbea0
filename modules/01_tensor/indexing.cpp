// indexing.cpp: reading parts of an array, and the adjoint of each read: adding back to where it was read from.
#include <algorithm>

#include "01_tensor/plain.hpp"
#include "01_tensor/todo.hpp"
#include "01_tensor/views.hpp"

namespace rushlight::plain {

// 01.6 slice  x, axis, start:stop:step -> x with that axis shortened;  Python's bounds, step >= 1
// Throws ValueError with the step, "step 0", when it is below 1.
// Hint: a slice is x seen with another first element and another stride.
Array slice(const Array& x, int axis, Slice range) {
  todo("01.6");
}

// 01.6 unslice  x (shape of the slice), shape of the whole -> shape;  zeros but for the places that slice reads
// Throws ShapeError when x is not what slice would give.
// Hint: slice with the arrow turned round.
Array unslice(const Array& x, const Shape& shape, int axis, Slice range) {
  todo("01.6");
}

// 01.6 take  table (V, ...), ids (any shape) -> ids.shape + (...);  row ids[i] for every i
// Throws IndexError that names an id outside 0..V-1; a table of rank 0 is a ShapeError.
// Hint: a row is a contiguous block of size() / V elements.
Array take(const Array& table, const Indices& ids) {
  todo("01.6");
}

// 01.6 take_adjoint  x (ids.shape + (...)), shape (V, ...), ids -> shape;  row ids[i] gets x's row i added
// Throws ShapeError when x is not what take would give.
// Hint: += , since an id may come twice.
Array take_adjoint(const Array& x, const Shape& shape, const Indices& ids) {
  todo("01.6");
}

// 01.6 gather  x, axis, index (x's shape but for `axis`) -> index's shape;  out[i, j] = x[i, index[i, j]] for axis 1
// Throws ShapeError on other shapes, IndexError that names an index outside the axis, and x's shape.
// Hint: as (outer, size, inner), only the middle coordinate is replaced.
Array gather(const Array& x, int axis, const Indices& index) {
  todo("01.6");
}

// 01.6 gather_adjoint  x (index's shape), shape, axis, index -> shape;  x added to where gather read
// Throws ShapeError when x and index differ in shape.
// Hint: += , since a place may be read twice.
Array gather_adjoint(const Array& x, const Shape& shape, int axis, const Indices& index) {
  todo("01.6");
}

}  // namespace rushlight::plain
