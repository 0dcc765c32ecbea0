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

}  // namespace

// 16.1 round_half_even  x -> the nearest whole number; of two, the even one
// Hint: std::nearbyint does that, unless somebody has changed the processor's rounding mode.
float round_half_even(float x) {
  todo("16.1");
}

// 16.1 round_half_away  x -> the nearest whole number; of two, the one further from 0
// Hint: the standard library has this one under its usual name.
float round_half_away(float x) {
  todo("16.1");
}

// 16.1 choose_qparams  low, high -> scale, zero_point and lowest (-127 symmetric, -128 affine)
// ValueError that names low and high unless both are finite and low <= high. Hint: widen the range to hold 0 before
// anything else; high - low may be too large for a float, so stay in double until the end.
QParams choose_qparams(double low, double high, Scheme scheme) {
  todo("16.1");
}

// 16.1 quantize  x -> clamp(round_half_even(x/scale) + zero_point, lowest, 127);  ValueError for NaN
// Hint: clamp while it is still a float. A float that is too large for a whole number has no defined conversion.
std::int8_t quantize(float x, const QParams& params) {
  todo("16.1");
}

// 16.1 dequantize  q -> (q - zero_point)·scale
// Hint: subtract as whole numbers; an int8 minus a zero point need not fit into an int8.
float dequantize(std::int8_t q, const QParams& params) {
  todo("16.1");
}

// 16.1 qparams_index  the place of a number -> the place of its QParams
//   per tensor: 0;  per channel: its index along the axis;  per group: how many groups lie before it
// Hint: the index along an axis is (i / stride) % size, with the stride that the axis has in row-major order.
std::size_t qparams_index(const QuantizedTensor& q, std::int64_t i) {
  todo("16.1");
}

// 16.1 quantize  x, options -> values and params, each part by its own range
// `checked`, above, first. range_of (observers.hpp) finds a range and refuses what is not finite; it takes numbers that lie
// next to each other. Hint: a channel's numbers lie in runs, and with axis 0 in a single one. An Array without numbers still
// has its params.
QuantizedTensor quantize(const Array& x, const QuantizeOptions& options) {
  todo("16.1");
}

// 16.1 quantize  x, params -> every number by the same params;  the scheme is affine where lowest is -128
// ValueError that names the first NaN by its place, as range_of does ("number 5"). Hint: infinities saturate here.
QuantizedTensor quantize(const Array& x, const QParams& params) {
  todo("16.1");
}

// 16.1 dequantize  values and params -> the floats that they stand for
// Hint: qparams_index for every number.
Array dequantize(const QuantizedTensor& q) {
  todo("16.1");
}

}  // namespace rushlight
