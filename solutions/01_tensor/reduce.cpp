// reduce.cpp: sums, means and maxima over axes.
#include "01_tensor/primitives.hpp"
#include "01_tensor/strided.hpp"
#include "01_tensor/todo.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rushlight {
namespace {  // solution

// Blocks in Real with sixteen independent sums, which the processor adds at once; the blocks in double, so that
// a sum of a million numbers keeps its digits.
double row_sum(const Real* x, std::int64_t length) {
  constexpr std::int64_t lanes = 16;
  constexpr std::int64_t block = 32;  // numbers that a lane adds up in Real
  double total = 0;
  std::int64_t i = 0;
  while (i + lanes <= length) {
    Real part[lanes] = {};
    for (std::int64_t n = std::min(block, (length - i) / lanes); n > 0; --n, i += lanes) {
      for (std::int64_t lane = 0; lane < lanes; ++lane) part[lane] += x[i + lane];
    }
    for (const Real value : part) total += value;
  }
  for (; i < length; ++i) total += x[i];
  return total;
}

// The strides with which a result of shape `kept` (reduced axes of size 1) is written while x is walked.
std::array<Shape, 2> reduction_strides(const Shape& from, const Shape& kept) {
  return {strides_of(from), broadcast_strides(kept, from)};
}

// Adds the rows of a matrix (count, length) to the totals: four in Real before double takes over, so that a quarter as
// many numbers are converted.
void add_rows(const Real* row, std::int64_t count, std::int64_t length, double* total) {
  for (; count >= 4; count -= 4, row += 4 * length) {
    for (std::int64_t i = 0; i < length; ++i) {
      total[i] += (row[i] + row[i + length]) + (row[i + 2 * length] + row[i + 3 * length]);
    }
  }
  for (; count > 0; --count, row += length) {
    for (std::int64_t i = 0; i < length; ++i) total[i] += row[i];
  }
}

// Adds every number of x to its total: the one at its place in an array of shape `kept`, reduced axes of size 1.
void add_to(std::vector<double>& totals, const Array& x, const Shape& kept) {
  Shape rows = x.shape();
  auto strides = reduction_strides(x.shape(), kept);
  join_last_axes(rows, strides);
  const std::int64_t length = row_length(rows);
  const bool along_row = row_step(strides[1]) == 0;
  for_each_row(rows, strides, [&](const auto& start) {
    const Real* row = x.data().data() + start[0];
    if (along_row) {
      totals[start[1]] += row_sum(row, length);
    } else {
      add_rows(row, 1, length, totals.data() + start[1]);
    }
  });
}

// Over normalised axes. In double, or a column of a million numbers loses its digits.
Array sum_over(const Array& x, const Axes& axes, bool keepdim) {
  const Shape shape = reduced_shape(x.shape(), axes, keepdim);
  if (static_cast<int>(axes.size()) == x.rank()) {
    return Array::full(shape, static_cast<Real>(row_sum(x.data().data(), x.size())));
  }
  Array out(shape);
  std::vector<double> totals(static_cast<std::size_t>(out.size()));
  const bool from_the_front = axes.back() + 1 == static_cast<int>(axes.size());
  if (from_the_front) {  // whole rows on top of each other, as for the gradient of a bias
    if (out.size() > 0) add_rows(x.data().data(), x.size() / out.size(), out.size(), totals.data());
  } else {
    add_to(totals, x, reduced_shape(x.shape(), axes, true));
  }
  std::copy(totals.begin(), totals.end(), out.mutable_data().begin());
  return out;
}

}  // namespace

// 01.3 sum  x (any shape) -> x without `axes` (or with size 1 there);  all axes when none are given
// Errors about axes name `sum`. A sum over nothing is 0. A million times 0.1 gives 100000, not 100958: add up in
// double, or in blocks. Hint: walk x once with for_each_row; along a reduced axis the result's stride is 0.
Array sum(const Array& x, const Axes& axes, bool keepdim) {
  return sum_over(x, normalize_axes("sum", axes, x.rank()), keepdim);
}

// 01.3 mean  as sum, divided by the number of elements that went into each result;  NaN over nothing
// Errors about axes name `mean`, not `sum`. Hint: that number is x.size() / result.size(), unless the result is empty.
Array mean(const Array& x, const Axes& axes, bool keepdim) {
  const Axes reduced = normalize_axes("mean", axes, x.rank());
  std::int64_t count = 1;
  for (const int axis : reduced) count *= x.shape()[axis];
  Array means = sum_over(x, reduced, keepdim);
  for (Real& each : means.mutable_data()) each /= static_cast<Real>(count);
  return means;
}

// 01.3 max  as sum, with the largest element;  NaN wins;  ShapeError with the shape over nothing
// Errors about axes name `max`. Hint: start from -inf.
Array max(const Array& x, const Axes& axes, bool keepdim) {
  const Axes reduced = normalize_axes("max", axes, x.rank());
  for (const int axis : reduced) {
    if (x.shape()[axis] == 0)
      throw ShapeError("max: axis {} of shape {} is empty and has no maximum.", {axis, x.shape()});
  }
  Array best = Array::full(reduced_shape(x.shape(), reduced, true), -std::numeric_limits<Real>::infinity());
  const auto strides = reduction_strides(x.shape(), best.shape());
  Real* to = best.mutable_data().data();
  for_each_row(x.shape(), strides, [&](const auto& start) {
    const Real* row = x.data().data() + start[0];
    for (std::int64_t i = 0; i < row_length(x.shape()); ++i) {
      Real& out = to[start[1] + i * row_step(strides[1])];
      if (row[i] > out || std::isnan(row[i])) out = row[i];
    }
  });
  return best.with_shape(reduced_shape(x.shape(), reduced, keepdim));
}

// 01.3 argmax  x (any shape of rank >= 1) -> Indices, x without `axis`;  the first of equal maxima, a NaN before all
// Throws ShapeError when the axis is empty, IndexError for a scalar.
// Hint: view x as (outer, size, inner), where outer and inner are products of sizes.
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

// 01.3 sum_to  x, shape that broadcasts to x's -> shape;  sums over every axis along which `shape` was repeated
// Throws ShapeError that names both shapes when it does not broadcast to x's.
// Hint: two kinds of axes were repeated: those missing on the left, and those of size 1.
Array sum_to(const Array& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  const int missing = x.rank() - shape.rank();
  bool fits = missing >= 0;
  Axes repeated;
  for (int axis = 0; fits && axis < x.rank(); ++axis) {
    const std::int64_t wanted = axis < missing ? 1 : shape[axis - missing];
    fits = wanted == 1 || wanted == x.shape()[axis];
    if (axis < missing || wanted != x.shape()[axis]) repeated.push_back(axis);
  }
  if (!fits) throw ShapeError("sum_to: {} does not broadcast to {}.", {shape, x.shape()});
  return sum(x, repeated, true).with_shape(shape);
}

}  // namespace rushlight
