// window.hpp: the arithmetic of a small window that slides over an image, shared by convolution and pooling. A window
// has kernel.h x kernel.w taps; a tap reads one pixel, or the padding around the image.
// Letters, here and in all of module 09: N images, C channels, H and W of the input, OH and OW of the output, KH and KW
// of the kernel, L = OH·OW positions of the window.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "01_tensor/tensor.hpp"

namespace rushlight {

// One number per axis: height, then width. A lone number stands for both, as in PyTorch: stride = 2, padding = {1, 0}.
struct Pair {
  std::int64_t h;
  std::int64_t w;

  constexpr Pair(std::int64_t both) : h(both), w(both) {}  // NOLINT: so that .stride = 2 reads as in PyTorch
  constexpr Pair(std::int64_t height, std::int64_t width) : h(height), w(width) {}
  constexpr bool operator==(const Pair&) const = default;
  std::string str() const { return formatted("{}x{}", {h, w}); }
};

struct Window {
  Pair kernel = 1;    // taps per axis, at least 1
  Pair stride = 1;    // how far the window moves from one output to the next, at least 1
  Pair padding = 0;   // rows and columns added at either side of the image, at least 0
  Pair dilation = 1;  // distance between neighbouring taps, at least 1
};

// --- 09.1, written by you in window.cpp -----------------------------------------------------------------------

// How many places the window finds along each axis of an image of this size (x's last two axes; x is (N, C, H, W)):
//   out = ⌊(size + 2·padding - dilation·(kernel - 1) - 1) / stride⌋ + 1
// What is left over at the bottom or right is not read (PyTorch's ceil_mode=False; there is no other mode here).
// Throws ShapeError when x has not four axes, no pixels, or when the padded image is smaller than the window: the
// message names the smallest size that works. Throws ValueError when a number of the window is out of its range.
Pair output_size(std::string_view op, const Shape& x, const Window& window);

// Along one axis, output o of a tap reads pixel o·stride + start, where start = tap·dilation - padding. The outputs
// for which this pixel exists (0 <= pixel < size) are first <= o < last, a run without gaps; first == last: none. Both are
// within 0..outputs.
struct Run {
  std::int64_t first;
  std::int64_t last;
};
Run outputs_inside(std::int64_t start, std::int64_t stride, std::int64_t size, std::int64_t outputs);

}  // namespace rushlight
