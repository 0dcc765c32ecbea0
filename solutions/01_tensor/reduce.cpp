// reduce.cpp: sums, means and maxima over axes.
#include <algorithm>
#include <cmath>
#include <limits>

#include "01_tensor/plain.hpp"
#include "01_tensor/todo.hpp"
#include "01_tensor/views.hpp"

namespace rushlight::plain {
namespace {  // solution

// A row's sum with sixteen running sums, which the processor adds at once; every 512 numbers they go into a double, so
// that a sum of a million keeps its digits. xt::sum adds one number at a time, 15 to 60 times slower.
double row_sum(const Real* x, std::int64_t length) {
  constexpr std::int64_t lanes = 16, most = 32;  // numbers that a lane adds up in Real
  double total = 0;
  std::int64_t i = 0;
  while (i + lanes <= length) {
    Real part[lanes] = {};
    for (std::int64_t n = std::min(most, (length - i) / lanes); n > 0; --n, i += lanes) {
      for (std::int64_t lane = 0; lane < lanes; ++lane) part[lane] += x[i + lane];
    }
    for (const Real value : part) total += value;
  }
  for (; i < length; ++i) total += x[i];
  return total;
}

// Calls along(place, x, length) for each row of x that belongs to one place of the result, and across(place, x, length)
// where every number of the row has a place of its own, side by side. `kept` is the result's shape, reduced axes of
// size 1: its strides are 0 along those, so one walk brings every number to its place.
template <class Along, class Across>
void reduce(const Array& x, const Shape& kept, Along along, Across across) {
  Shape rows = x.shape();
  std::array strides{strides_of(rows), broadcast_strides(kept, rows)};
  join_last_axes(rows, strides);
  const Real* from = x.data().data();
  for_each_row(rows, strides, [&](const auto& start) {
    if (row_step(strides[1]) == 0) {
      along(start[1], from + start[0], row_length(rows));
    } else {
      across(start[1], from + start[0], row_length(rows));
    }
  });
}

// Over normalised axes. In double, or a column of a million numbers loses its digits.
Array sum_over(const Array& x, const Axes& axes, bool keepdim) {
  Array out(reduced_shape(x.shape(), axes, keepdim));
  std::vector<double> totals(static_cast<std::size_t>(out.size()));
  reduce(
      x, reduced_shape(x.shape(), axes, true),
      [&](std::int64_t place, const Real* from, std::int64_t length) { totals[place] += row_sum(from, length); },
      [&](std::int64_t place, const Real* from, std::int64_t length) {
        for (std::int64_t i = 0; i < length; ++i) totals[place + i] += from[i];
      });
  std::copy(totals.begin(), totals.end(), out.mutable_data().begin());
  return out;
}

Real larger(Real best, Real x) { return x > best || std::isnan(x) ? x : best; }

}  // namespace

// 01.3 sum  x (any shape) -> x without `axes` (or with size 1 there);  all axes when none are given
// Errors about axes name `sum`. A sum over nothing is 0. A million times 0.1 gives 100000, not 100958: add up in
// double, or in blocks. Hint: walk x once with for_each_row; along a reduced axis the result's stride is 0.
Array sum(const Array& x, const Axes& axes, bool keepdim) {
  return sum_over(x, normalize_axes("sum", axes, x.rank()), keepdim);
}

// 01.3 mean  as sum, divided by the number of elements that went into each result;  NaN over nothing
// Errors about axes name `mean`, not `sum`. Hint: that number is the product of the sizes of the reduced axes.
Array mean(const Array& x, const Axes& axes, bool keepdim) {
  const Axes reduced = normalize_axes("mean", axes, x.rank());
  std::int64_t count = 1;
  for (const int axis : reduced) count *= x.shape()[axis];
  return sum_over(x, reduced, keepdim) / static_cast<Real>(count);
}

// 01.3 max  as sum, with the largest element;  NaN wins;  ShapeError with the shape where a reduced axis has size 0
// Errors about axes name `max`. Hint: start from -inf.
Array max(const Array& x, const Axes& axes, bool keepdim) {
  const Axes reduced = normalize_axes("max", axes, x.rank());
  for (const int axis : reduced) {
    if (x.shape()[axis] == 0)
      throw ShapeError("max: axis {} of shape {} is empty and has no maximum.", {axis, x.shape()});
  }
  Array out = Array::full(reduced_shape(x.shape(), reduced, keepdim), -std::numeric_limits<Real>::infinity());
  Real* best = out.mutable_data().data();
  reduce(
      x, reduced_shape(x.shape(), reduced, true),
      [&](std::int64_t place, const Real* from, std::int64_t length) {
        best[place] = std::accumulate(from, from + length, best[place], larger);
      },
      [&](std::int64_t place, const Real* from, std::int64_t length) {
        std::transform(from, from + length, best + place, best + place, [](Real x, Real b) { return larger(b, x); });
      });
  return out;
}

// 01.3 argmax  x (any shape of rank >= 1) -> Indices, x without `axis`;  the first NaN, or else the first of equal maxima
// Throws ShapeError when the axis is empty, IndexError for a scalar.
// Hint: view x as (outer, size, inner), where outer and inner are products of sizes. (xt::argmax knows no rule for NaN,
// and over a mask that has one it is 4 to 13 times slower than a loop.)
Indices argmax(const Array& x, int axis) {
  const int along = normalize_axis("argmax", axis, x.rank());
  const std::int64_t size = x.shape()[along];
  if (size == 0) throw ShapeError("argmax: axis {} of shape {} is empty.", {along, x.shape()});
  const std::int64_t inner = strides_of(x.shape())[along];
  Indices result(reduced_shape(x.shape(), {along}, false));
  const auto places = result.mutable_data();
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const Real* line = x.data().data() + (i / inner) * size * inner + i % inner;
    std::int64_t best = 0;
    for (std::int64_t k = 1; k < size && !std::isnan(line[best * inner]); ++k) {
      if (line[k * inner] > line[best * inner] || std::isnan(line[k * inner])) best = k;
    }
    places[i] = static_cast<std::int32_t>(best);
  }
  return result;
}

}  // namespace rushlight::plain

namespace rushlight {

// 01.3 sum_to  x, shape that broadcasts to x's -> shape;  sums over every axis along which `shape` was repeated
// Throws ShapeError that names both shapes when it does not broadcast to x's.
// Hint: two kinds of axes were repeated: those missing on the left, and those of size 1. Without any, mind that sum takes
// an empty list for all axes.
Array sum_to(const Array& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  if (!broadcasts_to(shape, x.shape())) {
    throw ShapeError("sum_to: {} does not broadcast to {}.", {shape, x.shape()});
  }
  const int missing = x.rank() - shape.rank();
  Axes repeated;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (axis < missing || shape[axis - missing] != x.shape()[axis]) repeated.push_back(axis);
  }
  return sum(x, repeated, true).with_shape(shape);
}

}  // namespace rushlight
