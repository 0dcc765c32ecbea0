// numbers.hpp: floats as whole numbers of eight bits.
//   q = clamp(round(x / scale) + zero_point, lowest, 127),   x ≈ (q - zero_point)·scale
// Rounding is half to even, as ONNX's QuantizeLinear and IEEE 754 have it: 0.5 -> 0, 1.5 -> 2, 2.5 -> 2. All arithmetic is
// in float, also where Real is double. The number 0 is always exact: it is `zero_point`. Arrays may lie on any device and
// are looked at on the CPU.
#pragma once

#include <cstdint>
#include <vector>

#include "01_tensor/array.hpp"

namespace rushlight {

// --- 16.1 (numbers.cpp) ------------------------------------------------------------------------------------------------

float round_half_even(float x);  // a tie goes to the even neighbour
float round_half_away(float x);  // a tie goes away from 0, as roundf's; ggml's Q8_0 rounds like this

enum class Scheme : std::uint8_t {
  symmetric,  // zero_point is 0, and q from -127 to 127, so that -x is as good as x
  affine,     // the range may lie to one side of 0; q from -128 to 127
};

struct QParams {
  float scale = 1;  // above 0
  std::int32_t zero_point = 0;
  std::int32_t lowest = -128;  // the smallest q; the largest is always 127

  bool operator==(const QParams&) const = default;
};

// For numbers from low to high. The range is widened to hold 0: low = min(low, 0), high = max(high, 0).
//   symmetric: scale = max(-low, high)/127
//   affine:    scale = (high - low)/255,  zero_point = clamp(round(-128 - low/scale), -128, 127)
// In double, but low/scale with the scale as the float that it becomes; a half goes to even here, too. A range of 0 has
// scale 1; no scale is below the smallest normal float (1.2e-38). torch.ao has 1.2e-7 there, which is coarser than
// small weights. Throws ValueError that names low and high, unless both are finite and low <= high.
QParams choose_qparams(double low, double high, Scheme scheme);

// One number. An infinity saturates. Throws ValueError for NaN, which no whole number stands for.
std::int8_t quantize(float x, const QParams& params);
float dequantize(std::int8_t q, const QParams& params);

// How far a scale reaches.
enum class Granularity : std::uint8_t {
  per_tensor,
  per_channel,  // one for every place along an axis: of a weight (O, I), axis 0 is one for every output
  per_group,    // one for every `group` neighbours of the last axis
};

struct QuantizeOptions {
  Scheme scheme = Scheme::symmetric;
  Granularity granularity = Granularity::per_tensor;
  int axis = 0;             // with per_channel; negative counts from the end
  std::int64_t group = 32;  // with per_group; divides the last axis
};

struct QuantizedTensor {
  Shape shape;
  std::vector<std::int8_t> values;  // row-major
  QuantizeOptions options;          // axis is not negative here
  std::vector<QParams> params;      // one; or one a place of the axis; or one a group, in the order of the numbers
};

// Where in `params` the number at place i of `values` has its own.
std::size_t qparams_index(const QuantizedTensor& q, std::int64_t i);

// Every part by its own smallest and largest number. An Array without numbers has none to quantise, and as many QParams as
// its shape says, all of them as choose_qparams(0, 0) gives. Throws ValueError that names the first number that is not
// finite and its place, or a group that is below 1 or does not divide the last axis; IndexError when there is no such axis.
QuantizedTensor quantize(const Array& x, const QuantizeOptions& options);
QuantizedTensor quantize(const Array& x, const QParams& params);  // all of x by these; an infinity saturates
Array dequantize(const QuantizedTensor& q);

// --- given (sqnr.cpp) --------------------------------------------------------------------------------------------------

// Signal to quantisation noise in decibels: 10·log10(Σ x² / Σ (x - y)²); every bit of q is worth 6. Infinity where x and y
// are equal. Throws ShapeError when the shapes differ.
double sqnr(const Array& x, const Array& y);

}  // namespace rushlight
