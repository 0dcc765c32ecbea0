// line_conv.cpp: convolution of stride 1, with the padded image as one long line of numbers.
//
// Of an image that is padded to PW pixels a row, output (i, j) reads through tap (a, b) the number at
// (i + a·dilation.h)·PW + j + b·dilation.w. So with l = i·PW + j, a tap reads place l + a·dilation.h·PW + b·dilation.w,
// for all outputs: one stretch, moved by a constant. From one row of outputs to the next l jumps by PW, not OW: between
// the rows lie PW - OW places that belong to no output.
// Letters as in conv.hpp; a line has M = (OH - 1)·PW + OW numbers.
#include <algorithm>

#include "01_tensor/blas.hpp"
#include "01_tensor/todo.hpp"
#include "18_acceleration/kernels.hpp"
#include "18_acceleration/parallel.hpp"
#include "18_acceleration/rows.hpp"

namespace rushlight {
namespace {

// Images in a piece of work.
constexpr std::int64_t images_of_a_piece = 4;

struct Lines {
  Lines(const Shape& x, const Shape& weight, const ConvOptions& options)
      : C(x[1]),
        H(x[2]),
        W(x[3]),
        O(weight[0]),
        groups(options.groups),
        kernel{weight[2], weight[3]},
        dilation(options.dilation),
        padding(options.padding) {
    PH = H + 2 * padding.h;
    PW = W + 2 * padding.w;
    OH = PH - dilation.h * (kernel.h - 1);
    OW = PW - dilation.w * (kernel.w - 1);
    M = (OH - 1) * PW + OW;
    taps = C / groups * kernel.h * kernel.w;
  }

  // Where tap (a, b) begins to read.
  std::int64_t start(std::int64_t a, std::int64_t b) const { return a * dilation.h * PW + b * dilation.w; }

  // Where a row of pixels, counted through all channels, begins in the padded image.
  std::int64_t inside(std::int64_t row) const { return (row / H * PH + row % H + padding.h) * PW + padding.w; }

  std::int64_t image() const { return C * H * W; }     // numbers of an image,
  std::int64_t output() const { return O * OH * OW; }  // and of what becomes of it

  std::int64_t C, H, W, O, groups;
  Pair kernel, dilation, padding;
  std::int64_t PH, PW, OH, OW, M;
  std::int64_t taps;  // that one output reads: rows of the columns of one group
};

// What a thread works in: one padded image, its columns, and an output or its gradient as lines.
struct Scratch {
  explicit Scratch(const Lines& n)
      : padded_(zeros({n.C, n.PH, n.PW})), columns_({n.groups * n.taps, n.M}), lines_(zeros({n.O, n.M})) {}

  Real* padded() { return padded_.mutable_data().data(); }    // zeros in the margin
  Real* columns() { return columns_.mutable_data().data(); }  // not initialised
  Real* lines() { return lines_.mutable_data().data(); }      // zeros between the rows

 private:
  Array padded_, columns_, lines_;
};

bool has_lines(const ConvOptions& options) { return options.stride == 1; }

// Zeros stand in the gaps and are multiplied like everything else, and 0 · NaN is NaN: where an operand holds one, or an
// infinity, it would reach numbers that it has nothing to do with.
bool is_finite(const Array& x) {
  const Real* numbers = x.data().data();
  return reduce_row(
             x.size(), 0, [=](std::int64_t i) { return numbers[i] * 0; }, [](Real a, Real b) { return a + b; }) == 0;
}

}  // namespace

// 18.9 line_conv2d_forward  x (N, C, H, W), weight (O, C/G, KH, KW), bias (O) or undefined -> (N, O, OH, OW)
// Another stride than 1: conv2d_forward.
// Hint: parallel_for over the images, one Scratch a piece. For each image: copy it into the middle of padded; copy M
// numbers from start(a, b) of channel c for every row of columns; one gemm a group, W (O/G, taps) · columns (taps, M);
// copy the result row by row without the gaps, with the bias added.
Array line_conv2d_forward(const Array& x, const Array& weight, const Array& bias, const ConvOptions& options) {
  todo("18.9");
}

// 18.9 line_conv2d_backward_x  grad (N, O, OH, OW), weight (O, C/G, KH, KW), x = (N, C, H, W) -> dL/dx of that shape
// Hint: the other way round: spread the gradient over lines with zeros in the gaps; columns = Wᵀ·lines; add every row
// of columns to the padded image where it was read from, and cut the margin off. The padded image must be zeros again
// for the next one. A weight that is_finite (given) denies goes to conv2d_backward_x: the gaps are zeros, and 0 · NaN is
// NaN.
Array line_conv2d_backward_x(const Array& grad, const Array& weight, const Shape& x, const ConvOptions& options) {
  todo("18.9");
}

// 18.9 line_conv2d_backward_weight  grad (N, O, OH, OW), x (N, C, H, W), weight = (O, C/G, KH, KW) -> dL/dweight
//   dW = Σ over the images of lines·columnsᵀ
// Hint: a sum over images, so every piece needs a dW of its own, added up at the end in the order of the pieces. An x that
// is_finite denies goes to conv2d_backward_weight.
Array line_conv2d_backward_weight(const Array& grad, const Array& x, const Shape& weight, const ConvOptions& options) {
  todo("18.9");
}

}  // namespace rushlight
