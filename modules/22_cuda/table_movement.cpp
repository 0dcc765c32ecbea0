// table_movement.cpp: given. Permutes, slices and what is built from them: strides for 22.5's kernels.
#include <algorithm>

#include "01_tensor/strided.hpp"
#include "22_cuda/table.hpp"

namespace rushlight::cuda::table {
namespace {

Layout strided(const Shape& shape, const Shape& strides) {
  Layout layout = layout_of(shape);
  set_strides(layout, 0, strides);
  return layout;
}

Array read(const Array& x, const Shape& shape, const Shape& strides, std::int64_t start) {
  Array out = fresh(shape);
  if (out.size() > 0) read_strided(view_to_write(out), view(x), strided(shape, strides), start);
  return out;
}

// Which part of `whole` a slice is.
struct Window {
  Shape shape, strides;
  std::int64_t start;
};

Window window(const Shape& whole, int axis, const Slice& range) {
  const int along = normalize_axis("slice", axis, whole.rank());
  if (range.step < 1) throw ValueError("slice: step {} must be at least 1.", {range.step});
  const std::int64_t size = whole[along];
  const auto clamped = [size](std::int64_t bound) {
    return std::clamp<std::int64_t>(bound < 0 ? bound + size : bound, 0, size);
  };
  const std::int64_t start = clamped(range.start), stop = clamped(range.stop);
  const std::int64_t step = std::min(range.step, std::max<std::int64_t>(1, size));
  Window w{whole, strides_of(whole), 0};
  w.start = start * w.strides[along];
  w.strides[along] *= step;
  w.shape[along] = stop > start ? (stop - start - 1) / step + 1 : 0;
  return w;
}

// The last two axes swapped, all others in their places: tiles do it, with neighbours on both sides.
bool swaps_last_two(const Axes& axes) {
  const int rank = static_cast<int>(axes.size());
  if (rank < 2 || axes[rank - 1] != rank - 2 || axes[rank - 2] != rank - 1) return false;
  return std::is_sorted(axes.begin(), axes.end() - 2);
}

}  // namespace

Array permute(const Array& x, const Axes& axes) {
  if (static_cast<int>(axes.size()) != x.rank()) {
    throw ShapeError("permute: {} axes for shape {}: name every axis once.", {std::int64_t(axes.size()), x.shape()});
  }
  normalize_axes("permute", axes, x.rank());  // refuses an axis that is named twice
  Axes order;
  for (const int axis : axes) order.push_back(normalize_axis("permute", axis, x.rank()));
  const Shape own = strides_of(x.shape());
  Shape shape = x.shape(), strides = own;
  for (int axis = 0; axis < x.rank(); ++axis) {
    shape[axis] = x.shape()[order[axis]];
    strides[axis] = own[order[axis]];
  }
  if (!swaps_last_two(order) || x.size() == 0) return read(x, shape, strides, 0);
  Array out = fresh(shape);
  transpose_tiled(view_to_write(out), view(x), x.size() / (x.dim(-1) * x.dim(-2)), x.dim(-2), x.dim(-1));
  return out;
}

Array broadcast_to(const Array& x, const Shape& shape) {
  if (!broadcasts_to(x.shape(), shape)) {
    throw ShapeError("broadcast_to: {} does not broadcast to {}.", {x.shape(), shape});
  }
  return read(x, shape, broadcast_strides(x.shape(), shape), 0);
}

Array concat(const Arrays& parts, int axis) {
  if (parts.empty()) throw ShapeError("concat: needs at least one array.");
  const int along = normalize_axis("concat", axis, parts[0].rank());
  Shape shape = parts[0].shape();
  shape[along] = 0;
  for (const Array& part : parts) {
    Shape rest = part.shape();
    if (rest.rank() == shape.rank()) rest[along] = parts[0].shape()[along];
    if (rest != parts[0].shape()) {
      throw ShapeError("concat: {} does not fit {} along axis {}: all other sizes must agree.",
                       {part.shape(), parts[0].shape(), along});
    }
    shape[along] += part.shape()[along];
  }
  Array out = fresh(shape);
  const Shape strides = strides_of(shape);
  std::int64_t start = 0;
  for (const Array& part : parts) {
    if (part.size() > 0) write_strided(view_to_write(out), view(part), strided(part.shape(), strides), start);
    start += part.shape()[along] * strides[along];
  }
  return out;
}

Array slice(const Array& x, int axis, Slice range) {
  const Window w = window(x.shape(), axis, range);
  return read(x, w.shape, w.strides, w.start);
}

Array unslice(const Array& x, const Shape& shape, int axis, Slice range) {
  const Window w = window(shape, axis, range);
  if (x.shape() != w.shape) {
    throw ShapeError("unslice: got {}, but that slice of {} is {}.", {x.shape(), shape, w.shape});
  }
  Array out = table::full(shape, 0);
  if (x.size() > 0) write_strided(view_to_write(out), view(x), strided(w.shape, w.strides), w.start);
  return out;
}

}  // namespace rushlight::cuda::table
