// indexing.cpp: reading parts of an array, and the adjoint of each read: adding back to where it was read from.
#include <algorithm>

#include "01_tensor/plain.hpp"
#include "01_tensor/todo.hpp"
#include "01_tensor/views.hpp"

namespace rushlight::plain {
namespace {  // solution

struct Range {
  std::int64_t start, step, count;
};

// Python's rules: a negative bound counts from the end, and both are clamped to the axis.
Range resolve(const Slice& range, std::int64_t size) {
  if (range.step < 1) throw ValueError("slice: step {} must be at least 1.", {range.step});
  const auto clamp = [size](std::int64_t bound) {
    return std::clamp<std::int64_t>(bound < 0 ? bound + size : bound, 0, size);
  };
  const std::int64_t start = clamp(range.start);
  const std::int64_t stop = clamp(range.stop);
  const std::int64_t step = std::min(range.step, std::max<std::int64_t>(1, size));  // so that step · stride fits
  return {start, step, stop > start ? (stop - start - 1) / step + 1 : 0};
}

// How the elements of a slice lie in the whole: `shape` of the slice, its strides and its first element there.
struct Window {
  Shape shape, strides;
  std::int64_t offset;
};

Window window(const Shape& whole, int axis, const Slice& range) {
  const int along = normalize_axis("slice", axis, whole.rank());
  const Range r = resolve(range, whole[along]);
  Window w{whole, strides_of(whole), 0};
  w.offset = r.start * w.strides[along];
  w.strides[along] *= r.step;
  w.shape[along] = r.count;
  return w;
}

// What take(table, ids) looks like.
Shape taken_shape(const char* op, const Shape& table, const Indices& ids) {
  if (table.rank() == 0) throw ShapeError("{}: a table of shape () has no rows.", {op});
  Shape shape = ids.shape();
  for (int axis = 1; axis < table.rank(); ++axis) shape.push_back(table[axis]);
  return shape;
}

std::int64_t checked_row(std::int32_t id, std::int64_t rows) {
  if (id < 0 || id >= rows) throw IndexError("take: id {} is outside the table's {} rows.", {id, rows});
  return id;
}

// Calls visit(place in index, place in x) for every element that gather reads.
template <class Visit>
void for_each_gathered(const Shape& shape, int axis, const Indices& index, Visit visit) {
  const int along = normalize_axis("gather", axis, shape.rank());
  Shape expected = index.shape();
  if (expected.rank() == shape.rank()) expected[along] = shape[along];
  if (expected != shape) {
    throw ShapeError("gather: index {} does not fit {} along axis {}: ranks and all other sizes must agree.",
                     {index.shape(), shape, along});
  }
  const std::int64_t inner = strides_of(shape)[along];
  const std::int64_t lines = index.shape()[along];
  const std::int64_t size = shape[along];
  for (std::int64_t i = 0; i < index.size(); ++i) {
    const std::int64_t id = index.data()[i];
    if (id < 0 || id >= size) throw IndexError("gather: index {} is outside axis {} of {}.", {id, along, shape});
    visit(i, (i / (lines * inner) * size + id) * inner + i % inner);
  }
}

}  // namespace

// 01.6 slice  x, axis, start:stop:step -> x with that axis shortened;  Python's bounds, step >= 1
// Throws ValueError with the step, "step 0", when it is below 1.
// Hint: a slice is x seen with another first element and another stride.
Array slice(const Array& x, int axis, Slice range) {
  const Window w = window(x.shape(), axis, range);
  Array out(w.shape);
  Real* to = out.mutable_data().data();
  const Real* from = x.data().data() + w.offset;
  for_each_row(w.shape, std::array{w.strides}, [&](const auto& start) {
    copy_row(to, 1, from + start[0], row_step(w.strides), row_length(w.shape));
    to += row_length(w.shape);
  });
  return out;
}

// 01.6 unslice  x (shape of the slice), shape of the whole -> shape;  zeros but for the places that slice reads
// Throws ShapeError when x is not what slice would give.
// Hint: slice with the arrow turned round.
Array unslice(const Array& x, const Shape& shape, int axis, Slice range) {
  const Window w = window(shape, axis, range);
  if (x.shape() != w.shape) {
    throw ShapeError("unslice: got {}, but that slice of {} is {}.", {x.shape(), shape, w.shape});
  }
  Array out = zeros(shape);
  Real* to = out.mutable_data().data() + w.offset;
  const Real* from = x.data().data();
  for_each_row(w.shape, std::array{w.strides}, [&](const auto& start) {
    copy_row(to + start[0], row_step(w.strides), from, 1, row_length(w.shape));
    from += row_length(w.shape);
  });
  return out;
}

// 01.6 take  table (V, ...), ids (any shape) -> ids.shape + (...);  row ids[i] for every i
// Throws IndexError that names an id outside 0..V-1; a table of rank 0 is a ShapeError.
// Hint: a row is a contiguous block of size() / V elements.
Array take(const Array& table, const Indices& ids) {
  Array out(taken_shape("take", table.shape(), ids));
  const std::int64_t length = strides_of(table.shape())[0];
  Real* to = out.mutable_data().data();
  for (const std::int32_t id : ids.data()) {
    copy_row(to, 1, table.data().data() + checked_row(id, table.dim(0)) * length, 1, length);
    to += length;
  }
  return out;
}

// 01.6 take_adjoint  x (ids.shape + (...)), shape (V, ...), ids -> shape;  row ids[i] gets x's row i added
// Throws ShapeError when x is not what take would give.
// Hint: += , since an id may come twice.
Array take_adjoint(const Array& x, const Shape& shape, const Indices& ids) {
  const Shape taken = taken_shape("take_adjoint", shape, ids);
  if (x.shape() != taken) {
    throw ShapeError("take_adjoint: got {}, but taking {} ids from {} gives {}.",
                     {x.shape(), ids.shape(), shape, taken});
  }
  Array out = zeros(shape);
  const std::int64_t length = strides_of(shape)[0];
  Real* table = out.mutable_data().data();
  const Real* from = x.data().data();
  for (const std::int32_t id : ids.data()) {
    xt::noalias(row(table + checked_row(id, shape[0]) * length, length)) += row(from, length);
    from += length;
  }
  return out;
}

// 01.6 gather  x, axis, index (x's shape but for `axis`) -> index's shape;  out[i, j] = x[i, index[i, j]] for axis 1
// Throws ShapeError on other shapes, IndexError that names an index outside the axis, and x's shape.
// Hint: as (outer, size, inner), only the middle coordinate is replaced.
Array gather(const Array& x, int axis, const Indices& index) {
  Array out(index.shape());
  Real* to = out.mutable_data().data();
  for_each_gathered(x.shape(), axis, index, [&](std::int64_t i, std::int64_t place) { to[i] = x.data()[place]; });
  return out;
}

// 01.6 gather_adjoint  x (index's shape), shape, axis, index -> shape;  x added to where gather read
// Throws ShapeError when x and index differ in shape.
// Hint: += , since a place may be read twice.
Array gather_adjoint(const Array& x, const Shape& shape, int axis, const Indices& index) {
  if (x.shape() != index.shape()) {
    throw ShapeError("gather_adjoint: got {}, but the index is {}.", {x.shape(), index.shape()});
  }
  Array out = zeros(shape);
  Real* to = out.mutable_data().data();
  for_each_gathered(shape, axis, index, [&](std::int64_t i, std::int64_t place) { to[place] += x.data()[i]; });
  return out;
}

}  // namespace rushlight::plain
