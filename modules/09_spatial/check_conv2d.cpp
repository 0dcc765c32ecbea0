// check_conv2d.cpp: given. Everything that can be wrong with the arguments of a convolution.
#include "09_spatial/conv.hpp"

namespace rushlight {

Pair check_conv2d(const Shape& x, const Shape& weight, const Array& bias, const ConvOptions& options) {
  const std::int64_t groups = options.groups;
  if (groups < 1) throw ValueError("conv2d: groups is {}, but it must be at least 1.", {groups});
  if (x.rank() != 4) throw ShapeError("conv2d: x is {}, but it must be (N, C, H, W).", {x});
  if (weight.rank() != 4 || weight.numel() == 0) {
    throw ShapeError("conv2d: weight is {}, but it must be (out, in/groups, KH, KW) and not empty.", {weight});
  }
  if (weight[0] % groups != 0) {
    throw ShapeError("conv2d: weight {} has {} outputs, which {} groups do not divide evenly.",
                     {weight, weight[0], groups});
  }
  if (x[1] != weight[1] * groups) {
    throw ShapeError(
        "conv2d: x {} has {} channels, but weight {} with {} group(s) takes {}: needs x (N, C, H, W) and "
        "weight (out, C/groups, KH, KW).",
        {x, x[1], weight, groups, weight[1] * groups});
  }
  if (bias.defined() && bias.shape() != Shape{weight[0]}) {
    throw ShapeError("conv2d: bias is {}, but weight {} gives {} outputs: needs bias ({},).",
                     {bias.shape(), weight, weight[0], weight[0]});
  }
  return output_size("conv2d", x, window_of(weight, options));
}

}  // namespace rushlight
