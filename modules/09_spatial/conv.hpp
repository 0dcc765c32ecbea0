// conv.hpp: every output pixel is the product of one small set of weights with the pixels around it, and the weights
// are the same everywhere (LeCun et al., 1989). As torch.nn.functional.conv2d and torch.nn.Conv2d: a correlation (the
// kernel is not flipped), the same layouts, defaults and initial distribution.
// Differences from PyTorch: x always has a batch axis, padding is a number (no 'same', no reflection), 2-D only.
// Letters as in window.hpp, and O output channels, G groups.
#pragma once

#include "01_tensor/kernel_slot.hpp"
#include "03_layers/module.hpp"
#include "09_spatial/window.hpp"

namespace rushlight {

struct ConvOptions {
  Pair stride = 1;
  Pair padding = 0;  // with zeros
  Pair dilation = 1;
  std::int64_t groups = 1;  // channels and outputs are cut into G parts; part g of the output sees part g of the input
};

// The window of a convolution whose weight is (O, C/G, KH, KW).
inline Window window_of(const Shape& weight, const ConvOptions& options) {
  return {{weight[2], weight[3]}, options.stride, options.padding, options.dilation};
}

// --- 09.2 the definition, as loops (direct.cpp) ---------------------------------------------------------------

// x (N, C, H, W), weight (O, C/G, KH, KW), bias (O) or undefined -> (N, O, OH, OW):
//   y[n, o, i, j] = bias[o] + Σ_{c, a, b} weight[o, c, a, b] · x[n, g·C/G + c, i·stride.h - padding.h + a·dilation.h,
//                                                              j·stride.w - padding.w + b·dilation.w]
// where g = o / (O/G), and pixels outside the image are 0. Slow and plainly right; conv2d does not call it.
Array conv2d_direct(const Array& x, const Array& weight, const Array& bias, const ConvOptions& options = {});

// --- 09.3 images as columns (im2col.cpp) ----------------------------------------------------------------------

// Image n of x (N, C, H, W) -> (C·KH·KW, L). Row (c, a, b) holds what tap (a, b) reads of channel c at each of the L
// places of the window; 0 where it reads padding. Throws IndexError when there is no such image.
Array im2col(const Array& x, std::int64_t n, const Window& window);

// The adjoint of im2col: adds every number of columns (C·KH·KW, L) to the pixel of x (N, C, H, W) that im2col would
// have read it from. What belongs to padding is dropped. Throws IndexError when there is no such image, ShapeError for
// columns of another shape, and adds nothing then.
void col2im_add(const Array& columns, std::int64_t n, const Window& window, Array& x);

// --- 09.4 the same as a matrix product (conv2d.cpp) ------------------------------------------------------------

// A forward pass and its two derivatives over Arrays. Shapes have been checked; bias may be undefined.
struct ConvKernel {
  Array (*forward)(const Array& x, const Array& weight, const Array& bias, const ConvOptions& options) = nullptr;
  // dL/dx, of shape x, from grad = dL/dy (N, O, OH, OW)
  Array (*backward_x)(const Array& grad, const Array& weight, const Shape& x, const ConvOptions& options) = nullptr;
  // dL/dweight, of shape weight
  Array (*backward_weight)(const Array& grad, const Array& x, const Shape& weight,
                           const ConvOptions& options) = nullptr;
};
inline KernelSlot<ConvKernel> conv2d_slot;

// The composed path. With the weight as a matrix W (O, C·KH·KW) and the image as columns X (C·KH·KW, L), a convolution
// is Y = W·X, and so dW = G·Xᵀ and dX = Wᵀ·G, which col2im_add folds back into an image. One image at a time: the
// columns are KH·KW times as large as what they were made of.
Array conv2d_forward(const Array& x, const Array& weight, const Array& bias, const ConvOptions& options);
Array conv2d_backward_x(const Array& grad, const Array& weight, const Shape& x, const ConvOptions& options);
Array conv2d_backward_weight(const Array& grad, const Array& x, const Shape& weight, const ConvOptions& options);

// x (N, C, H, W), weight (O, C/G, KH, KW), bias (O) or empty -> (N, O, OH, OW), one op, "conv2d". N may be 0.
// Throws ShapeError that names the shapes and the rule, and where the output would be empty the size that would work;
// ValueError for options out of range.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {}, const ConvOptions& options = {});

// What conv2d_direct and conv2d check at the door. Returns the size of the output. Given (check_conv2d.cpp).
Pair check_conv2d(const Shape& x, const Shape& weight, const Array& bias, const ConvOptions& options);

// --- 09.5 the layer (conv2d_layer.cpp) ------------------------------------------------------------------------

struct Conv2dOptions {
  std::int64_t in = 0;   // channels of x
  std::int64_t out = 0;  // channels of y
  Pair kernel = 1;
  Pair stride = 1;
  Pair padding = 0;
  Pair dilation = 1;
  std::int64_t groups = 1;  // divides in and out
  bool bias = true;
};

// Parameters: weight (out, in/groups, kernel.h, kernel.w), bias (out). Both start as U(-1/√fan, 1/√fan) with
// fan = in/groups·kernel.h·kernel.w, the number of products behind one output; drawn from `generator`, weight first.
// Throws ValueError when a number is out of range.
class Conv2d : public Module {
 public:
  Conv2d(Conv2dOptions options, Generator& generator);
  Tensor forward(const Tensor& x) override;
  void members(Members& m) override;

  const ConvOptions& options() const { return options_; }

  Tensor weight;
  Tensor bias;  // empty when options.bias is false

 private:
  ConvOptions options_;
};

}  // namespace rushlight
