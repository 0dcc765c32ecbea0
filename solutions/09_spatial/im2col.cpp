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
namespace {  // solution

// One row of pixels of one tap: the places of the window at which the pixels exist are `run`. The first of them reads
// image[pixel], the next one image[pixel + stride], and so on; they stand at columns[place], columns[place + 1], ...
struct Stretch {
  std::int64_t row_start;  // where the places of this row of outputs begin in `columns`
  Run run;                 // which of them exist
  std::int64_t pixel;      // place in x of the first one's pixel; meaningless when the run is empty
};

// Calls visit(Stretch) for every tap, every image and every row of outputs, in the order of the columns.
template <class Visit>
void for_each_stretch(const Shape& x, ImageBlock block, const Window& window, Pair out, Visit visit) {
  const std::int64_t C = x[1], H = x[2], W = x[3];
  const auto& [kernel, stride, padding, dilation] = window;
  std::int64_t place = 0;
  for (std::int64_t c = 0; c < C; ++c) {
    for (std::int64_t a = 0; a < kernel.h; ++a) {
      for (std::int64_t b = 0; b < kernel.w; ++b) {
        const std::int64_t down = a * dilation.h - padding.h;
        const std::int64_t right = b * dilation.w - padding.w;
        const Run rows = outputs_inside(down, stride.h, H, out.h);
        const Run columns = outputs_inside(right, stride.w, W, out.w);
        for (std::int64_t n = block.first; n < block.first + block.count; ++n) {
          for (std::int64_t i = 0; i < out.h; ++i, place += out.w) {
            const bool inside = rows.first <= i && i < rows.last;
            const std::int64_t row = ((n * C + c) * H + i * stride.h + down) * W;
            visit(Stretch{place, inside ? columns : Run{0, 0}, row + columns.first * stride.w + right});
          }
        }
      }
    }
  }
}

Shape columns_shape(const Shape& x, ImageBlock block, const Window& window, Pair out) {
  return {x[1] * window.kernel.h * window.kernel.w, block.count * out.h * out.w};
}

}  // namespace

// 09.3 im2col  x (N, C, H, W), block, window -> (C·KH·KW, count·L);  what each tap reads, image after image
// Hint: for each channel, tap (a, b), image of the block and output row i: fill OW numbers. outputs_inside, once for
// the rows and once for the columns, tells which of them are pixels; the others are 0. With a stride of 1 a run is a
// std::copy_n. The whole walk writes the result from its first number to its last.
Array im2col(const Array& x, ImageBlock block, const Window& window) {
  const Pair out = output_size("im2col", x.shape(), window);
  check_block(x.shape(), block);
  // solution 09.3
  Array columns(columns_shape(x.shape(), block, window, out));
  const Real* pixels = x.data().data();
  Real* start = columns.mutable_data().data();
  const std::int64_t step = window.stride.w;
  for_each_stretch(x.shape(), block, window, out, [&](const Stretch& stretch) {
    Real* to = start + stretch.row_start;
    const auto [first, last] = stretch.run;
    if (first >= last) {
      std::fill_n(to, out.w, Real{0});
      return;
    }
    std::fill_n(to, first, Real{0});
    const Real* from = pixels + stretch.pixel;
    if (step == 1) {
      std::copy_n(from, last - first, to + first);
    } else {
      for (std::int64_t j = first; j < last; ++j, from += step) to[j] = *from;
    }
    std::fill_n(to + last, out.w - last, Real{0});
  });
  return columns;
  // end solution
}

// 09.3 col2im_add  columns (C·KH·KW, count·L), block, window, x (N, C, H, W) -> x[pixel] += every column's number
// Hint: im2col's walk with the assignment turned round, and += for =: several taps read the same pixel, and it must
// receive all of their numbers.
void col2im_add(const Array& columns, ImageBlock block, const Window& window, Array& x) {
  const Pair out = output_size("col2im_add", x.shape(), window);
  check_block(x.shape(), block);
  check_columns(columns, {x.dim(1) * window.kernel.h * window.kernel.w, block.count * out.h * out.w});
  // solution 09.3
  const Real* start = columns.data().data();
  Real* pixels = x.mutable_data().data();
  const std::int64_t step = window.stride.w;
  for_each_stretch(x.shape(), block, window, out, [&](const Stretch& stretch) {
    const auto [first, last] = stretch.run;
    if (first >= last) return;
    const Real* from = start + stretch.row_start + first;
    Real* to = pixels + stretch.pixel;
    const std::int64_t count = last - first;
    if (step == 1) {
      for (std::int64_t j = 0; j < count; ++j) to[j] += from[j];
    } else {
      for (std::int64_t j = 0; j < count; ++j) to[j * step] += from[j];
    }
  });
  // end solution
}

}  // namespace rushlight
