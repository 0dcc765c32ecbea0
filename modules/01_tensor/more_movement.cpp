// more_movement.cpp: given. Axes that come and go, parts that are cut, joined or turned round.
#include <algorithm>

#include "01_tensor/more.hpp"

namespace rushlight {

Tensor squeeze(const Tensor& x) { return squeeze(x, Axes{}); }

Tensor squeeze(const Tensor& x, const Axes& axes) {
  Axes gone;
  for (const int axis : normalize_axes("squeeze", axes, x.rank())) {
    if (x.shape()[axis] == 1) gone.push_back(axis);
  }
  return reshape(x, reduced_shape(x.shape(), gone, false));
}

Tensor unsqueeze(const Tensor& x, int axis) {
  const int at = normalize_axis("unsqueeze", axis, x.rank() + 1);
  Shape shape;
  for (int i = 0; i <= x.rank(); ++i) shape.push_back(i == at ? 1 : x.shape()[i < at ? i : i - 1]);
  return reshape(x, shape);
}

Tensor select(const Tensor& x, int axis, std::int64_t index) {
  const int along = normalize_axis("select", axis, x.rank());
  const std::int64_t size = x.shape()[along];
  if (index < -size || index >= size) {
    throw IndexError("select: index {} is outside axis {} of {}: needs {}..{}.",
                     {index, along, x.shape(), -size, size - 1});
  }
  const std::int64_t at = index < 0 ? index + size : index;
  return reshape(slice(x, along, {at, at + 1}), reduced_shape(x.shape(), {along}, false));
}

Tensor expand(const Tensor& x, const Shape& shape) {
  Shape full = shape;
  const int fresh = shape.rank() - x.rank();
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] == -1 && axis >= fresh && fresh >= 0) full[axis] = x.shape()[axis - fresh];
  }
  if (fresh < 0 || std::any_of(full.begin(), full.end(), [](std::int64_t size) { return size < 0; }) ||
      !broadcasts_to(x.shape(), full)) {
    throw ShapeError(
        "expand: {} does not expand to {}: sizes must be equal or 1 from the right, and -1 keeps one that is there.",
        {x.shape(), shape});
  }
  return broadcast_to(x, full);
}

namespace {

// Which row of x, seen as rows of everything behind the last flipped axis, row `row` of the result is.
std::int64_t mirrored(std::int64_t row, const Shape& shape, const Axes& axes) {
  std::int64_t from = 0, stride = 1;
  for (int axis = axes.back(); axis >= 0; --axis) {
    const std::int64_t at = row % shape[axis];
    from += (std::binary_search(axes.begin(), axes.end(), axis) ? shape[axis] - 1 - at : at) * stride;
    row /= shape[axis];
    stride *= shape[axis];
  }
  return from;
}

}  // namespace

Tensor flip(const Tensor& x, const Axes& axes) {
  const Axes turned = normalize_axes("flip", axes, x.rank());
  if (turned.empty() || x.size() == 0) return reshape(x, x.shape());
  const std::int64_t inner = strides_of(x.shape())[turned.back()];
  const std::int64_t rows = x.size() / inner;
  if (rows > INT32_MAX) throw ShapeError("flip: {} has {} rows, more than an index can name.", {x.shape(), rows});
  Indices ids(Shape{rows});
  const auto to = ids.mutable_data();
  for (std::int64_t row = 0; row < rows; ++row) {
    to[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(mirrored(row, x.shape(), turned));
  }
  return reshape(take(reshape(x, {rows, inner}), ids.to(x.device())), x.shape());
}

Tensor stack(const Tensors& parts, int axis) {
  if (parts.empty()) throw ShapeError("stack: there is nothing to stack.");
  Tensors raised;
  for (const Tensor& part : parts) {
    if (part.shape() != parts[0].shape()) {
      throw ShapeError("stack: part {} is {}, but part 0 is {}: all shapes must be equal.",
                       {raised.size(), part.shape(), parts[0].shape()});
    }
    raised.push_back(unsqueeze(part, axis));
  }
  return concat(raised, normalize_axis("stack", axis, parts[0].rank() + 1));
}

namespace {

Tensor pad_axis(const Tensor& x, int axis, std::int64_t left, std::int64_t right, Real value) {
  const std::int64_t size = x.shape()[axis];
  const std::int64_t start = std::max<std::int64_t>(0, -left), stop = size - std::max<std::int64_t>(0, -right);
  const auto filled = [&](std::int64_t count) -> Tensor {
    Shape shape = x.shape();
    shape[axis] = count;
    return Array::full(shape, value).to(x.device());
  };
  Tensors parts;
  if (left > 0) parts.push_back(filled(left));
  parts.push_back(start == 0 && stop == size ? x : slice(x, axis, {start, stop}));
  if (right > 0) parts.push_back(filled(right));
  return parts.size() == 1 ? parts[0] : concat(parts, axis);
}

}  // namespace

Tensor pad(const Tensor& x, const std::vector<std::int64_t>& sizes, Real value) {
  const std::size_t axes = sizes.size() / 2;
  if (sizes.size() % 2 != 0 || axes > static_cast<std::size_t>(x.rank())) {
    throw ShapeError("pad: {} sizes do not fit {}: needs a left and a right one for each of at most {} axes.",
                     {sizes.size(), x.shape(), x.rank()});
  }
  Tensor result = reshape(x, x.shape());
  for (std::size_t i = 0; i < axes; ++i) {
    const int axis = x.rank() - 1 - static_cast<int>(i);
    const std::int64_t left = sizes[2 * i], right = sizes[2 * i + 1], size = x.shape()[axis];
    if (std::min<std::int64_t>(left, 0) < -size - std::min<std::int64_t>(right, 0)) {
      throw ShapeError("pad: {} and {} cut more off axis {} of {} than is there.", {left, right, axis, x.shape()});
    }
    result = pad_axis(result, axis, left, right, value);
  }
  return result;
}

namespace {

Tensor triangle(const char* op, const Tensor& x, std::int64_t diagonal, bool lower) {
  if (x.rank() < 2) throw ShapeError("{}: {} holds no matrices: needs (..., M, N).", {op, x.shape()});
  const std::int64_t rows = x.dim(-2), columns = x.dim(-1);
  Mask kept(Shape{rows, columns});
  const auto to = kept.mutable_data();
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    const std::int64_t right_of = i % columns - i / columns;
    to[static_cast<std::size_t>(i)] = lower ? right_of <= diagonal : right_of >= diagonal;
  }
  return where(kept.to(x.device()), x, Array::scalar(0).to(x.device()));
}

}  // namespace

Tensor tril(const Tensor& x, std::int64_t diagonal) { return triangle("tril", x, diagonal, true); }
Tensor triu(const Tensor& x, std::int64_t diagonal) { return triangle("triu", x, diagonal, false); }

}  // namespace rushlight
