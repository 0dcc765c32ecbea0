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
  todo("18.9");
}

}  // namespace rushlight
