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
  Shape strides = shape;
  std::int64_t step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

// 01.1 broadcast_shapes  (3, 1) and (2, 1, 4) -> (2, 3, 4);  aligned at the right, each pair equal or one of them 1
// Throws ShapeError with `op`, both shapes and the rule ("equal or 1").
// Hint: a missing axis on the left counts as 1, and 1 gives way to anything, 0 included.
Shape broadcast_shapes(std::string_view op, const Shape& a, const Shape& b) {
  Shape result = a.rank() >= b.rank() ? a : b;
  for (int back = 1; back <= result.rank(); ++back) {
    const std::int64_t size_a = back <= a.rank() ? a[a.rank() - back] : 1;
    const std::int64_t size_b = back <= b.rank() ? b[b.rank() - back] : 1;
    if (size_a != size_b && size_a != 1 && size_b != 1) {
      throw ShapeError(
          "{}: shapes {} and {} do not broadcast: aligned at the right, sizes must be equal "
          "or 1, but {} meets {}.",
          {op, a, b, size_a, size_b});
    }
    result[result.rank() - back] = size_a == 1 ? size_b : size_a;
  }
  return result;
}

// 01.1 normalize_axis  -1 with rank 3 -> 2
// Throws IndexError with `op`, the axis and the valid range (or that rank 0 has no axes).
// Hint: the valid range is -rank .. rank-1, written "-3..2" in the message.
int normalize_axis(std::string_view op, int axis, int rank) {
  if (rank == 0) throw IndexError("{}: axis {} of a scalar: rank 0 has no axes.", {op, axis});
  if (axis < -rank || axis >= rank) {
    throw IndexError("{}: axis {} is outside {}..{}, the axes of rank {}.", {op, axis, -rank, rank - 1, rank});
  }
  return axis < 0 ? axis + rank : axis;
}

// 01.1 normalize_axes  {-1, 0} with rank 3 -> {0, 2};  {} -> every axis, sorted
// Throws ShapeError with `op` and "twice" when an axis is named twice.
// Hint: normalise first; {-1, 2} with rank 3 names axis 2 twice.
Axes normalize_axes(std::string_view op, const Axes& axes, int rank) {
  Axes result(rank);
  std::iota(result.begin(), result.end(), 0);
  if (axes.empty()) return result;
  result.clear();
  for (const int axis : axes) result.push_back(normalize_axis(op, axis, rank));
  std::sort(result.begin(), result.end());
  const auto twice = std::adjacent_find(result.begin(), result.end());
  if (twice != result.end()) throw ShapeError("{}: axis {} is named twice.", {op, *twice});
  return result;
}

// 01.1 reduced_shape  (2, 3, 4) without axis 1 -> (2, 4), or (2, 1, 4) with keepdim;  axes are normalised, so {} is none
// Hint: build a new Shape with push_back.
Shape reduced_shape(const Shape& shape, const Axes& axes, bool keepdim) {
  Shape result;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const bool reduced = std::find(axes.begin(), axes.end(), axis) != axes.end();
    if (!reduced) result.push_back(shape[axis]);
    if (reduced && keepdim) result.push_back(1);
  }
  return result;
}

namespace {  // solution

// Of sizes; where it does not fit, more than any array has. A size of 0 makes it 0 again.
std::int64_t saturated_product(std::int64_t a, std::int64_t b) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  return b > 0 && a > most / b ? most : a * b;
}

}  // namespace

// 01.1 infer_shape  12 elements as (3, -1) -> (3, 4)
// Throws ShapeError with "reshape", the number and the shape when two sizes are -1, one is below -1, or the elements
// do not fit.
// Hint: divide by the product of the known sizes, and mind that it may be 0: then -1 could be anything, an error. It may also
// be more than 63 bits hold: that does not fit either.
Shape infer_shape(std::int64_t numel, const Shape& shape) {
  std::int64_t known = 1;
  int unknown = -1;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] < -1 || (shape[axis] == -1 && unknown >= 0)) {
      throw ShapeError("reshape: {} elements as {}: at most one size may be -1, none below.", {numel, shape});
    }
    if (shape[axis] == -1) {
      unknown = axis;
    } else {
      known = saturated_product(known, shape[axis]);
    }
  }
  const bool fits = unknown >= 0 ? known != 0 && numel % known == 0 : known == numel;
  if (!fits) throw ShapeError("reshape: {} elements do not fill shape {}.", {numel, shape});
  Shape result = shape;
  if (unknown >= 0) result[unknown] = numel / known;
  return result;
}

}  // namespace rushlight
