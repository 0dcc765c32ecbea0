// avg_pool.cpp: the mean over parts of an image. A pooling window and an adaptive pool differ only in how they cut each
// axis into cells.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "09_spatial/pool.hpp"

namespace rushlight {
namespace {

// The window that the options describe.
Window window_of(const AvgPoolOptions& options) {
  const auto& [kernel, stride, padding, count_include_pad] = options;
  if (padding.h > kernel.h / 2 || padding.w > kernel.w / 2) {
    throw ValueError("avg_pool2d: padding {} is more than half of kernel {}.", {padding.str(), kernel.str()});
  }
  return {kernel, stride == 0 ? kernel : stride, padding, 1};
}

void check_adaptive(const Shape& x, Pair output) {
  if (x.rank() != 4 || x[2] < 1 || x[3] < 1) {
    throw ShapeError("adaptive_avg_pool2d: x is {}, but it must be (N, C, H, W) with H and W at least 1.", {x});
  }
  if (output.h < 1 || output.w < 1) {
    throw ValueError("adaptive_avg_pool2d: output is {}, but it must be at least 1x1.", {output.str()});
  }
}

// Calls visit(image, k, row cell, column cell) for every output: number k of the image's, in reading order.
template <class Visit>
void for_each_cell(std::int64_t images, const std::vector<Cell>& rows, const std::vector<Cell>& columns, Visit visit) {
  for (std::int64_t image = 0; image < images; ++image) {
    std::int64_t k = 0;
    for (const Cell& row : rows) {
      for (const Cell& column : columns) visit(image, k++, row, column);
    }
  }
}

}  // namespace

// 09.7 average_cells  x (N, C, H, W), rows (OH cells), columns (OW cells) -> (N, C, OH, OW);  Σ / (divisor·divisor)
// Hint: for_each_cell over N·C images. The image's pixels begin at image·H·W, its outputs at image·OH·OW.
Array average_cells(const Array& x, const std::vector<Cell>& rows, const std::vector<Cell>& columns) {
  const std::int64_t images = x.dim(0) * x.dim(1), H = x.dim(2), W = x.dim(3);
  const auto OH = static_cast<std::int64_t>(rows.size()), OW = static_cast<std::int64_t>(columns.size());
  // solution 09.7
  Array y({x.dim(0), x.dim(1), OH, OW});
  const Real* from = x.data().data();
  Real* to = y.mutable_data().data();
  for_each_cell(images, rows, columns, [&](std::int64_t image, std::int64_t k, const Cell& row, const Cell& column) {
    const Real* pixels = from + image * H * W;
    Real total = 0;
    for (std::int64_t i = row.first; i < row.last; ++i) {
      for (std::int64_t j = column.first; j < column.last; ++j) total += pixels[i * W + j];
    }
    to[image * OH * OW + k] = total / static_cast<Real>(row.divisor * column.divisor);
  });
  return y;
  // end solution
}

// 09.7 average_cells_backward  grad (N, C, OH, OW), x = (N, C, H, W), the cells -> dL/dx of that shape
// Hint: the same loops; every pixel of a cell += grad / (divisor·divisor).
Array average_cells_backward(const Array& grad, const Shape& x, const std::vector<Cell>& rows,
                             const std::vector<Cell>& columns) {
  const std::int64_t images = x[0] * x[1], H = x[2], W = x[3];
  const auto OH = static_cast<std::int64_t>(rows.size()), OW = static_cast<std::int64_t>(columns.size());
  // solution 09.7
  Array dx = zeros(x);
  const Real* from = grad.data().data();
  Real* to = dx.mutable_data().data();
  for_each_cell(images, rows, columns, [&](std::int64_t image, std::int64_t k, const Cell& row, const Cell& column) {
    Real* pixels = to + image * H * W;
    const Real share = from[image * OH * OW + k] / static_cast<Real>(row.divisor * column.divisor);
    for (std::int64_t i = row.first; i < row.last; ++i) {
      for (std::int64_t j = column.first; j < column.last; ++j) pixels[i * W + j] += share;
    }
  });
  return dx;
  // end solution
}

// 09.7 pool_cells  size of an axis, outputs along it, kernel, stride, padding -> the cells
//   cell o holds the pixels from o·stride - padding up to `kernel` further, as far as they are inside 0..size
// Hint: the divisor is the kernel when count_include_pad says so, otherwise the number of pixels that are left.
std::vector<Cell> pool_cells(std::int64_t size, std::int64_t outputs, std::int64_t kernel, std::int64_t stride,
                             std::int64_t padding, bool count_include_pad) {
  std::vector<Cell> cells;
  for (std::int64_t o = 0; o < outputs; ++o) {
    const std::int64_t start = o * stride - padding;
    const std::int64_t first = std::max<std::int64_t>(0, start);
    const std::int64_t last = std::min(size, start + kernel);
    cells.push_back({first, last, count_include_pad ? kernel : last - first});
  }
  return cells;
}

// 09.7 adaptive_cells  size of an axis, outputs along it -> cells from ⌊i·size/outputs⌋ to ⌈(i+1)·size/outputs⌉
// Hint: ⌈a / b⌉ = (a + b - 1) / b for a >= 0 and b > 0.
std::vector<Cell> adaptive_cells(std::int64_t size, std::int64_t outputs) {
  std::vector<Cell> cells;
  for (std::int64_t i = 0; i < outputs; ++i) {
    const std::int64_t first = i * size / outputs;
    const std::int64_t last = ((i + 1) * size + outputs - 1) / outputs;
    cells.push_back({first, last, last - first});
  }
  return cells;
}

namespace {

// Given: the kernel of the slot or the two functions above, and the rule that calls it back.
AvgPoolKernel kernel_for(const Tensor& x) {
  return avg_pool2d_slot.get(x.device(), {average_cells, average_cells_backward});
}

Rule rule_of(const AvgPoolKernel& average, const std::vector<Cell>& rows, const std::vector<Cell>& columns) {
  return [backward = average.backward, rows, columns](const Backward& bw) -> Arrays {
    return {backward(bw.grad, bw.in_shape(0), rows, columns)};
  };
}

}  // namespace

// 09.7 avg_pool2d  x (N, C, H, W) -> (N, C, OH, OW), one op called "avg_pool2d"
// Hint: window_of and output_size; pool_cells for the rows (x.dim(2)) and for the columns (x.dim(3)). Then
// record what kernel_for(x).forward gives, with rule_of.
Tensor avg_pool2d(const Tensor& x, const AvgPoolOptions& options) {
  const Window window = window_of(options);
  const Pair out = output_size("avg_pool2d", x.shape(), window);
  const auto& [kernel, stride, padding, dilation] = window;
  const bool include = options.count_include_pad;
  const std::vector<Cell> rows = pool_cells(x.dim(2), out.h, kernel.h, stride.h, padding.h, include);
  const std::vector<Cell> columns = pool_cells(x.dim(3), out.w, kernel.w, stride.w, padding.w, include);
  const AvgPoolKernel average = kernel_for(x);
  return record("avg_pool2d", average.forward(x.value(), rows, columns), {x}, Save::nothing,
                rule_of(average, rows, columns));
}

// 09.7 adaptive_avg_pool2d  x (N, C, H, W) -> (N, C, output.h, output.w), one op called "adaptive_avg_pool2d"
// Hint: check_adaptive, adaptive_cells twice, then as above.
Tensor adaptive_avg_pool2d(const Tensor& x, Pair output) {
  check_adaptive(x.shape(), output);
  const std::vector<Cell> rows = adaptive_cells(x.dim(2), output.h);
  const std::vector<Cell> columns = adaptive_cells(x.dim(3), output.w);
  const AvgPoolKernel average = kernel_for(x);
  return record("adaptive_avg_pool2d", average.forward(x.value(), rows, columns), {x}, Save::nothing,
                rule_of(average, rows, columns));
}

}  // namespace rushlight
