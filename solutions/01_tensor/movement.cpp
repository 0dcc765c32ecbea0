// movement.cpp: the same elements in another order or shape.
#include <numeric>

#include "01_tensor/plain.hpp"
#include "01_tensor/todo.hpp"
#include "01_tensor/views.hpp"

namespace rushlight {

// 01.5 reshape  x, shape with at most one -1 -> shape;  same elements in the same order, no copy
// Hint: infer_shape and with_shape.
Array reshape(const Array& x, const Shape& shape) { return x.with_shape(infer_shape(x.size(), shape)); }

// 01.5 transpose  x, two axes -> x with these axes swapped
// Hint: a permute.
Array transpose(const Array& x, int axis_a, int axis_b) {
  Axes axes(x.rank());
  std::iota(axes.begin(), axes.end(), 0);
  std::swap(axes[normalize_axis("transpose", axis_a, x.rank())], axes[normalize_axis("transpose", axis_b, x.rank())]);
  return permute(x, axes);
}

}  // namespace rushlight

namespace rushlight::plain {
namespace {  // solution

// A new array of `shape` whose elements are read from x with the given strides.
Array read_strided(const Array& x, const Shape& shape, const Shape& strides) {
  Array out(shape);
  Real* to = out.mutable_data().data();
  const Real* from = x.data().data();
  for_each_row(shape, std::array{strides}, [&](const auto& start) {
    copy_row(to, 1, from + start[0], row_step(strides), row_length(shape));
    to += row_length(shape);
  });
  return out;
}

}  // namespace

// 01.5 permute  x (rank R), axes (a permutation of R axes) -> axis i of the result is axis axes[i] of x
// Axes may be negative. Throws ShapeError with x's shape when axes are missing, and with "twice" when one is named
// twice; IndexError outside. Hint: permute x's strides in the same way as its sizes, then read.
Array permute(const Array& x, const Axes& axes) {
  if (static_cast<int>(axes.size()) != x.rank()) {
    throw ShapeError("permute: {} axes for shape {}: name every axis once.", {std::int64_t(axes.size()), x.shape()});
  }
  normalize_axes("permute", axes, x.rank());
  const Shape from = strides_of(x.shape());
  Shape shape = x.shape();
  Shape strides = x.shape();
  for (int i = 0; i < x.rank(); ++i) {
    const int axis = normalize_axis("permute", axes[i], x.rank());
    shape[i] = x.shape()[axis];
    strides[i] = from[axis];
  }
  return read_strided(x, shape, strides);
}

// 01.5 broadcast_to  x, shape -> shape;  repeats axes of size 1 and missing axes on the left
// Throws ShapeError when x's shape does not broadcast to exactly `shape`.
// Hint: zip_rows with one operand repeats it by itself.
Array broadcast_to(const Array& x, const Shape& shape) {
  if (!broadcasts_to(x.shape(), shape)) {
    throw ShapeError("broadcast_to: {} does not broadcast to {}.", {x.shape(), shape});
  }
  Array out(shape);
  zip_rows(
      out, [](auto to, auto from) { xt::noalias(to) = from; }, x);
  return out;
}

// 01.5 concat  parts (equal shapes but for `axis`), axis -> their elements one after the other along `axis`
// Throws ShapeError when there are no parts or their shapes disagree.
// Hint: as (outer, size · inner), each part's rows are contiguous blocks.
Array concat(const Arrays& parts, int axis) {
  if (parts.empty()) throw ShapeError("concat: needs at least one array.");
  const int along = normalize_axis("concat", axis, parts[0].rank());
  Shape shape = parts[0].shape();
  shape[along] = 0;
  for (const Array& part : parts) {
    Shape expected = part.shape();
    if (expected.rank() == shape.rank()) expected[along] = shape[along];
    if (expected != shape) {
      throw ShapeError("concat: {} does not fit {} along axis {}: all other sizes must agree.",
                       {part.shape(), parts[0].shape(), along});
    }
    shape[along] += part.shape()[along];
  }
  Array out(shape);
  const std::int64_t step = shape[along] * strides_of(shape)[along];
  Real* to = out.mutable_data().data();
  for (const Array& part : parts) {
    const std::int64_t block = part.shape()[along] * strides_of(shape)[along];
    for (std::int64_t i = 0; block > 0 && i < part.size() / block; ++i) {
      copy_row(to + i * step, 1, part.data().data() + i * block, 1, block);
    }
    to += block;
  }
  return out;
}

}  // namespace rushlight::plain
