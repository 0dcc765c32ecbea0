// numbers.cpp: from float to eight bits and back.
#include "16_quantization/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "01_tensor/todo.hpp"
#include "16_quantization/observers.hpp"

namespace rushlight {
namespace {

constexpr std::int32_t largest = 127;

// The axis counted from the front, and a group that divides the last axis.
QuantizeOptions checked(const Shape& shape, QuantizeOptions options) {
  if (options.granularity == Granularity::per_channel)
    options.axis = normalize_axis("quantize", options.axis, shape.rank());
  if (options.granularity == Granularity::per_group) {
    if (shape.rank() == 0 || options.group < 1 || shape[shape.rank() - 1] % options.group != 0) {
      throw ValueError("quantize: groups of {} do not divide the last axis of {}.", {options.group, shape});
    }
  }
  return options;
}

// solution helper
// How many neighbours in memory have the same QParams.
std::int64_t run_length(const Shape& shape, const QuantizeOptions& options) {
  if (options.granularity == Granularity::per_tensor) return std::max<std::int64_t>(shape.numel(), 1);
  if (options.granularity == Granularity::per_group) return options.group;
  std::int64_t length = 1;
  for (int axis = options.axis + 1; axis < shape.rank(); ++axis) length *= shape[axis];
  return std::max<std::int64_t>(length, 1);
}

std::int64_t count_of_params(const Shape& shape, const QuantizeOptions& options) {
  if (options.granularity == Granularity::per_tensor) return 1;
  if (options.granularity == Granularity::per_group) return shape.numel() / options.group;
  return shape[options.axis];
}

void quantize_run(const Real* from, std::int8_t* to, std::int64_t count, const QParams& params) {
  const auto lowest = static_cast<float>(params.lowest), zero = static_cast<float>(params.zero_point);
  for (std::int64_t i = 0; i < count; ++i) {
    const float q = std::nearbyint(static_cast<float>(from[i]) / params.scale) + zero;
    to[i] = static_cast<std::int8_t>(std::clamp(q, lowest, static_cast<float>(largest)));
  }
}
// end solution

}  // namespace

// 16.1 round_half_even  x -> the nearest whole number; of two, the even one
// Hint: std::nearbyint does that, unless somebody has changed the processor's rounding mode.
float round_half_even(float x) { return std::nearbyint(x); }

// 16.1 round_half_away  x -> the nearest whole number; of two, the one further from 0
// Hint: the standard library has this one under its usual name.
float round_half_away(float x) { return std::round(x); }

// 16.1 choose_qparams  low, high -> scale, zero_point and lowest (-127 symmetric, -128 affine)
// ValueError that names low and high unless both are finite and low <= high. Hint: widen the range to hold 0 before
// anything else; high - low may be too large for a float, so stay in double until the end.
QParams choose_qparams(double low, double high, Scheme scheme) {
  if (!(std::isfinite(low) && std::isfinite(high) && low <= high)) {
    throw ValueError("choose_qparams: from {} to {} is no range: needs finite numbers, low <= high.", {low, high});
  }
  low = std::min(low, 0.0);
  high = std::max(high, 0.0);
  const bool symmetric = scheme == Scheme::symmetric;
  QParams params{.scale = 1, .zero_point = 0, .lowest = symmetric ? -largest : -largest - 1};
  const double wanted = symmetric ? std::max(-low, high) / largest : (high - low) / (2 * largest + 1);
  if (wanted > 0) params.scale = std::max(static_cast<float>(wanted), std::numeric_limits<float>::min());
  if (!symmetric) {
    const double zero = std::nearbyint(params.lowest - low / static_cast<double>(params.scale));
    params.zero_point = static_cast<std::int32_t>(std::clamp<double>(zero, params.lowest, largest));
  }
  return params;
}

// 16.1 quantize  x -> clamp(round_half_even(x/scale) + zero_point, lowest, 127);  ValueError for NaN
// Hint: clamp while it is still a float. A float that is too large for a whole number has no defined conversion.
std::int8_t quantize(float x, const QParams& params) {
  if (std::isnan(x)) throw ValueError("quantize: NaN cannot be quantised: no whole number stands for it.");
  const float q = round_half_even(x / params.scale) + static_cast<float>(params.zero_point);
  return static_cast<std::int8_t>(std::clamp(q, static_cast<float>(params.lowest), static_cast<float>(largest)));
}

// 16.1 dequantize  q -> (q - zero_point)·scale
// Hint: subtract as whole numbers; an int8 minus a zero point need not fit into an int8.
float dequantize(std::int8_t q, const QParams& params) {
  return static_cast<float>(q - params.zero_point) * params.scale;
}

// 16.1 qparams_index  the place of a number -> the place of its QParams
//   per tensor: 0;  per channel: its index along the axis;  per group: how many groups lie before it
// Hint: the index along an axis is (i / stride) % size, with the stride that the axis has in row-major order.
std::size_t qparams_index(const QuantizedTensor& q, std::int64_t i) {
  const std::int64_t run = i / run_length(q.shape, q.options);
  return static_cast<std::size_t>(run % std::max<std::int64_t>(count_of_params(q.shape, q.options), 1));
}

// 16.1 quantize  x, options -> values and params, each part by its own range
// `checked`, above, first. range_of (observers.hpp) finds a range and refuses what is not finite; it takes numbers that lie
// next to each other. Hint: a channel's numbers lie in runs, and with axis 0 in a single one. An Array without numbers still
// has its params.
QuantizedTensor quantize(const Array& x, const QuantizeOptions& options) {
  QuantizedTensor q{.shape = x.shape(), .values = {}, .options = checked(x.shape(), options), .params = {}};
  const Array here = x.cpu();
  const Real* from = here.data().data();
  const std::int64_t length = run_length(q.shape, q.options), count = count_of_params(q.shape, q.options);
  std::vector<Range> ranges(static_cast<std::size_t>(count));
  for (std::int64_t first = 0; first < x.size(); first += length) {
    const Range run = range_of("quantize", from + first, length, first);
    Range& whole = ranges[qparams_index(q, first)];  // from 0 to 0, which every range holds
    whole = {.low = std::min(whole.low, run.low), .high = std::max(whole.high, run.high)};
  }
  for (const Range& range : ranges) q.params.push_back(choose_qparams(range.low, range.high, q.options.scheme));
  q.values.resize(static_cast<std::size_t>(x.size()));
  for (std::int64_t first = 0; first < x.size(); first += length) {
    quantize_run(from + first, q.values.data() + first, length, q.params[qparams_index(q, first)]);
  }
  return q;
}

// 16.1 quantize  x, params -> every number by the same params;  the scheme is affine where lowest is -128
// ValueError that names the first NaN by its place, as range_of does ("number 5"). Hint: infinities saturate here.
QuantizedTensor quantize(const Array& x, const QParams& params) {
  const Array here = x.cpu();
  const auto numbers = here.data();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (std::isnan(numbers[i])) throw ValueError("quantize: number {} is NaN: no whole number stands for it.", {i});
  }
  const Scheme scheme = params.lowest == -128 ? Scheme::affine : Scheme::symmetric;
  QuantizedTensor q{.shape = x.shape(), .values = {}, .options = {.scheme = scheme}, .params = {params}};
  q.values.resize(numbers.size());
  quantize_run(numbers.data(), q.values.data(), x.size(), params);
  return q;
}

// 16.1 dequantize  values and params -> the floats that they stand for
// Hint: qparams_index for every number.
Array dequantize(const QuantizedTensor& q) {
  Array x(q.shape);
  const auto to = x.mutable_data();
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i] = dequantize(q.values[i], q.params[qparams_index(q, static_cast<std::int64_t>(i))]);
  }
  return x;
}

}  // namespace rushlight
