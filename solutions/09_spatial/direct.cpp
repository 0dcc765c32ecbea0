// direct.cpp: the definition of a convolution, written down as loops.
#include "01_tensor/todo.hpp"
#include "09_spatial/conv.hpp"

namespace rushlight {

// 09.2 conv2d_direct  x (N, C, H, W), weight (O, C/G, KH, KW), bias (O) or undefined -> (N, O, OH, OW)
//   y[n, o, i, j] = bias[o] + Σ weight[o, c, a, b] · x[n, g·C/G + c, i·stride.h - padding.h + a·dilation.h,
//                                                     j·stride.w - padding.w + b·dilation.w],  g = o / (O/G)
// Hint: seven loops, n o i j outside and c a b inside. Work out the pixel's row and column, and skip it when it lies
// outside the image. Flat places: ((n·C + c)·H + row)·W + column. Plain pointers (.data().data()) are not checked.
Array conv2d_direct(const Array& x, const Array& weight, const Array& bias, const ConvOptions& options) {
  const auto [OH, OW] = check_conv2d(x.shape(), weight.shape(), bias, options);
  const std::int64_t N = x.dim(0), C = x.dim(1), H = x.dim(2), W = x.dim(3);
  const std::int64_t O = weight.dim(0), CG = weight.dim(1), KH = weight.dim(2), KW = weight.dim(3);
  const auto& [stride, padding, dilation, groups] = options;
  // solution 09.2
  Array y({N, O, OH, OW});
  const Real* pixels = x.data().data();
  const Real* weights = weight.data().data();
  Real* to = y.mutable_data().data();
  for (std::int64_t n = 0; n < N; ++n) {
    for (std::int64_t o = 0; o < O; ++o) {
      const std::int64_t first_channel = o / (O / groups) * CG;  // of the part of x that this output sees
      for (std::int64_t i = 0; i < OH; ++i) {
        for (std::int64_t j = 0; j < OW; ++j) {
          Real total = bias.defined() ? bias.data()[o] : 0;
          for (std::int64_t c = 0; c < CG; ++c) {
            const Real* image = pixels + (n * C + first_channel + c) * H * W;
            const Real* taps = weights + (o * CG + c) * KH * KW;
            for (std::int64_t a = 0; a < KH; ++a) {
              const std::int64_t row = i * stride.h - padding.h + a * dilation.h;
              if (row < 0 || row >= H) continue;
              for (std::int64_t b = 0; b < KW; ++b) {
                const std::int64_t column = j * stride.w - padding.w + b * dilation.w;
                if (column < 0 || column >= W) continue;
                total += taps[a * KW + b] * image[row * W + column];
              }
            }
          }
          *to++ = total;
        }
      }
    }
  }
  return y;
  // end solution
}

}  // namespace rushlight
