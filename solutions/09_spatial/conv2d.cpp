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

// Anything with R rows for every group one after the other, (G·R, L) -> (G, R, L). A view too.
Array by_group(const Array& rows, std::int64_t groups) {
  return rows.with_shape({groups, rows.dim(0) / groups, rows.dim(1)});
}

// Image n of y (N, O, OH, OW) with the outputs as rows, (O, L). A copy.
Array image_of(const Array& y, std::int64_t n) {
  return slice(y, 0, {n, n + 1}).with_shape({y.dim(1), y.dim(2) * y.dim(3)});
}

// The way back: as many numbers as an image has, into image n of y.
void put_image(const Array& rows, std::int64_t n, Array& y) {
  std::copy_n(rows.data().data(), rows.size(), y.mutable_data().data() + n * rows.size());
}

}  // namespace

// 09.4 conv2d_forward  x (N, C, H, W), weight (O, CG, KH, KW), bias (O) or undefined -> (N, O, OH, OW);  Y = W·X
// Hint: for each image, im2col gives (C·KH·KW, L), by_group cuts it into (G, CG·KH·KW, L), and one matmul with
// weight_matrices gives (G, O/G, L), which put_image stores. As (O, 1, 1) the bias broadcasts over images and pixels.
Array conv2d_forward(const Array& x, const Array& weight, const Array& bias, const ConvOptions& options) {
  const Window window = window_of(weight.shape(), options);
  const Pair out = output_size("conv2d", x.shape(), window);
  // solution 09.4
  Array y({x.dim(0), weight.dim(0), out.h, out.w});
  const Array w = weight_matrices(weight, options.groups);
  for (std::int64_t n = 0; n < x.dim(0); ++n) {
    put_image(matmul(w, by_group(im2col(x, n, window), options.groups)), n, y);
  }
  return bias.defined() ? y + bias.with_shape({bias.size(), 1, 1}) : y;
  // end solution
}

// 09.4 conv2d_backward_x  grad (N, O, OH, OW), weight (O, CG, KH, KW), x = (N, C, H, W) -> dL/dx of that shape
//   dX = Wᵀ·G, folded back by col2im_add
// Hint: image_of and by_group make G (G, O/G, L) of grad; a matmul with .transpose_a gives (G, CG·KH·KW, L), which is
// (C·KH·KW, L) as well. col2im_add adds, so start from zeros.
Array conv2d_backward_x(const Array& grad, const Array& weight, const Shape& x, const ConvOptions& options) {
  const Window window = window_of(weight.shape(), options);
  // solution 09.4
  Array dx = zeros(x);
  const Array w = weight_matrices(weight, options.groups);
  for (std::int64_t n = 0; n < x[0]; ++n) {
    const Array g = by_group(image_of(grad, n), options.groups);
    const Array columns = matmul(w, g, {.transpose_a = true});
    col2im_add(columns.with_shape({columns.dim(0) * columns.dim(1), columns.dim(2)}), n, window, dx);
  }
  return dx;
  // end solution
}

// 09.4 conv2d_backward_weight  grad (N, O, OH, OW), x (N, C, H, W), weight = (O, CG, KH, KW) -> dL/dweight
//   dW = Σ over the images of G·Xᵀ
// Hint: make the columns again instead of keeping them since the forward pass: that costs a little time and saves KH·KW
// times the memory of x. matmul with .transpose_b, and add the images up.
Array conv2d_backward_weight(const Array& grad, const Array& x, const Shape& weight, const ConvOptions& options) {
  const Window window = window_of(weight, options);
  // solution 09.4
  Array dw = zeros({options.groups, weight[0] / options.groups, weight[1] * weight[2] * weight[3]});
  for (std::int64_t n = 0; n < x.dim(0); ++n) {
    const Array g = by_group(image_of(grad, n), options.groups);
    const Array columns = by_group(im2col(x, n, window), options.groups);
    dw = dw + matmul(g, columns, {.transpose_b = true});
  }
  return dw.with_shape(weight);
  // end solution
}

// 09.4 conv2d  x (N, C, H, W), weight (O, CG, KH, KW), bias (O) or empty -> (N, O, OH, OW), one op called "conv2d"
//   dbias = Σ grad over N, OH and OW;  dx and dweight by the kernel that made y, whatever the slot holds by then
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
