// pool.hpp: an image made smaller, each window replaced by its largest value or by its mean. As max_pool2d, avg_pool2d
// and adaptive_avg_pool2d of torch.nn.functional. Letters as in window.hpp.
// Differences from PyTorch: x always has a batch axis; a stride of 0 stands for None; no ceil_mode, return_indices or
// divisor_override.
#pragma once

#include <vector>

#include "01_tensor/kernel_slot.hpp"
#include "03_layers/module.hpp"
#include "09_spatial/window.hpp"

namespace rushlight {

// --- 09.6 (max_pool.cpp) --------------------------------------------------------------------------------------

struct MaxPoolOptions {
  Pair kernel = 2;
  Pair stride = 0;   // 0 on both axes: as the kernel, so that windows do not overlap
  Pair padding = 0;  // with -inf, which never wins; at most half the kernel (the dilation does not count)
  Pair dilation = 1;
};

// What the forward pass finds: the largest value of each window and where it stood.
struct MaxPoolForward {
  Array y;         // (N, C, OH, OW)
  Indices argmax;  // (N, C, OH, OW): row·W + column in its H x W image; -1 where no tap of the window is in the image
};

// Of equal values the first in reading order wins. A NaN wins against every number, and the last NaN against the
// others. Both as in PyTorch.
MaxPoolForward max_pool2d_forward(const Array& x, const Window& window);

// Each window's gradient goes to the one pixel that won, and windows that share a winner add up. x is the input's
// shape.
Array max_pool2d_backward(const Array& grad, const Indices& argmax, const Shape& x);

struct MaxPoolKernel {
  MaxPoolForward (*forward)(const Array& x, const Window& window) = nullptr;
  Array (*backward)(const Array& grad, const Indices& argmax, const Shape& x) = nullptr;
};
inline KernelSlot<MaxPoolKernel> max_pool2d_slot;

// x (N, C, H, W) -> (N, C, OH, OW), one op, "max_pool2d". Throws ShapeError where output_size does; ValueError for
// options out of range.
Tensor max_pool2d(const Tensor& x, const MaxPoolOptions& options = {});

// --- 09.7 (avg_pool.cpp) --------------------------------------------------------------------------------------

// The pixels first <= i < last of one axis, and by what their sum is divided along that axis.
struct Cell {
  std::int64_t first;
  std::int64_t last;
  std::int64_t divisor;
};

// x (N, C, H, W) -> (N, C, rows, columns): sum over rows[i] x columns[j], divided by both divisors.
Array average_cells(const Array& x, const std::vector<Cell>& rows, const std::vector<Cell>& columns);

// dL/dx (of shape x): every pixel of a cell receives the same share of the cell's gradient; cells may overlap.
Array average_cells_backward(const Array& grad, const Shape& x, const std::vector<Cell>& rows,
                             const std::vector<Cell>& columns);

struct AvgPoolKernel {
  Array (*forward)(const Array& x, const std::vector<Cell>& rows, const std::vector<Cell>& columns) = nullptr;
  Array (*backward)(const Array& grad, const Shape& x, const std::vector<Cell>& rows,
                    const std::vector<Cell>& columns) = nullptr;
};
inline KernelSlot<AvgPoolKernel> avg_pool2d_slot;  // for both average pools

struct AvgPoolOptions {
  Pair kernel = 2;
  Pair stride = 0;                // 0 on both axes: as the kernel
  Pair padding = 0;               // with zeros; at most half the kernel
  bool count_include_pad = true;  // whether the padding counts when the sum is divided
};

// The cells of one axis of a pooling window: outputs of them, clipped to the image of `size` pixels. Each has a pixel
// where the padding is at most half the kernel and output_size counted the outputs.
std::vector<Cell> pool_cells(std::int64_t size, std::int64_t outputs, std::int64_t kernel, std::int64_t stride,
                             std::int64_t padding, bool count_include_pad);

// x (N, C, H, W) -> (N, C, OH, OW), one op, "avg_pool2d". Throws as max_pool2d.
Tensor avg_pool2d(const Tensor& x, const AvgPoolOptions& options = {});

// The cells that cut `size` pixels into `outputs` nearly equal parts: from ⌊i·size/outputs⌋ to ⌈(i+1)·size/outputs⌉.
// They overlap by a pixel where the division does not come out even; each divides by its own length.
std::vector<Cell> adaptive_cells(std::int64_t size, std::int64_t outputs);

// x (N, C, H, W) -> (N, C, output.h, output.w), whatever H and W are, one op, "adaptive_avg_pool2d". With output = 1 it
// is the mean over the image. Throws ShapeError unless x has four axes and at least one pixel, ValueError when output
// is below 1.
Tensor adaptive_avg_pool2d(const Tensor& x, Pair output = 1);

// --- the same as layers (given) -------------------------------------------------------------------------------

struct MaxPool2d : Module {
  explicit MaxPool2d(MaxPoolOptions options = {}) : options(options) {}
  Tensor forward(const Tensor& x) override { return max_pool2d(x, options); }
  void members(Members&) override {}

  MaxPoolOptions options;
};

struct AvgPool2d : Module {
  explicit AvgPool2d(AvgPoolOptions options = {}) : options(options) {}
  Tensor forward(const Tensor& x) override { return avg_pool2d(x, options); }
  void members(Members&) override {}

  AvgPoolOptions options;
};

struct AdaptiveAvgPool2d : Module {
  explicit AdaptiveAvgPool2d(Pair output = 1) : output(output) {}
  Tensor forward(const Tensor& x) override { return adaptive_avg_pool2d(x, output); }
  void members(Members&) override {}

  Pair output;
};

}  // namespace rushlight
