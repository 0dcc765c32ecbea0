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

// solution helper
// One image (C, H, W) into the middle of padded (C, PH, PW), whose margin is zeros already.
void pad(const Lines& n, const Real* image, Real* padded) {
  for (std::int64_t row = 0; row < n.C * n.H; ++row) std::copy_n(image + row * n.W, n.W, padded + n.inside(row));
}

// The way back, without the margin.
void cut(const Lines& n, const Real* padded, Real* image) {
  for (std::int64_t row = 0; row < n.C * n.H; ++row) std::copy_n(padded + n.inside(row), n.W, image + row * n.W);
}

// Calls visit(place in the padded image, row of columns) for every channel and tap, in the order of im2col's rows.
template <class Visit>
void for_each_tap(const Lines& n, Visit visit) {
  std::int64_t row = 0;
  for (std::int64_t c = 0; c < n.C; ++c) {
    for (std::int64_t a = 0; a < n.kernel.h; ++a) {
      for (std::int64_t b = 0; b < n.kernel.w; ++b) visit(c * n.PH * n.PW + n.start(a, b), row++);
    }
  }
}

void read_columns(const Lines& n, const Real* padded, Real* columns) {
  for_each_tap(n, [&](std::int64_t from, std::int64_t row) { std::copy_n(padded + from, n.M, columns + row * n.M); });
}

// What read_columns copied from a place, added to that place: several taps read the same number.
void add_columns(const Lines& n, const Real* columns, Real* padded) {
  for_each_tap(n, [&](std::int64_t to, std::int64_t row) {
    for (std::int64_t l = 0; l < n.M; ++l) padded[to + l] += columns[row * n.M + l];
  });
}

// The gradient of one image (O, OH, OW) with zeros between its rows, (O, M): what belongs to no output adds nothing.
void spread(const Lines& n, const Real* grad, Real* lines) {
  for (std::int64_t o = 0; o < n.O; ++o) {
    for (std::int64_t i = 0; i < n.OH; ++i, grad += n.OW) {
      std::copy_n(grad, n.OW, lines + o * n.M + i * n.PW);  // the gaps are zeros from the start
    }
  }
}

// lines (O, M) without the gaps, plus the bias: one image of the output.
void gather(const Lines& n, const Real* lines, const Real* bias, Real* image) {
  for (std::int64_t o = 0; o < n.O; ++o) {
    const Real shift = bias != nullptr ? bias[o] : 0;
    for (std::int64_t i = 0; i < n.OH; ++i, image += n.OW) {
      const Real* from = lines + o * n.M + i * n.PW;
      for (std::int64_t j = 0; j < n.OW; ++j) image[j] = from[j] + shift;
    }
  }
}
// end solution

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
  if (!has_lines(options)) return conv2d_forward(x, weight, bias, options);
  const Lines n(x.shape(), weight.shape(), options);
  Array y({x.dim(0), n.O, n.OH, n.OW});
  const Real *images = x.data().data(), *w = weight.data().data();
  const Real* shift = bias.defined() ? bias.data().data() : nullptr;
  Real* out = y.mutable_data().data();
  const std::int64_t rows = n.O / n.groups;
  parallel_for(x.dim(0), images_of_a_piece, [&](std::int64_t first, std::int64_t last) {
    Scratch scratch(n);
    for (std::int64_t i = first; i < last; ++i) {
      pad(n, images + i * n.image(), scratch.padded());
      read_columns(n, scratch.padded(), scratch.columns());
      for (std::int64_t g = 0; g < n.groups; ++g) {
        gemm({.m = rows, .n = n.M, .k = n.taps}, w + g * rows * n.taps, scratch.columns() + g * n.taps * n.M,
             scratch.lines() + g * rows * n.M);
      }
      gather(n, scratch.lines(), shift, out + i * n.output());
    }
  });
  return y;
}

// 18.9 line_conv2d_backward_x  grad (N, O, OH, OW), weight (O, C/G, KH, KW), x = (N, C, H, W) -> dL/dx of that shape
// Hint: the other way round: spread the gradient over lines with zeros in the gaps; columns = Wᵀ·lines; add every row
// of columns to the padded image where it was read from, and cut the margin off. The padded image must be zeros again
// for the next one. A weight that is_finite (given) denies goes to conv2d_backward_x: the gaps are zeros, and 0 · NaN is
// NaN.
Array line_conv2d_backward_x(const Array& grad, const Array& weight, const Shape& x, const ConvOptions& options) {
  if (!has_lines(options) || !is_finite(weight)) return conv2d_backward_x(grad, weight, x, options);
  const Lines n(x, weight.shape(), options);
  Array dx(x);
  const Real *gradients = grad.data().data(), *w = weight.data().data();
  Real* out = dx.mutable_data().data();
  const std::int64_t rows = n.O / n.groups;
  parallel_for(x[0], images_of_a_piece, [&](std::int64_t first, std::int64_t last) {
    Scratch scratch(n);
    for (std::int64_t i = first; i < last; ++i) {
      spread(n, gradients + i * n.output(), scratch.lines());
      for (std::int64_t g = 0; g < n.groups; ++g) {
        gemm({.m = n.taps, .n = n.M, .k = rows, .transpose_a = true}, w + g * rows * n.taps,
             scratch.lines() + g * rows * n.M, scratch.columns() + g * n.taps * n.M);
      }
      std::fill_n(scratch.padded(), n.C * n.PH * n.PW, Real{0});
      add_columns(n, scratch.columns(), scratch.padded());
      cut(n, scratch.padded(), out + i * n.image());
    }
  });
  return dx;
}

// 18.9 line_conv2d_backward_weight  grad (N, O, OH, OW), x (N, C, H, W), weight = (O, C/G, KH, KW) -> dL/dweight
//   dW = Σ over the images of lines·columnsᵀ
// Hint: a sum over images, so every piece needs a dW of its own, added up at the end in the order of the pieces. An x that
// is_finite denies goes to conv2d_backward_weight.
Array line_conv2d_backward_weight(const Array& grad, const Array& x, const Shape& weight, const ConvOptions& options) {
  if (!has_lines(options) || !is_finite(x)) return conv2d_backward_weight(grad, x, weight, options);
  const Lines n(x.shape(), weight, options);
  const std::int64_t rows = n.O / n.groups, pieces = (x.dim(0) + images_of_a_piece - 1) / images_of_a_piece;
  Array terms = zeros({pieces, weight.numel()});
  const Real *gradients = grad.data().data(), *images = x.data().data();
  Real* term = terms.mutable_data().data();
  parallel_for(x.dim(0), images_of_a_piece, [&](std::int64_t first, std::int64_t last) {
    Scratch scratch(n);
    Real* dw = term + first / images_of_a_piece * weight.numel();
    for (std::int64_t i = first; i < last; ++i) {
      pad(n, images + i * n.image(), scratch.padded());
      read_columns(n, scratch.padded(), scratch.columns());
      spread(n, gradients + i * n.output(), scratch.lines());
      for (std::int64_t g = 0; g < n.groups; ++g) {
        gemm({.m = rows, .n = n.taps, .k = n.M, .transpose_b = true, .accumulate = true},
             scratch.lines() + g * rows * n.M, scratch.columns() + g * n.taps * n.M, dw + g * rows * n.taps);
      }
    }
  });
  return sum(terms, {0}).with_shape(weight);
}

}  // namespace rushlight
