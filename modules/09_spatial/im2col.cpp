// im2col.cpp: what every tap of a window reads, laid out as the rows of a matrix; and the way back.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "09_spatial/conv.hpp"

namespace rushlight {
namespace {

void check_block(const Shape& x, ImageBlock block) {
  if (block.first < 0 || block.count < 0 || block.first + block.count > x[0]) {
    throw IndexError("im2col: images {} to {} are not all in x {}.", {block.first, block.first + block.count, x});
  }
}

void check_columns(const Array& columns, const Shape& expected) {
  if (columns.shape() != expected) {
    throw ShapeError("col2im_add: columns are {}, but this window and block need {}.", {columns.shape(), expected});
  }
}

}  // namespace

// 09.3 im2col  x (N, C, H, W), block, window -> (C·KH·KW, count·L);  what each tap reads, image after image
// Hint: for each channel, tap (a, b), image of the block and output row i: fill OW numbers. outputs_inside, once for
// the rows and once for the columns, tells which of them are pixels; the others are 0. With a stride of 1 a run is a
// std::copy_n. The whole walk writes the result from its first number to its last.
Array im2col(const Array& x, ImageBlock block, const Window& window) {
  const Pair out = output_size("im2col", x.shape(), window);
  check_block(x.shape(), block);
  todo("09.3");
}

// 09.3 col2im_add  columns (C·KH·KW, count·L), block, window, x (N, C, H, W) -> x[pixel] += every column's number
// Hint: im2col's walk with the assignment turned round, and += for =: several taps read the same pixel, and it must
// receive all of their numbers.
void col2im_add(const Array& columns, ImageBlock block, const Window& window, Array& x) {
  const Pair out = output_size("col2im_add", x.shape(), window);
  check_block(x.shape(), block);
  check_columns(columns, {x.dim(1) * window.kernel.h * window.kernel.w, block.count * out.h * out.w});
  todo("09.3");
}

}  // namespace rushlight
