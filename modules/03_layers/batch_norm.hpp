// batch_norm.hpp: every channel is shifted to mean 0 and scaled to variance 1 over the batch, then given a learned
// scale and shift (Ioffe and Szegedy, 2015). In training the statistics are the batch's own; in evaluation they are a
// running estimate, so that a prediction does not depend on its neighbours. As torch.nn.BatchNorm1d. Letters: N
// examples, C channels, L positions.
#pragma once

#include "03_layers/module.hpp"

namespace rushlight {

// --- 03.6 (batch_norm.cpp) ---------------------------------------------------------------------------------------

struct ChannelStatistics {
  Array mean;      // (C)
  Array variance;  // (C), biased: divided by the count
};

// Over every axis but axis 1. x is (N, C, ...). A channel of equal numbers has exactly that mean, and variance 0. Throws
// ShapeError below rank 2.
ChannelStatistics channel_statistics(const Array& x);

// Where the statistics came from decides the derivative: the batch's own depend on x, given ones are constants.
enum class StatisticsFrom { batch, outside };

// x (N, C, ...) -> same shape, one op, "batch_norm":  y = x̂·weight + bias, x̂ = (x - mean)/√(variance + eps), per
// channel. weight and bias are (C), or both empty. With h = grad·weight and rstd = 1/√(variance + eps):
//   batch:    dx = rstd·(h - mean(h) - x̂·mean(h·x̂)), the means taken per channel over all other axes
//   outside:  dx = rstd·h
//   dweight = Σ grad·x̂, dbias = Σ grad, per channel
// Throws ShapeError when the rank is below 2 or a parameter or statistic is not (C), ValueError when only one of weight and
// bias is there.
Tensor batch_norm(const Tensor& x, const ChannelStatistics& statistics, StatisticsFrom from, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);

struct BatchNormOptions {
  std::int64_t features = 0;  // C, at least 1
  double eps = 1e-5;          // greater than 0
  double momentum = 0.1;      // weight of the newest batch in the running estimate, 0 <= momentum <= 1
  bool affine = true;         // whether weight and bias exist
};

// Parameters: weight (C), ones; bias (C), zeros. Buffers: running_mean (C), zeros; running_var (C), ones;
// num_batches_tracked (), 0. In training, each forward adds 1 to that and moves the estimate,
// also while nothing is recorded; one that throws does neither:
//   running ← (1 - momentum)·running + momentum·batch, with the unbiased variance (divided by count - 1).
// Evaluation normalises with the estimate and changes nothing. Throws ValueError for options out of range, and in
// training when a channel has fewer than two values: their variance says nothing (as PyTorch). Differences from
// PyTorch: running statistics are always tracked, momentum is a number, and num_batches_tracked is a Real like every
// buffer (float counts to 2²⁴). Which shapes x may have is what its kinds differ in.
class BatchNorm : public Module {
 public:
  Tensor forward(const Tensor& x) override;
  void members(Members& m) override;

  Tensor weight;
  Tensor bias;
  Tensor running_mean;
  Tensor running_var;
  Tensor num_batches_tracked;

 protected:
  BatchNorm(const char* name, BatchNormOptions options);  // the name stands in every message
  virtual void check_input(const Shape& x) const = 0;     // throws ShapeError
  std::int64_t features() const { return options_.features; }

 private:
  void track(const ChannelStatistics& batch, std::int64_t count);  // moves the running estimate

  const char* name_;
  BatchNormOptions options_;
};

// x is (N, C) or (N, C, L). Throws ShapeError for any other shape.
class BatchNorm1d : public BatchNorm {
 public:
  explicit BatchNorm1d(BatchNormOptions options) : BatchNorm("BatchNorm1d", options) {}

 protected:
  void check_input(const Shape& x) const override;
};

}  // namespace rushlight
