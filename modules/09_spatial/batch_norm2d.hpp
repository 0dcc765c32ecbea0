// batch_norm2d.hpp: BatchNorm1d's rule for images: a channel's numbers are those of all pixels of all images of the
// batch (Ioffe and Szegedy, 2015). As torch.nn.BatchNorm2d.
#pragma once

#include "03_layers/batch_norm.hpp"

namespace rushlight {

// --- 09.8 (batch_norm2d.cpp) ----------------------------------------------------------------------------------

// Parameters: weight (C), ones; bias (C), zeros. Buffers: running_mean (C), zeros; running_var (C), ones;
// num_batches_tracked (), 0. Training normalises with the batch's mean and biased variance (divided by N·H·W) and
// moves the running estimate by `momentum` towards the mean and the unbiased variance (divided by N·H·W - 1).
// Evaluation normalises with the running estimate and changes nothing.
// x is (N, C, H, W). Throws ShapeError for any other shape; ValueError in training when a channel has fewer than two
// values, and for options out of range. Differences from PyTorch: those of BatchNorm1d.
class BatchNorm2d : public Module {
 public:
  explicit BatchNorm2d(BatchNormOptions options);
  Tensor forward(const Tensor& x) override;
  void members(Members& m) override;

  Tensor weight;
  Tensor bias;
  Tensor running_mean;
  Tensor running_var;
  Tensor num_batches_tracked;

 private:
  void track(const ChannelStatistics& batch, std::int64_t count);  // moves the running estimate

  BatchNormOptions options_;
};

}  // namespace rushlight
