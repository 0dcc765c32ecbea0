// im2col.cpp: what every tap of a window reads, laid out as the rows of a matrix; and the way back.
#include "01_tensor/todo.hpp"
#include "09_spatial/conv.hpp"

namespace rushlight {
namespace {

void check_image(const char* op, const Shape& x, std::int64_t n) {
  if (n < 0 || n >= x[0]) throw IndexError("{}: image {} is not in x {}.", {op, n, x});
}

// One row for each channel and tap, one column for each place of the window.
Shape columns_shape(const Shape& x, const Window& window, Pair out) {
  return {x[1] * window.kernel.h * window.kernel.w, out.h * out.w};
}

void check_columns(const Array& columns, const Shape& expected) {
  if (columns.shape() != expected) {
    throw ShapeError("col2im_add: columns are {}, but this window needs {}.", {columns.shape(), expected});
  }
}

}  // namespace

// 09.3 im2col  x (N, C, H, W), number n of an image, window -> (C·KH·KW, L);  what each tap reads of that image
// Hint: start from zeros, which is what padding reads. For each channel, tap (a, b) and output row i, outputs_inside,
// once for the rows and once for the columns, tells which places read pixels.
Array im2col(const Array& x, std::int64_t n, const Window& window) {
  const Pair out = output_size("im2col", x.shape(), window);
  check_image("im2col", x.shape(), n);
  todo("09.3");
}

// 09.3 col2im_add  columns (C·KH·KW, L), number n of an image, window, x (N, C, H, W) -> x[pixel] += every column's
// number, in image n
// Hint: im2col's walk with the assignment turned round, and += for =: several taps read the same pixel, and it must
// receive all of their numbers.
void col2im_add(const Array& columns, std::int64_t n, const Window& window, Array& x) {
  const Pair out = output_size("col2im_add", x.shape(), window);
  check_image("col2im_add", x.shape(), n);
  check_columns(columns, columns_shape(x.shape(), window, out));
  todo("09.3");
}

}  // namespace rushlight
