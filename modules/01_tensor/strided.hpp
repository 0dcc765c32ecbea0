// strided.hpp: walking arrays that share a shape but not a layout. A permuted, sliced or broadcast array is the same
// memory seen with other strides: swapped, multiplied, or 0 where a value repeats. Given.
#pragma once

#include <array>
#include <span>

#include "01_tensor/shape.hpp"

namespace rushlight {

// Strides that make an array of `shape` look like the larger shape `to`: 0 along each axis that repeats.
inline Shape broadcast_strides(const Shape& shape, const Shape& to) {
  const Shape own = strides_of(shape);
  const int missing = to.rank() - shape.rank();
  Shape strides = to;
  for (int axis = 0; axis < to.rank(); ++axis) {
    const bool repeats = axis < missing || shape[axis - missing] == 1;
    strides[axis] = repeats ? 0 : own[axis - missing];
  }
  return strides;
}

// Joins the last axes for as long as every operand runs through them evenly, so that rows get longer and fewer:
// (N, C, H, W) with (C, 1, 1) has rows of H·W numbers, not of W.
template <std::size_t N>
void join_last_axes(Shape& shape, std::array<Shape, N>& strides) {
  const auto without_last = [](const Shape& s) { return Shape(std::span(s.begin(), s.end() - 1)); };
  while (shape.rank() >= 2) {
    const int last = shape.rank() - 1;
    for (const Shape& each : strides) {
      if (shape[last] != 1 && each[last - 1] != each[last] * shape[last]) return;
    }
    for (Shape& each : strides) {
      const std::int64_t step = shape[last] == 1 ? each[last - 1] : each[last];
      each = without_last(each);
      each[last - 1] = step;
    }
    shape[last - 1] *= shape[last];
    shape = without_last(shape);
  }
}

// Calls visit(offsets) for every row, that is every position of all axes but the last, in row-major order.
// offsets[k] is where operand k's row starts; along the row it moves by the last of strides[k]. To add up x and y:
//   const std::array strides{broadcast_strides(x.shape(), shape), broadcast_strides(y.shape(), shape)};
//   for_each_row(shape, strides, [&](const auto& start) {
//     for (std::int64_t i = 0; i < row_length(shape); ++i) {
//       *out++ = x_data[start[0] + i * row_step(strides[0])] + y_data[start[1] + i * row_step(strides[1])];
//     }
//   });
template <std::size_t N, class Visit>
void for_each_row(const Shape& shape, const std::array<Shape, N>& strides, Visit visit) {
  if (shape.numel() == 0) return;
  std::array<std::int64_t, N> offsets{};
  std::array<std::int64_t, Shape::max_rank> position{};
  while (true) {
    visit(offsets);
    int axis = shape.rank() - 2;
    for (; axis >= 0; --axis) {  // an odometer: step the last axis that has room, wind back those behind it
      const bool room = ++position[axis] < shape[axis];
      for (std::size_t k = 0; k < N; ++k) {
        offsets[k] += room ? strides[k][axis] : -strides[k][axis] * (shape[axis] - 1);
      }
      if (room) break;
      position[axis] = 0;
    }
    if (axis < 0) return;
  }
}

// The row's length, and an operand's step along it. A scalar is one row of one.
inline std::int64_t row_length(const Shape& shape) { return shape.rank() == 0 ? 1 : shape[shape.rank() - 1]; }
inline std::int64_t row_step(const Shape& strides) { return strides.rank() == 0 ? 0 : strides[strides.rank() - 1]; }

}  // namespace rushlight
