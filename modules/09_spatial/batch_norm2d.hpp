// batch_norm2d.hpp: batch norm for images: a channel's numbers are those of all pixels of all images of the batch (Ioffe
// and Szegedy, 2015). As torch.nn.BatchNorm2d.
#pragma once

#include "03_layers/batch_norm.hpp"

namespace rushlight {

// --- 09.8 (batch_norm2d.cpp) ----------------------------------------------------------------------------------

// BatchNorm of module 03, parameters, buffers, modes and errors, for x (N, C, H, W): N·H·W values in a channel. Throws
// ShapeError for any other shape.
class BatchNorm2d : public BatchNorm {
 public:
  explicit BatchNorm2d(BatchNormOptions options) : BatchNorm("BatchNorm2d", options) {}

 protected:
  void check_input(const Shape& x) const override;
};

}  // namespace rushlight
