// table_reduce.cpp: given. Reductions over any axes: those that go are moved to the end, and each row becomes a number.
#include <algorithm>

#include "22_cuda/table.hpp"

namespace rushlight::cuda::table {
namespace {

// From here on one block would be busy for too long: all numbers become one in two launches.
constexpr std::int64_t long_row = 1 << 14;
constexpr std::int64_t most_partials = 128;

Array with_axes_last(const Array& x, const Axes& axes) {
  Axes order;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) order.push_back(axis);
  }
  order.insert(order.end(), axes.begin(), axes.end());
  return std::is_sorted(order.begin(), order.end()) ? x : table::permute(x, order);
}

std::int64_t count_of(const Shape& shape, const Axes& axes) {
  std::int64_t count = 1;
  for (const int axis : axes) count *= shape[axis];
  return count;
}

Array reduce(Reduction op, const Array& x, const Axes& axes, bool keepdim) {
  const std::int64_t width = count_of(x.shape(), axes);
  Array out = fresh(reduced_shape(x.shape(), axes, keepdim));
  const Array rows = with_axes_last(x, axes);
  if (out.size() == 1 && width > long_row) {
    Array partials = fresh({std::min(most_partials, width / block_threads)});
    reduce_all(op, view_to_write(out), view(rows), view_to_write(partials));
  } else {
    reduce_rows(op, view_to_write(out), view(rows), out.size(), width);
  }
  return out;
}

}  // namespace

Array sum(const Array& x, const Axes& axes, bool keepdim) {
  return reduce(Reduction::sum, x, normalize_axes("sum", axes, x.rank()), keepdim);
}

Array mean(const Array& x, const Axes& axes, bool keepdim) {
  const Axes reduced = normalize_axes("mean", axes, x.rank());
  const Array total = reduce(Reduction::sum, x, reduced, keepdim);
  return map(Unary::divide, total, static_cast<Real>(count_of(x.shape(), reduced)));
}

Array max(const Array& x, const Axes& axes, bool keepdim) {
  const Axes reduced = normalize_axes("max", axes, x.rank());
  for (const int axis : reduced) {
    if (x.shape()[axis] == 0) {
      throw ShapeError("max: axis {} of shape {} is empty and has no maximum.", {axis, x.shape()});
    }
  }
  return reduce(Reduction::max, x, reduced, keepdim);
}

}  // namespace rushlight::cuda::table
