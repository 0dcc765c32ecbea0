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

// 2x2 windows side by side, all inside the image: what nearly every network asks for.
bool halves(const Window& window) {
  return window.kernel == 2 && window.stride == 2 && window.padding == 0 && window.dilation == 1;
}

// `count` neighbouring outputs of such windows, the first with its corner at pixel `corner`, which upper points to.
template <int count>
void halve_block(const Real* upper, std::int64_t W, std::int64_t corner, Real* best, std::int32_t* place) {
  const Real* lower = upper + W;
  const auto width = static_cast<std::int32_t>(W);
#pragma GCC unroll 1  // unrolled too early, it would become branches instead of vector instructions: six times slower
  for (int j = 0; j < count; ++j) {
    Real most = upper[2 * j];
    std::int32_t step = 0;  // from the window's corner to the leader
    const auto consider = [&](Real value, std::int32_t its_step) {
      const bool leads = (value > most) | std::isnan(value);
      most = leads ? value : most;
      step = leads ? its_step : step;
    };
    consider(upper[2 * j + 1], 1);
    consider(lower[2 * j], width);
    consider(lower[2 * j + 1], width + 1);
    best[j] = most;
    place[j] = static_cast<std::int32_t>(corner) + 2 * j + step;
  }
}

// A row of OW outputs, block by block. The last block may overlap the one before: the same outputs once more.
template <int count>
void halve_blocks(const Real* image, std::int64_t corner, std::int64_t W, std::int64_t OW, Real* best,
                  std::int32_t* place) {
  for (std::int64_t next = 0; next < OW; next += count) {
    const std::int64_t j = std::min(next, OW - count);
    halve_block<count>(image + corner + 2 * j, W, corner + 2 * j, best + j, place + j);
  }
}

// Rows are short, 14 or 7 outputs in a network for 28x28 images: a loop over 16 at a time would never be entered.
void halve_row(const Real* image, std::int64_t corner, std::int64_t W, std::int64_t OW, Real* best,
               std::int32_t* place) {
  if (OW >= 16) return halve_blocks<16>(image, corner, W, OW, best, place);
  if (OW >= 8) return halve_blocks<8>(image, corner, W, OW, best, place);
  if (OW >= 4) return halve_blocks<4>(image, corner, W, OW, best, place);
  return halve_blocks<1>(image, corner, W, OW, best, place);
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
  MaxPoolForward result{Array(shape), Indices(shape)};
  const Real* image = x.data().data();
  Real* best = result.y.mutable_data().data();
  std::int32_t* place = result.argmax.mutable_data().data();
  std::fill_n(best, shape.numel(), -std::numeric_limits<Real>::infinity());
  std::fill_n(place, shape.numel(), -1);
  std::vector<Run> across(static_cast<std::size_t>(kernel.w));  // which outputs of a row find tap b in the image
  for (std::int64_t b = 0; b < kernel.w; ++b) {
    across[b] = outputs_inside(b * dilation.w - padding.w, stride.w, W, OW);
  }
  // Tap by tap over a whole row of outputs, not output by output over its taps: a long loop without branches.
  for (std::int64_t n = 0; n < images; ++n, image += H * W) {
    for (std::int64_t i = 0; i < OH; ++i, best += OW, place += OW) {
      if (halves(window)) {
        halve_row(image, 2 * i * W, W, OW, best, place);
        continue;
      }
      const std::int64_t top = i * stride.h - padding.h;
      const Run down = outputs_inside(top, dilation.h, H, kernel.h);
      for (std::int64_t a = down.first; a < down.last; ++a) {
        for (std::int64_t b = 0; b < kernel.w; ++b) {
          const std::int64_t corner = (top + a * dilation.h) * W + b * dilation.w - padding.w;  // output 0's pixel
          take_the_lead(image, corner, stride.w, across[b], best, place);
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
// Hint: window_of checks the options and fills in the stride. The rule needs argmax and the shape of x, and no value:
// Save::nothing.
Tensor max_pool2d(const Tensor& x, const MaxPoolOptions& options) {
  const auto [y, argmax] = max_pool2d_forward(x.value(), window_of(options));
  return record("max_pool2d", y, {x}, Save::nothing, [argmax = argmax](const Backward& bw) -> Arrays {
    return {max_pool2d_backward(bw.grad, argmax, bw.in_shape(0))};
  });
}

}  // namespace rushlight
