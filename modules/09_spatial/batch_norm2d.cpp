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
  todo("09.8");
}

// 09.8 BatchNorm2d::track  batch statistics, biased, of `count` values per channel -> moves the running estimate
//   running ← (1 - momentum)·running + momentum·batch;  the variance first becomes unbiased: · count / (count - 1)
// Hint: set_value with new Arrays; the counter goes up by 1.
void BatchNorm2d::track(const ChannelStatistics& batch, std::int64_t count) {
  todo("09.8");
}

// 09.8 BatchNorm2d::forward  x (N, C, H, W) -> same shape
// Hint: channel_statistics and batch_norm of module 03 take (N, C, ...). In training: statistics of x.value(), track,
// batch_norm with StatisticsFrom::batch. How many values has a channel? Fewer than two is an error, before anything
// has changed.
Tensor BatchNorm2d::forward(const Tensor& x) {
  if (x.rank() != 4 || x.dim(1) != options_.features) {
    throw ShapeError("BatchNorm2d: x is {}, but it must be (N, {}, H, W).", {x.shape(), options_.features});
  }
  todo("09.8");
}

// 09.8 BatchNorm2d::members  the parameters "weight" and "bias", the buffers "running_mean", "running_var" and
// "num_batches_tracked"
// Hint: m("weight", weight) for a parameter, m.buffer("running_mean", running_mean) for a buffer.
void BatchNorm2d::members(Members& m) {
  todo("09.8");
}

}  // namespace rushlight
