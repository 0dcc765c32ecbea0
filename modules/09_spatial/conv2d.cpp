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
  todo("09.4");
}

// 09.4 conv2d_backward_x  grad (N, O, OH, OW), weight (O, CG, KH, KW), x = (N, C, H, W) -> dL/dx of that shape
//   dX = Wᵀ·G, folded back by col2im_add
// Hint: image_of and by_group make G (G, O/G, L) of grad; a matmul with .transpose_a gives (G, CG·KH·KW, L), which is
// (C·KH·KW, L) as well. col2im_add adds, so start from zeros.
Array conv2d_backward_x(const Array& grad, const Array& weight, const Shape& x, const ConvOptions& options) {
  const Window window = window_of(weight.shape(), options);
  todo("09.4");
}

// 09.4 conv2d_backward_weight  grad (N, O, OH, OW), x (N, C, H, W), weight = (O, CG, KH, KW) -> dL/dweight
//   dW = Σ over the images of G·Xᵀ
// Hint: make the columns again instead of keeping them since the forward pass: that costs a little time and saves KH·KW
// times the memory of x. matmul with .transpose_b, and add the images up.
Array conv2d_backward_weight(const Array& grad, const Array& x, const Shape& weight, const ConvOptions& options) {
  const Window window = window_of(weight, options);
  todo("09.4");
}

// 09.4 conv2d  x (N, C, H, W), weight (O, CG, KH, KW), bias (O) or empty -> (N, O, OH, OW), one op called "conv2d"
//   dbias = Σ grad over N, OH and OW;  dx and dweight by the kernel that made y, whatever the slot holds by then
// Hint: check_conv2d; the kernel is conv2d_slot.get(device, {the three functions above}). Record {x, weight} or
// {x, weight, bias} with Save::inputs; the rule captures the kernel and the options, and computes only what
// bw.needs(i) asks for.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const ConvOptions& options) {
  todo("09.4");
}

}  // namespace rushlight
