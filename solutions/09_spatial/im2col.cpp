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
namespace {  // solution

// Calls visit(place, pixel, count) for every tap and every row of outputs: `count` neighbours in the columns, from
// `place` on, read pixels of x from `pixel` on, each stride.w further. Places that read padding are not visited.
template <class Visit>
void for_each_run(const Shape& x, std::int64_t n, const Window& window, Pair out, Visit visit) {
  const std::int64_t C = x[1], H = x[2], W = x[3];
  const auto& [kernel, stride, padding, dilation] = window;
  std::int64_t row_start = 0;  // where this row of outputs begins in the columns
  for (std::int64_t c = 0; c < C; ++c) {
    for (std::int64_t a = 0; a < kernel.h; ++a) {
      for (std::int64_t b = 0; b < kernel.w; ++b) {
        const std::int64_t down = a * dilation.h - padding.h;
        const std::int64_t right = b * dilation.w - padding.w;
        const Run rows = outputs_inside(down, stride.h, H, out.h);
        const Run columns = outputs_inside(right, stride.w, W, out.w);
        for (std::int64_t i = rows.first; i < rows.last; ++i) {
          const std::int64_t row = ((n * C + c) * H + i * stride.h + down) * W;
          visit(row_start + i * out.w + columns.first, row + columns.first * stride.w + right,
                columns.last - columns.first);
        }
        row_start += out.h * out.w;
      }
    }
  }
}

}  // namespace

// 09.3 im2col  x (N, C, H, W), number n of an image, window -> (C·KH·KW, L);  what each tap reads of that image
// Hint: start from zeros, which is what padding reads. For each channel, tap (a, b) and output row i, outputs_inside,
// once for the rows and once for the columns, tells which places read pixels.
Array im2col(const Array& x, std::int64_t n, const Window& window) {
  const Pair out = output_size("im2col", x.shape(), window);
  check_image("im2col", x.shape(), n);
  // solution 09.3
  Array columns = zeros(columns_shape(x.shape(), window, out));
  const Real* from = x.data().data();
  Real* to = columns.mutable_data().data();
  for_each_run(x.shape(), n, window, out, [&](std::int64_t place, std::int64_t pixel, std::int64_t count) {
    for (std::int64_t j = 0; j < count; ++j) to[place + j] = from[pixel + j * window.stride.w];
  });
  return columns;
  // end solution
}

// 09.3 col2im_add  columns (C·KH·KW, L), number n of an image, window, x (N, C, H, W) -> x[pixel] += every column's
// number, in image n
// Hint: im2col's walk with the assignment turned round, and += for =: several taps read the same pixel, and it must
// receive all of their numbers.
void col2im_add(const Array& columns, std::int64_t n, const Window& window, Array& x) {
  const Pair out = output_size("col2im_add", x.shape(), window);
  check_image("col2im_add", x.shape(), n);
  check_columns(columns, columns_shape(x.shape(), window, out));
  // solution 09.3
  const Real* from = columns.data().data();
  Real* to = x.mutable_data().data();
  for_each_run(x.shape(), n, window, out, [&](std::int64_t place, std::int64_t pixel, std::int64_t count) {
    for (std::int64_t j = 0; j < count; ++j) to[pixel + j * window.stride.w] += from[place + j];
  });
  // end solution
}

}  // namespace rushlight
