// max_pool.cpp: the largest value of each window.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "01_tensor/todo.hpp"
#include "09_spatial/pool.hpp"

namespace rushlight {
namespace {

// The window that the options describe. A padding above half the kernel would make windows of nothing but padding.
Window window_of(const MaxPoolOptions& options) {
  const auto& [kernel, stride, padding, dilation] = options;
  if (padding.h > kernel.h / 2 || padding.w > kernel.w / 2) {
    throw ValueError(
        fmt::format("max_pool2d: padding {} is more than half of kernel {}.", padding.str(), kernel.str()));
  }
  return {kernel, stride == 0 ? kernel : stride, padding, dilation};
}

}  // namespace

// 09.6 max_pool2d_forward  x (N, C, H, W), window -> y and argmax (N, C, OH, OW)
// A window's first pixel inside the image leads; in reading order, a pixel takes the lead when it is larger, or a NaN.
// A window with no pixel inside gives -inf and -1. Hint: for each of the N·C images and each output, two loops over the
// taps. outputs_inside tells which taps are inside, too: tap a of output o reads pixel a·dilation + (o·stride -
// padding). `value > best` is false for a NaN, so ask std::isnan as well; `!(value <= best)` would not do: once best is
// a NaN, everything passes it.
MaxPoolForward max_pool2d_forward(const Array& x, const Window& window) {
  const auto [OH, OW] = output_size("max_pool2d", x.shape(), window);
  const std::int64_t images = x.dim(0) * x.dim(1), H = x.dim(2), W = x.dim(3);
  const auto& [kernel, stride, padding, dilation] = window;
  const Shape shape{x.dim(0), x.dim(1), OH, OW};
  // solution 09.6
  MaxPoolForward result{Array(shape), Indices(shape)};
  const Real* image = x.data().data();
  Real* to = result.y.mutable_data().data();
  std::int32_t* winner = result.argmax.mutable_data().data();
  std::vector<Run> across(static_cast<std::size_t>(OW));  // which taps of window j are in the image, along the width
  for (std::int64_t j = 0; j < OW; ++j) {
    across[j] = outputs_inside(j * stride.w - padding.w, dilation.w, W, kernel.w);
  }
  for (std::int64_t n = 0; n < images; ++n, image += H * W) {
    for (std::int64_t i = 0; i < OH; ++i) {
      const std::int64_t top = i * stride.h - padding.h;
      const Run down = outputs_inside(top, dilation.h, H, kernel.h);
      for (std::int64_t j = 0; j < OW; ++j, ++to, ++winner) {
        const std::int64_t corner = top * W + j * stride.w - padding.w;  // the pixel of tap (0, 0), if there is one
        const auto [first, last] = across[j];
        Real best = -std::numeric_limits<Real>::infinity();
        std::int64_t place = -1;
        if (down.first < down.last && first < last) {
          place = corner + down.first * dilation.h * W + first * dilation.w;
          best = image[place];
        }
        for (std::int64_t a = down.first; a < down.last; ++a) {
          for (std::int64_t b = first; b < last; ++b) {
            const std::int64_t pixel = corner + a * dilation.h * W + b * dilation.w;
            const Real value = image[pixel];
            if (value > best || std::isnan(value)) {
              best = value;
              place = pixel;
            }
          }
        }
        *to = best;
        *winner = static_cast<std::int32_t>(place);
      }
    }
  }
  return result;
  // end solution
}

// 09.6 max_pool2d_backward  grad and argmax (N, C, OH, OW), x = (N, C, H, W) -> dL/dx of that shape
// Hint: zeros, then += at each winner of each image; overlapping windows may share one. Skip the winner -1.
Array max_pool2d_backward(const Array& grad, const Indices& argmax, const Shape& x) {
  // solution 09.6
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
  // end solution
}

// 09.6 max_pool2d  x (N, C, H, W) -> (N, C, OH, OW), one op called "max_pool2d"
// Hint: window_of checks the options and fills in the stride. The rule needs argmax and the shape of x, and no value:
// Save::nothing.
Tensor max_pool2d(const Tensor& x, const MaxPoolOptions& options) {
  // solution 09.6
  const auto [y, argmax] = max_pool2d_forward(x.value(), window_of(options));
  return record(
      "max_pool2d", y, {x},
      [argmax = argmax](const Backward& bw) -> Arrays {
        return {max_pool2d_backward(bw.grad, argmax, bw.in_shape(0))};
      },
      Save::nothing);
  // end solution
}

}  // namespace rushlight
