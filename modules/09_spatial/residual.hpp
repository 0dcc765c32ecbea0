// residual.hpp: from images to rows, and the block that made networks of a hundred layers trainable (He et al., 2016).
// The layer Flatten is in 03_layers/activation_layers.hpp.
#pragma once

#include "03_layers/sequential.hpp"
#include "09_spatial/batch_norm2d.hpp"
#include "09_spatial/conv.hpp"

namespace rushlight {

// --- 09.9 (residual.cpp) --------------------------------------------------------------------------------------

// Axes start..end, both included, become one; as torch.flatten. flatten(x, 1) of images (N, C, H, W) is (N, C·H·W).
// Nothing is copied. Throws IndexError for an axis that x has not, ShapeError when start > end. A scalar has no axes to
// look at: it becomes (1), whatever start and end are.
Tensor flatten(const Tensor& x, int start = 0, int end = -1);

struct ResidualBlockOptions {
  std::int64_t in = 0;   // channels of x
  std::int64_t out = 0;  // channels of y
  Pair stride = 1;       // of the first convolution
};

// x (N, in, H, W) -> (N, out, H', W'), H' = ⌈H / stride.h⌉ and so on:
//   y = relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x))
// Both convolutions are 3x3 with padding 1; conv1 has the stride. None has a bias: the batch norm behind it would
// subtract it again. The shortcut is x itself when the shape stays; otherwise a 1x1 convolution with the stride, and a
// batch norm. As torchvision's BasicBlock, with its names: conv1, bn1, conv2, bn2, downsample.0, downsample.1; the
// initial values are Conv2d's own. Drawn in the order conv1, conv2, downsample. Throws ValueError below one channel.
class ResidualBlock : public Module {
 public:
  ResidualBlock(ResidualBlockOptions options, Generator& generator);
  Tensor forward(const Tensor& x) override;
  void members(Members& m) override;

  Conv2d conv1;
  BatchNorm2d bn1;
  Conv2d conv2;
  BatchNorm2d bn2;
  Sequential downsample;  // empty: the shortcut is x itself
};

}  // namespace rushlight
