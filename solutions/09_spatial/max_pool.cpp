// max_pool.cpp: the largest value of each window.
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
// taps; tap a of output o reads pixel a·dilation + (o·stride - padding), and outputs_inside tells which taps are inside.
// `value > best` is false for a NaN, so ask std::isnan as well; `!(value <= best)` would not do: once best is a NaN,
// everything passes it.
MaxPoolForward max_pool2d_forward(const Array& x, const Window& window) {
  const auto [OH, OW] = output_size("max_pool2d", x.shape(), window);
  const std::int64_t images = x.dim(0) * x.dim(1), H = x.dim(2), W = x.dim(3);
  const auto& [kernel, stride, padding, dilation] = window;
  const Shape shape{x.dim(0), x.dim(1), OH, OW};
  // solution 09.6
  MaxPoolForward result{Array(shape), Indices(shape)};
  const Real* image = x.data().data();
  Real* y = result.y.mutable_data().data();
  std::int32_t* argmax = result.argmax.mutable_data().data();
  for (std::int64_t n = 0; n < images; ++n, image += H * W) {
    for (std::int64_t i = 0; i < OH; ++i) {
      const std::int64_t top = i * stride.h - padding.h;
      const Run down = outputs_inside(top, dilation.h, H, kernel.h);
      for (std::int64_t j = 0; j < OW; ++j) {
        const std::int64_t left = j * stride.w - padding.w;
        const Run across = outputs_inside(left, dilation.w, W, kernel.w);
        Real best = -std::numeric_limits<Real>::infinity();
        std::int64_t place = -1;
        for (std::int64_t a = down.first; a < down.last; ++a) {
          for (std::int64_t b = across.first; b < across.last; ++b) {
            const std::int64_t pixel = (top + a * dilation.h) * W + left + b * dilation.w;
            if (place < 0 || image[pixel] > best || std::isnan(image[pixel])) best = image[place = pixel];
          }
        }
        *y++ = best;
        *argmax++ = static_cast<std::int32_t>(place);
      }
    }
  }
  return result;
  // end solution
}

// 09.6 max_pool2d_backward  grad and argmax (N, C, OH, OW), x = (N, C, H, W) -> dL/dx of that shape
// Hint: zeros, then += at each winner of each image; overlapping windows may share one. Skip the winner -1.
Array max_pool2d_backward(const Array& grad, const Indices& argmax, const Shape& x) {
  Array dx = zeros(x);
  const std::int64_t images = x[0] * x[1], pixels = x[2] * x[3];
  const std::int64_t outputs = images == 0 ? 0 : grad.size() / images;
  Real* image = dx.mutable_data().data();
  const Real* g = grad.data().data();
  const std::int32_t* winner = argmax.data().data();
  for (std::int64_t n = 0; n < images; ++n, image += pixels) {
    for (std::int64_t k = 0; k < outputs; ++k, ++g, ++winner) {
      if (*winner >= 0) image[*winner] += *g;
    }
  }
  return dx;
}

// 09.6 max_pool2d  x (N, C, H, W) -> (N, C, OH, OW), one op called "max_pool2d"
// Hint: window_of checks the options and fills in the stride. The kernel is max_pool2d_slot.get(device, {the two
// functions above}). The rule needs argmax and the shape of x, and no value: Save::nothing.
Tensor max_pool2d(const Tensor& x, const MaxPoolOptions& options) {
  const MaxPoolKernel kernel = max_pool2d_slot.get(x.value().device(), {max_pool2d_forward, max_pool2d_backward});
  const MaxPoolForward found = kernel.forward(x.value(), window_of(options));
  return record("max_pool2d", found.y, {x}, Save::nothing,
                [backward = kernel.backward, argmax = found.argmax](const Backward& bw) -> Arrays {
                  return {backward(bw.grad, argmax, bw.in_shape(0))};
                });
}

}  // namespace rushlight
