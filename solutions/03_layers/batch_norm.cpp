// batch_norm.cpp: channels to mean 0 and variance 1 over the batch, then a learned scale and shift.
// Letters: N examples, C channels, L positions, M = how many numbers one channel has.
#include "03_layers/batch_norm.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

// Every axis but the channels'.
Axes other_axes(const Shape& x) {
  Axes axes{0};
  for (int axis = 2; axis < x.rank(); ++axis) axes.push_back(axis);
  return axes;
}

// (C) -> (C, 1, ..., 1), which broadcasts against x (N, C, ...) channel by channel.
Array per_channel(const Array& values, const Shape& x) {
  Shape shape = values.shape();
  while (shape.rank() < x.rank() - 1) shape.push_back(1);
  return values.with_shape(shape);
}

void check_rank(const Shape& x) {
  if (x.rank() < 2) throw ShapeError("batch_norm: x is {}, but it must be (N, C, ...).", {x});
}

void check_channels(const char* what, const Shape& shape, const Shape& x) {
  if (shape != Shape{x[1]}) {
    throw ShapeError("batch_norm: {} is {}, but x {} has {} channels: needs ({},).", {what, shape, x, x[1], x[1]});
  }
}

void check_batch_norm(const Tensor& x, const ChannelStatistics& statistics, const Tensor& weight, const Tensor& bias) {
  check_rank(x.shape());
  check_channels("mean", statistics.mean.shape(), x.shape());
  check_channels("variance", statistics.variance.shape(), x.shape());
  if (weight.defined() != bias.defined()) throw ValueError("batch_norm: give weight and bias, or neither.");
  if (!weight.defined()) return;
  check_channels("weight", weight.shape(), x.shape());
  check_channels("bias", bias.shape(), x.shape());
}

}  // namespace

// 03.6 channel_statistics  x (N, C, ...) -> mean (C), variance (C), biased;  over every axis but the channels'
// A channel of equal numbers has exactly that mean and variance 0.
// Hint: mean over other_axes(x.shape()), and again over the squares of what is left. A mean is rounded, and beside eps the
// last digit of a large one is a lot: add to it the mean of what it leaves, mean(x - mean(x)).
ChannelStatistics channel_statistics(const Array& x) {
  check_rank(x.shape());
  // solution 03.6
  const Axes axes = other_axes(x.shape());
  const Array rounded = mean(x, axes);
  const Array channel_mean = rounded + mean(x - per_channel(rounded, x.shape()), axes);
  const Array centred = x - per_channel(channel_mean, x.shape());
  return {channel_mean, mean(centred * centred, axes)};
  // end solution
}

namespace {

// 03.6 batch_norm_backward  inputs x (N, C, ...) and, if affine, weight (C), bias (C); channel_mean, rstd (C)
//   -> {dx} or {dx, dweight, dbias}, as batch_norm.hpp states them
// Hint: the formula of layer norm with other axes. Statistics from outside do not depend on x, so both means fall away.
Arrays batch_norm_backward(const Backward& bw, const Array& channel_mean, const Array& rstd, StatisticsFrom from,
                           bool affine) {
  const Shape& shape = bw.in_shape(0);
  const Axes axes = other_axes(shape);
  const Array scale = per_channel(rstd, shape);
  const Array normalised = (bw.in(0) - per_channel(channel_mean, shape)) * scale;
  Arrays gradients(affine ? 3 : 1);
  if (bw.needs(0)) {
    const Array h = affine ? bw.grad * per_channel(bw.in(1), shape) : bw.grad;
    if (from == StatisticsFrom::batch) {
      const Array along_mean = mean(h, axes, true);
      const Array along_scale = mean(h * normalised, axes, true);
      gradients[0] = scale * (h - along_mean - normalised * along_scale);
    } else {
      gradients[0] = scale * h;
    }
  }
  if (affine && bw.needs(1)) gradients[1] = sum(bw.grad * normalised, axes);
  if (affine && bw.needs(2)) gradients[2] = sum(bw.grad, axes);
  return gradients;
}

}  // namespace

