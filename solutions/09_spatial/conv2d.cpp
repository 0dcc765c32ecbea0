// conv2d.cpp: a convolution as a matrix product, and its two derivatives as two more.
// CG channels that one output sees: C/G.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "09_spatial/conv.hpp"

namespace rushlight {
namespace {

// The weight as one matrix a group, (G, O/G, CG·KH·KW). Another view of the same numbers.
Array weight_matrices(const Array& weight, std::int64_t groups) {
  return weight.with_shape({groups, weight.dim(0) / groups, weight.size() / weight.dim(0)});
}

// Anything with R rows for every group one after the other, (G·R, M) -> (G, R, M). A view too.
Array by_group(const Array& rows, std::int64_t groups) {
  return rows.with_shape({groups, rows.dim(0) / groups, rows.dim(1)});
}

// A 1x1 kernel that visits every pixel once: im2col would only copy x.
bool reads_each_pixel_once(const Window& window) {
  return window.kernel == 1 && window.stride == 1 && window.padding == 0;
}

// Cuts the batch into blocks whose columns stay within about a megabyte, which a processor's cache holds, and calls
// work(block) for each. `column_size` is how many numbers one image's columns have.
template <class Work>
void for_each_block(std::int64_t images, std::int64_t column_size, Work work) {
  constexpr std::int64_t budget = (1 << 20) / sizeof(Real);
  const std::int64_t count = std::max<std::int64_t>(1, budget / std::max<std::int64_t>(1, column_size));
  for (std::int64_t first = 0; first < images; first += count) {
    work(ImageBlock{first, std::min(count, images - first)});
  }
}

std::int64_t column_size(const Shape& x, const Window& window, Pair out) {
  return x[1] * window.kernel.h * window.kernel.w * out.h * out.w;
}

// Some images of y (N, O, OH, OW) with the outputs as rows, as a product with columns has them: (O, count·L). A copy.
Array take_block(const Array& y, ImageBlock block) {
  const std::int64_t O = y.dim(1), L = y.dim(2) * y.dim(3);
  Array rows({O, block.count * L});
  Real* to = rows.mutable_data().data();
  for (std::int64_t o = 0; o < O; ++o) {
    for (std::int64_t n = block.first; n < block.first + block.count; ++n, to += L) {
      std::copy_n(y.data().data() + (n * O + o) * L, L, to);
    }
  }
  return rows;
}

// The way back, with the bias added to every number on the way: rows (O, count·L) -> images of y (N, O, OH, OW).
void put_block(const Array& rows, ImageBlock block, const Array& bias, Array& y) {
  const std::int64_t O = y.dim(1), L = y.dim(2) * y.dim(3);
  const Real* from = rows.data().data();
  Real* images = y.mutable_data().data();
  for (std::int64_t o = 0; o < O; ++o) {
    const Real b = bias.defined() ? bias.data()[o] : 0;
    for (std::int64_t n = block.first; n < block.first + block.count; ++n, from += L) {
      Real* to = images + (n * O + o) * L;
      for (std::int64_t l = 0; l < L; ++l) to[l] = from[l] + b;
    }
  }
}

}  // namespace
namespace {  // solution

// y = W·x for a 1x1 kernel: the images are columns as they lie, all of them in one batch of products.
Array forward_1x1(const Array& x, const Array& weight, const Array& bias, std::int64_t groups) {
  const std::int64_t N = x.dim(0), O = weight.dim(0), L = x.dim(2) * x.dim(3);
  const Array images = x.with_shape({N, groups, x.dim(1) / groups, L});
  Array y = matmul(weight_matrices(weight, groups), images).with_shape({N, O, x.dim(2), x.dim(3)});
  if (!bias.defined()) return y;
  Real* to = y.mutable_data().data();
  for (std::int64_t row = 0; row < N * O; ++row, to += L) {
    const Real b = bias.data()[row % O];
    for (std::int64_t l = 0; l < L; ++l) to[l] += b;
  }
  return y;
}

Array backward_x_1x1(const Array& grad, const Array& weight, const Shape& x, std::int64_t groups) {
  const Array gradients = grad.with_shape({x[0], groups, weight.dim(0) / groups, x[2] * x[3]});
  return matmul(weight_matrices(weight, groups), gradients, {.transpose_a = true}).with_shape(x);
}

}  // namespace

// 09.4 conv2d_forward  x (N, C, H, W), weight (O, CG, KH, KW), bias (O) or undefined -> (N, O, OH, OW);  Y = W·X
// Hint: for each block, im2col gives (C·KH·KW, M), by_group cuts it into (G, CG·KH·KW, M), and one matmul with
// weight_matrices gives (G, O/G, M), which is (O, M) as well. put_block stores it, with the bias. Once that passes: a
// kernel that reads_each_pixel_once needs no columns, since x is (N, G, CG, L) already and matmul broadcasts over N.
Array conv2d_forward(const Array& x, const Array& weight, const Array& bias, const ConvOptions& options) {
  const Window window = window_of(weight.shape(), options);
  const Pair out = output_size("conv2d", x.shape(), window);
  // solution 09.4
  if (reads_each_pixel_once(window)) return forward_1x1(x, weight, bias, options.groups);
  Array y({x.dim(0), weight.dim(0), out.h, out.w});
  const Array w = weight_matrices(weight, options.groups);
  for_each_block(x.dim(0), column_size(x.shape(), window, out), [&](ImageBlock block) {
    const Array columns = by_group(im2col(x, block, window), options.groups);
    put_block(matmul(w, columns), block, bias, y);
  });
  return y;
  // end solution
}

// 09.4 conv2d_backward_x  grad (N, O, OH, OW), weight (O, CG, KH, KW), x = (N, C, H, W) -> dL/dx of that shape
//   dX = Wᵀ·G, folded back by col2im_add
// Hint: take_block and by_group make G (G, O/G, M) of grad; a matmul with .transpose_a gives (G, CG·KH·KW, M), which is
// (C·KH·KW, M) as well. col2im_add adds, so start from zeros. The 1x1 case is one matmul again.
Array conv2d_backward_x(const Array& grad, const Array& weight, const Shape& x, const ConvOptions& options) {
  const Window window = window_of(weight.shape(), options);
  const Pair out = output_size("conv2d", x, window);
  // solution 09.4
  if (reads_each_pixel_once(window)) return backward_x_1x1(grad, weight, x, options.groups);
  Array dx = zeros(x);
  const Array w = weight_matrices(weight, options.groups);
  for_each_block(x[0], column_size(x, window, out), [&](ImageBlock block) {
    const Array g = by_group(take_block(grad, block), options.groups);
    const Array columns = matmul(w, g, {.transpose_a = true});
    col2im_add(columns.with_shape({columns.dim(0) * columns.dim(1), columns.dim(2)}), block, window, dx);
  });
  return dx;
  // end solution
}

// 09.4 conv2d_backward_weight  grad (N, O, OH, OW), x (N, C, H, W), weight = (O, CG, KH, KW) -> dL/dweight
//   dW = Σ over the blocks of G·Xᵀ
// Hint: make the columns again instead of keeping them since the forward pass: that costs a little time and saves KH·KW
// times the memory of x. matmul with .transpose_b, and add the blocks up.
Array conv2d_backward_weight(const Array& grad, const Array& x, const Shape& weight, const ConvOptions& options) {
  const Window window = window_of(weight, options);
  const Pair out = output_size("conv2d", x.shape(), window);
  // solution 09.4
  Array dw = zeros({options.groups, weight[0] / options.groups, weight[1] * weight[2] * weight[3]});
  for_each_block(x.dim(0), column_size(x.shape(), window, out), [&](ImageBlock block) {
    const Array g = by_group(take_block(grad, block), options.groups);
    const Array columns = by_group(im2col(x, block, window), options.groups);
    dw = dw + matmul(g, columns, {.transpose_b = true});
  });
  return dw.with_shape(weight);
  // end solution
}

// 09.4 conv2d  x (N, C, H, W), weight (O, CG, KH, KW), bias (O) or empty -> (N, O, OH, OW), one op called "conv2d"
//   dbias = Σ grad over N, OH and OW
// Hint: check_conv2d; the kernel is conv2d_slot.get(device, {the three functions above}). Record {x, weight} or
// {x, weight, bias} with Save::inputs; the rule captures the kernel and the options, and computes only what
// bw.needs(i) asks for.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options) {
  const Array b = bias.defined() ? bias.value() : Array();
  check_conv2d(x.shape(), weight.shape(), b, options);
  const ConvKernel kernel =
      conv2d_slot.get(x.value().device(), {conv2d_forward, conv2d_backward_x, conv2d_backward_weight});
  Tensors inputs{x, weight};
  if (bias.defined()) inputs.push_back(bias);
  return record("conv2d", kernel.forward(x.value(), weight.value(), b, options), inputs, Save::inputs,
                [kernel, options, has_bias = bias.defined()](const Backward& bw) {
                  Arrays gradients(has_bias ? 3 : 2);
                  if (bw.needs(0)) gradients[0] = kernel.backward_x(bw.grad, bw.in(1), bw.in_shape(0), options);
                  if (bw.needs(1)) gradients[1] = kernel.backward_weight(bw.grad, bw.in(0), bw.in_shape(1), options);
                  if (has_bias && bw.needs(2)) gradients[2] = sum(bw.grad, {0, 2, 3});
                  return gradients;
                });
}

}  // namespace rushlight
