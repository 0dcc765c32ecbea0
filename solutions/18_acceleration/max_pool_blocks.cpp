// max_pool_blocks.cpp: max pooling of 2x2 windows side by side, what nearly every network asks for, many outputs at once.
//
// Output by output, a maximum of four is four comparisons that each wait for the one before, and a branch that nobody can
// foresee. Neighbouring outputs do not wait for each other. So a block of them is worked on together, without branches:
// the compiler makes one instruction of several outputs. Rows are short, 14 or 7 outputs in a network for 28x28 images:
// a loop over 16 at a time would never be entered, so the block has 16, 8, 4 or 1 outputs, whatever fits into the row.
#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "18_acceleration/kernels.hpp"
#include "18_acceleration/parallel.hpp"

namespace rushlight {
namespace {

// Outputs in a piece of work: some 20 µs.
constexpr std::int64_t outputs_of_a_piece = 1 << 14;

// 2x2 windows side by side, all inside the image.
bool halves(const Window& window) {
  return window.kernel == 2 && window.stride == 2 && window.padding == 0 && window.dilation == 1;
}

// solution helper
// `count` neighbouring outputs, the first with its corner at pixel `corner`, which upper points to.
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

void halve_row(const Real* image, std::int64_t corner, std::int64_t W, std::int64_t OW, Real* best,
               std::int32_t* place) {
  if (OW >= 16) return halve_blocks<16>(image, corner, W, OW, best, place);
  if (OW >= 8) return halve_blocks<8>(image, corner, W, OW, best, place);
  if (OW >= 4) return halve_blocks<4>(image, corner, W, OW, best, place);
  return halve_blocks<1>(image, corner, W, OW, best, place);
}
// end solution

}  // namespace

// 18.9 blocked_max_pool2d_forward  x (N, C, H, W), window -> y and argmax (N, C, OH, OW)
// Other windows than 2x2 side by side: max_pool2d_forward. As there, a pixel takes the lead when it is larger, or a NaN: of
// equal values the first wins, of NaNs the last.
// Hint: a template over the number of outputs in a block, so that the compiler knows it; parallel_for over the N·C
// images. Row i of the outputs has its first corner at pixel 2·i·W.
MaxPoolForward blocked_max_pool2d_forward(const Array& x, const Window& window) {
  if (!halves(window)) return max_pool2d_forward(x, window);
  const auto [OH, OW] = output_size("max_pool2d", x.shape(), window);
  const std::int64_t H = x.dim(2), W = x.dim(3), outputs = OH * OW;
  const Shape shape{x.dim(0), x.dim(1), OH, OW};
  // solution 18.9
  MaxPoolForward result{Array(shape), Indices(shape)};
  const Real* pixels = x.data().data();
  Real* best = result.y.mutable_data().data();
  std::int32_t* place = result.argmax.mutable_data().data();
  const std::int64_t grain = std::max<std::int64_t>(1, outputs_of_a_piece / outputs);
  parallel_for(x.dim(0) * x.dim(1), grain, [=, rows = OH, columns = OW](std::int64_t first, std::int64_t last) {
    for (std::int64_t n = first; n < last; ++n) {
      for (std::int64_t i = 0; i < rows; ++i) {
        const std::int64_t output = n * outputs + i * columns;
        halve_row(pixels + n * H * W, 2 * i * W, W, columns, best + output, place + output);
      }
    }
  });
  return result;
  // end solution
}

}  // namespace rushlight
