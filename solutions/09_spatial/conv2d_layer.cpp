// conv2d_layer.cpp: the layer that owns a convolution's weight and bias.
#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "03_layers/init.hpp"
#include "09_spatial/conv.hpp"

namespace rushlight {

// 09.5 Conv2d  weight (out, in/groups, KH, KW), then bias (out), both U(-1/√fan, 1/√fan), fan = in/groups·KH·KW
// Hint: as Linear: kaiming_uniform_ with a = √5 for the weight, uniform_ for the bias; fans_of knows kernels.
Conv2d::Conv2d(Conv2dOptions options, Generator& generator)
    : options_{options.stride, options.padding, options.dilation, options.groups} {
  const auto& [in, out, kernel, stride, padding, dilation, groups, has_bias] = options;
  if (in < 1 || out < 1 || groups < 1 || in % groups != 0 || out % groups != 0) {
    throw ValueError(
        "Conv2d: in is {}, out {} and groups {}: all must be at least 1, and groups must divide in and out.",
        {in, out, groups});
  }
  const auto below = [](const Pair& pair, std::int64_t least) { return std::min(pair.h, pair.w) < least; };
  if (below(kernel, 1) || below(stride, 1) || below(dilation, 1) || below(padding, 0)) {
    throw ValueError(
        "Conv2d: kernel is {}, stride {}, dilation {} and padding {}: the padding must be at least 0, the "
        "others at least 1.",
        {kernel.str(), stride.str(), dilation.str(), padding.str()});
  }
  // solution 09.5
  weight = Tensor(Array({out, in / groups, kernel.h, kernel.w}), true);
  kaiming_uniform_(weight, generator, {.a = std::sqrt(5.0)});
  if (!has_bias) return;
  const double bound = 1 / std::sqrt(static_cast<double>(fans_of(weight.shape()).in));
  bias = Tensor(Array(Shape{out}), true);
  uniform_(bias, generator, -bound, bound);
  // end solution
}

// 09.5 Conv2d::forward  x (N, in, H, W) -> (N, out, OH, OW)
// Hint: conv2d.
Tensor Conv2d::forward(const Tensor& x) { return conv2d(x, weight, bias, options_); }

// 09.5 Conv2d::members  lists "weight" and "bias"
// Hint: as Linear.
void Conv2d::members(Members& m) {
  m("weight", weight);
  m("bias", bias);
}

}  // namespace rushlight
