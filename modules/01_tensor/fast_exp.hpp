// fast_exp.hpp: eˣ for one number, written so that a compiler can turn a loop over it into vector instructions, which
// it cannot do with a call of std::exp. Given.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace rushlight {

// In float: x = n·ln 2 + r with |r| <= ln 2 / 2, a polynomial for eʳ, and 2ⁿ put together from bits, in two halves so
// that results below the smallest normal number are right as well. Within 1.01 units in the last place of eˣ; inf above
// 88.72, 0 below -103.97, NaN for NaN. Source: Moshier, Cephes Mathematical Library (1989), expf: the coefficients and
// the two parts of ln 2.
inline float exp_of(float x) {
  constexpr float log2_e = 1.44269504088896341F;
  constexpr float ln2_high = 0.693359375F, ln2_low = -2.12194440e-4F;  // their sum is ln 2; n·ln2_high is exact
  constexpr float round = 12582912.0F;  // 1.5·2²³: adding it leaves no room for a fraction
  const float kept = std::min(std::max(x, -105.0F), 89.5F);
  const float n = (kept * log2_e + round) - round;
  const float r = (kept - n * ln2_high) - n * ln2_low;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  const float e_to_r = p * r * r + r + 1.0F;
  const auto exponent = static_cast<std::int32_t>(n);
  const std::int32_t half = exponent >> 1;
  const auto power_of_two = [](std::int32_t e) { return std::bit_cast<float>((e + 127) << 23); };
  const float y = e_to_r * power_of_two(half) * power_of_two(exponent - half);
  return std::isnan(x) ? x : y;
}

inline double exp_of(double x) { return std::exp(x); }  // the strict build looks for precision, not for speed

}  // namespace rushlight
