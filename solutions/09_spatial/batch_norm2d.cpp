// batch_norm2d.cpp: batch norm for images. The op and its derivative are module 03's; this file decides which numbers
// make a channel's statistics, and keeps the running estimate.
#include "09_spatial/batch_norm2d.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {

// 09.8 BatchNorm2d  weight ones (C), bias zeros (C), unless options.affine is false; running_mean zeros (C),
// running_var ones (C), num_batches_tracked a zero of rank 0
// Hint: only weight and bias require a gradient.
BatchNorm2d::BatchNorm2d(BatchNormOptions options) : options_(options) {
  if (options.features < 1 || !(options.eps > 0) || !(options.momentum >= 0 && options.momentum <= 1)) {
    throw ValueError(
        "BatchNorm2d: features is {}, eps {} and momentum {}: needs features >= 1, eps > 0 and "
        "0 <= momentum <= 1.",
        {options.features, options.eps, options.momentum});
  }
  // solution 09.8
  const Shape channels{options.features};
  if (options.affine) {
    weight = Tensor(ones(channels), true);
    bias = Tensor(zeros(channels), true);
  }
  running_mean = Tensor(zeros(channels));
  running_var = Tensor(ones(channels));
  num_batches_tracked = Tensor(zeros({}));
  // end solution
}

// 09.8 BatchNorm2d::track  batch statistics, biased, of `count` values per channel -> moves the running estimate
//   running ← (1 - momentum)·running + momentum·batch;  the variance first becomes unbiased: · count / (count - 1)
// Hint: set_value with new Arrays; the counter goes up by 1.
void BatchNorm2d::track(const ChannelStatistics& batch, std::int64_t count) {
  const auto momentum = static_cast<Real>(options_.momentum);
  const Real keep = 1 - momentum;
  const Real unbiased = static_cast<Real>(count) / static_cast<Real>(count - 1);
  running_mean.set_value(keep * running_mean.value() + momentum * batch.mean);
  running_var.set_value(keep * running_var.value() + momentum * unbiased * batch.variance);
  num_batches_tracked.set_value(num_batches_tracked.value() + Real{1});
}

// 09.8 BatchNorm2d::forward  x (N, C, H, W) -> same shape
// Hint: channel_statistics and batch_norm of module 03 take (N, C, ...). In training: statistics of x.value(), track,
// batch_norm with StatisticsFrom::batch. How many values has a channel? Fewer than two is an error, before anything
// has changed.
Tensor BatchNorm2d::forward(const Tensor& x) {
  if (x.rank() != 4 || x.dim(1) != options_.features) {
    throw ShapeError("BatchNorm2d: x is {}, but it must be (N, {}, H, W).", {x.shape(), options_.features});
  }
  // solution 09.8
  if (!training()) {
    const ChannelStatistics running{running_mean.value(), running_var.value()};
    return batch_norm(x, running, StatisticsFrom::outside, weight, bias, options_.eps);
  }
  const std::int64_t count = x.size() / options_.features;
  if (count < 2) {
    throw ValueError(
        "BatchNorm2d: x {} has {} value(s) per channel, but training needs more than 1: their variance "
        "says nothing. Use a larger batch, or eval().",
        {x.shape(), count});
  }
  const ChannelStatistics batch = channel_statistics(x.value());
  track(batch, count);
  return batch_norm(x, batch, StatisticsFrom::batch, weight, bias, options_.eps);
  // end solution
}

// 09.8 BatchNorm2d::members  the parameters "weight" and "bias", the buffers "running_mean", "running_var" and
// "num_batches_tracked"
// Hint: m("weight", weight) for a parameter, m.buffer("running_mean", running_mean) for a buffer.
void BatchNorm2d::members(Members& m) {
  m("weight", weight);
  m("bias", bias);
  m.buffer("running_mean", running_mean);
  m.buffer("running_var", running_var);
  m.buffer("num_batches_tracked", num_batches_tracked);
}

}  // namespace rushlight
