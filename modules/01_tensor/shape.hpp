// shape.hpp: the sizes of an array's axes, and the rules that shapes obey. A Shape holds up to 8 axes inline,
// so that making one never allocates.
#pragma once

#include <fmt/core.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rushlight {

class Shape {
 public:
  static constexpr int max_rank = 8;

  Shape() = default;  // rank 0: a scalar, one element
  Shape(std::initializer_list<std::int64_t> sizes) : Shape(std::span(sizes.begin(), sizes.size())) {}
  explicit Shape(std::span<const std::int64_t> sizes);  // throws ShapeError above 8 axes

  int rank() const { return rank_; }
  std::int64_t operator[](int axis) const { return sizes_[axis]; }  // 0 <= axis < rank, unchecked
  std::int64_t& operator[](int axis) { return sizes_[axis]; }
  std::int64_t numel() const;  // product of the sizes, 1 for rank 0; ShapeError if it overflows
  std::string str() const;     // "(2, 3)", "(4,)", "()"

  void push_back(std::int64_t size);  // appends an axis
  const std::int64_t* begin() const { return sizes_.data(); }
  const std::int64_t* end() const { return sizes_.data() + rank_; }
  bool operator==(const Shape& other) const;

 private:
  std::array<std::int64_t, max_rank> sizes_{};
  int rank_ = 0;
};

// Whether an array of `from` can be repeated to `to`: aligned at the right, every size of `from` equal or 1. Given.
bool broadcasts_to(const Shape& from, const Shape& to);

// What the axes of a matrix product's operands before the last two broadcast to: rank 2 or more each. Throws ShapeError
// that shows both shapes whole, where broadcast_shapes would show these axes alone. Given.
Shape product_batch(const Shape& a, const Shape& b);

// Axis numbers as callers write them: negative counts from the end. Empty means all axes, until normalize_axes has written
// them out: to reduced_shape, which takes normalised axes, it means none.
using Axes = std::vector<int>;

// --- 01.1, written by you in shape.cpp ----------------------------------------------------------------------

// Distance, in elements, between neighbours along each axis of a row-major array. (2, 3, 4) -> (12, 4, 1).
Shape strides_of(const Shape& shape);

// The shape that NumPy's broadcasting gives two operands: aligned at the right, sizes equal or 1.
// Throws ShapeError that names `op` and both shapes.
Shape broadcast_shapes(std::string_view op, const Shape& a, const Shape& b);

// -rank..rank-1 -> 0..rank-1. Throws IndexError that names `op`, the axis and the valid range.
int normalize_axis(std::string_view op, int axis, int rank);

// Normalised, sorted axes; every axis when `axes` is empty. Throws ShapeError on a repeated axis.
Axes normalize_axes(std::string_view op, const Axes& axes, int rank);

// `shape` with the given (normalised) axes removed, or kept with size 1; without axes, `shape` itself.
Shape reduced_shape(const Shape& shape, const Axes& axes, bool keepdim);

// `shape` with at most one -1 replaced so that it has `numel` elements. Throws ShapeError otherwise.
Shape infer_shape(std::int64_t numel, const Shape& shape);

}  // namespace rushlight

// Takes no format specification: "{}" only. Not inherited from the string's formatter, and written in print.cpp,
// because otherwise every file that prints a shape compiles that formatter again, which takes half a second.
template <>
struct fmt::formatter<rushlight::Shape> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  auto format(const rushlight::Shape& shape, format_context& context) const -> format_context::iterator;
};
