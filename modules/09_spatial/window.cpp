// window.cpp: how many places a window finds, and which of its taps stay inside the image.
#include "09_spatial/window.hpp"

#include <algorithm>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

// Numbers beyond this cannot mean anything, and sums of their products would overflow.
constexpr std::int64_t largest = std::int64_t{1} << 30;

void check_range(std::string_view op, const char* what, const Pair& pair, std::int64_t least) {
  if (std::min(pair.h, pair.w) < least || std::max(pair.h, pair.w) > largest) {
    throw ValueError("{}: {} is {}, but both of its numbers must be between {} and 2^30.",
                     {op, what, pair.str(), least});
  }
}

void check_window(std::string_view op, const Window& window) {
  check_range(op, "kernel", window.kernel, 1);
  check_range(op, "stride", window.stride, 1);
  check_range(op, "padding", window.padding, 0);
  check_range(op, "dilation", window.dilation, 1);
}

void check_images(std::string_view op, const Shape& x) {
  if (x.rank() != 4) throw ShapeError("{}: x is {}, but it must be (N, C, H, W).", {op, x});
}

// 09.1 axis_outputs  axis ("height" or "width", for the message), size of the image along it, the window along it
//   -> ⌊(size + 2·padding - span) / stride⌋ + 1, where span = dilation·(kernel - 1) + 1
// Throws ShapeError when size is 0 or the padded image is shorter than the span. The message holds op, axis, size and
// "needs a ... of at least S", S the smallest size that works, at least 1.
// Hint: the first place needs `span` pixels, every further one `stride` more. C++ divides towards 0, so test first.
std::int64_t axis_outputs(std::string_view op, const char* axis, std::int64_t size, std::int64_t kernel,
                          std::int64_t stride, std::int64_t padding, std::int64_t dilation) {
  todo("09.1");
}

}  // namespace

// 09.1 output_size  x (N, C, H, W), window -> how many places it finds along H and along W
// Hint: axis_outputs twice; "height" goes with x[2], "width" with x[3].
Pair output_size(std::string_view op, const Shape& x, const Window& window) {
  check_images(op, x);
  check_window(op, window);
  const auto& [kernel, stride, padding, dilation] = window;
  todo("09.1");
}

// 09.1 outputs_inside  start (may be negative), stride, size of the axis, number of outputs -> the o with
//   0 <= o·stride + start < size, as first <= o < last, where 0 <= first <= last <= outputs, also when there is none
// Hint: the smallest o with o·stride >= a is 0 for a <= 0 and otherwise ⌈a / stride⌉: one more than a / stride where a
// remainder is left. Both ends are of this kind: `first` reaches pixel 0, `last` pixel `size`.
Run outputs_inside(std::int64_t start, std::int64_t stride, std::int64_t size, std::int64_t outputs) {
  todo("09.1");
}

}  // namespace rushlight
