// max_pool.cpp: the largest value of each window.
#include <algorithm>
#include <cmath>
#include <limits>

#include "01_tensor/todo.hpp"
#include "09_spatial/pool.hpp"

namespace rushlight {
namespace {

// The window that the options describe. A padding above half the kernel would make windows of nothing but padding.
Window window_of(const MaxPoolOptions& options) {
  const auto& [kernel, stride, padding, dilation] = options;
  if (padding.h > kernel.h / 2 || padding.w > kernel.w / 2) {
    throw ValueError("max_pool2d: padding {} is more than half of kernel {}.", {padding.str(), kernel.str()});
  }
  return {kernel, stride == 0 ? kernel : stride, padding, dilation};
}

}  // namespace

// 09.6 max_pool2d_forward  x (N, C, H, W), window -> y and argmax (N, C, OH, OW)
// A window's first pixel inside the image leads; in reading order, a pixel takes the lead when it is larger, or a NaN.
// A window with no pixel inside gives -inf and -1. Hint: for each of the N·C images and each output, two loops over the
// taps (faster: for each row of outputs and each tap, a loop over the outputs). outputs_inside tells which are inside:
// tap a of output o reads pixel a·dilation + (o·stride - padding). `value > best` is false for a NaN, so ask std::isnan
// as well; `!(value <= best)` would not do: once best is a NaN, everything passes it.
MaxPoolForward max_pool2d_forward(const Array& x, const Window& window) {
  const auto [OH, OW] = output_size("max_pool2d", x.shape(), window);
  const std::int64_t images = x.dim(0) * x.dim(1), H = x.dim(2), W = x.dim(3);
  const auto& [kernel, stride, padding, dilation] = window;
  const Shape shape{x.dim(0), x.dim(1), OH, OW};
  todo("09.6");
}

// 09.6 max_pool2d_backward  grad and argmax (N, C, OH, OW), x = (N, C, H, W) -> dL/dx of that shape
// Hint: zeros, then += at each winner of each image; overlapping windows may share one. Skip the winner -1.
Array max_pool2d_backward(const Array& grad, const Indices& argmax, const Shape& x) {
  todo("09.6");
}

// 09.6 max_pool2d  x (N, C, H, W) -> (N, C, OH, OW), one op called "max_pool2d"
// Hint: window_of checks the options and fills in the stride. The kernel is max_pool2d_slot.get(device, {the two
// functions above}). The rule keeps its backward, and needs argmax and the shape of x, but no value: Save::nothing.
Tensor max_pool2d(const Tensor& x, const MaxPoolOptions& options) {
  todo("09.6");
}

}  // namespace rushlight
