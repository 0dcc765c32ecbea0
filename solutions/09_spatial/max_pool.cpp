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

// solution helper
// One tap of a row of outputs: output j reads pixel corner + j·step, and gives it the lead if it deserves it.
void take_the_lead(const Real* image, std::int64_t corner, std::int64_t step, Run outputs, Real* best,
                   std::int32_t* place) {
  for (std::int64_t j = outputs.first; j < outputs.last; ++j) {
    const Real value = image[corner + j * step];
    const bool leads = (place[j] < 0) | (value > best[j]) | std::isnan(value);
    best[j] = leads ? value : best[j];
    place[j] = leads ? static_cast<std::int32_t>(corner + j * step) : place[j];
  }
}
// end solution

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
  // solution 09.6
  MaxPoolForward result{Array::full(shape, -std::numeric_limits<Real>::infinity()), Indices(shape)};
  const Real* image = x.data().data();
  Real* best = result.y.mutable_data().data();
  std::int32_t* place = result.argmax.mutable_data().data();
  std::fill_n(place, shape.numel(), -1);
  // Tap by tap over a row of outputs, not output by output over its taps: a loop without branches, a fifth of the time.
  for (std::int64_t n = 0; n < images; ++n, image += H * W) {
    for (std::int64_t i = 0; i < OH; ++i, best += OW, place += OW) {
      const std::int64_t top = i * stride.h - padding.h;
      const Run down = outputs_inside(top, dilation.h, H, kernel.h);
      for (std::int64_t a = down.first; a < down.last; ++a) {
        for (std::int64_t b = 0; b < kernel.w; ++b) {
          const std::int64_t left = b * dilation.w - padding.w;  // of output 0
          take_the_lead(image, (top + a * dilation.h) * W + left, stride.w, outputs_inside(left, stride.w, W, OW), best,
                        place);
        }
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
// functions above}). The rule keeps its backward, and needs argmax and the shape of x, but no value: Save::nothing.
Tensor max_pool2d(const Tensor& x, const MaxPoolOptions& options) {
  const MaxPoolKernel kernel = max_pool2d_slot.get(x.value().device(), {max_pool2d_forward, max_pool2d_backward});
  const MaxPoolForward found = kernel.forward(x.value(), window_of(options));
  return record("max_pool2d", found.y, {x}, Save::nothing,
                [backward = kernel.backward, argmax = found.argmax](const Backward& bw) -> Arrays {
                  return {backward(bw.grad, argmax, bw.in_shape(0))};
                });
}

}  // namespace rushlight