// 03.6 batch_norm  x (N, C, ...), statistics (C), weight, bias (C) or both empty -> x's shape, one op "batch_norm"
//   y = (x - mean)·rstd·weight + bias,  rstd = 1/√(variance + eps)
// Hint: check_batch_norm first; per_channel lines everything up. Record {x} or {x, weight, bias}; the rule captures
// mean and rstd.
Tensor batch_norm(const Tensor& x, const ChannelStatistics& statistics, StatisticsFrom from, const Tensor& weight,
                  const Tensor& bias, double eps) {
  check_batch_norm(x, statistics, weight, bias);
  const bool affine = weight.defined();
  const Array channel_mean = statistics.mean;
  const Array rstd = Real{1} / sqrt(statistics.variance + static_cast<Real>(eps));
  Array y = (x.value() - per_channel(channel_mean, x.shape())) * per_channel(rstd, x.shape());
  if (affine) y = y * per_channel(weight.value(), x.shape()) + per_channel(bias.value(), x.shape());
  return record("batch_norm", y, affine ? Tensors{x, weight, bias} : Tensors{x}, Save::inputs,
                [=](const Backward& bw) { return batch_norm_backward(bw, channel_mean, rstd, from, affine); });
}

// 03.6 BatchNorm  weight ones (C), bias zeros (C), unless options.affine is false; running_mean zeros (C),
// running_var ones (C), num_batches_tracked a zero of rank 0
// Hint: only weight and bias require a gradient.
BatchNorm::BatchNorm(const char* name, BatchNormOptions options) : name_(name), options_(options) {
  if (options.features < 1 || !(options.eps > 0) || !(options.momentum >= 0 && options.momentum <= 1)) {
    throw ValueError("{}: features is {}, eps {} and momentum {}: needs features >= 1, eps > 0 and 0 <= momentum <= 1.",
                     {name, options.features, options.eps, options.momentum});
  }
  // solution 03.6
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

// 03.6 BatchNorm::track  batch statistics, biased, of `count` values per channel -> moves the running estimate;
// num_batches_tracked goes up by 1
//   running ← (1 - momentum)·running + momentum·batch;  the variance first becomes unbiased: · count / (count - 1)
// Hint: set_value with a new Array. An earlier forward in evaluation may still hold the old one for its backward.
void BatchNorm::track(const ChannelStatistics& batch, std::int64_t count) {
  const auto momentum = static_cast<Real>(options_.momentum);
  const Real unbiased = static_cast<Real>(count) / static_cast<Real>(count - 1);
  const Real keep = 1 - momentum;
  running_mean.set_value(keep * running_mean.value() + momentum * batch.mean);
  running_var.set_value(keep * running_var.value() + momentum * unbiased * batch.variance);
  num_batches_tracked.set_value(num_batches_tracked.value() + Real{1});
}

void BatchNorm1d::check_input(const Shape& x) const {
  if ((x.rank() == 2 || x.rank() == 3) && x[1] == features()) return;
  throw ShapeError("BatchNorm1d: x is {}, but it must be (N, {}) or (N, {}, L).", {x, features(), features()});
}

// 03.6 BatchNorm::forward  x (N, C, ...) -> same shape;  in training with fewer than two values per channel:
// ValueError that names x's shape, says that it needs "more than 1" value per channel, and points to eval()
// Hint: in training the batch's statistics, after which track() moves the estimate; otherwise the running ones, which
// come from outside. An error, such as one value per channel in training, must leave the estimate as it was.
Tensor BatchNorm::forward(const Tensor& x) {
  check_input(x.shape());
  // solution 03.6
  if (!training()) {
    const ChannelStatistics running{running_mean.value(), running_var.value()};
    return batch_norm(x, running, StatisticsFrom::outside, weight, bias, options_.eps);
  }
  const std::int64_t count = x.size() / options_.features;
  if (count < 2) {
    throw ValueError(
        "{}: x {} has {} value(s) per channel, but training needs more than 1: their variance says nothing. "
        "Use a larger batch, or eval().",
        {name_, x.shape(), count});
  }
  const ChannelStatistics batch = channel_statistics(x.value());
  const Tensor y = batch_norm(x, batch, StatisticsFrom::batch, weight, bias, options_.eps);
  track(batch, count);
  return y;
  // end solution
}

// 03.6 BatchNorm::members  lists the parameters "weight" and "bias" and the buffers "running_mean", "running_var" and
// "num_batches_tracked"
// Hint: m("weight", weight) for a parameter, m.buffer("running_mean", running_mean) for a buffer.
void BatchNorm::members(Members& m) {
  m("weight", weight);
  m("bias", bias);
  m.buffer("running_mean", running_mean);
  m.buffer("running_var", running_var);
  m.buffer("num_batches_tracked", num_batches_tracked);
}

}  // namespace rushlight
