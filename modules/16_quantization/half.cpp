// half.cpp: given. IEEE 754 binary16 in whole-number arithmetic, so that every machine gives the same bits.
#include <bit>

#include "16_quantization/blocks.hpp"

namespace rushlight {
namespace {

// value / 2^bits, half to even.
std::uint32_t rounded_shift(std::uint32_t value, int bits) {
  const std::uint32_t half = 1U << (bits - 1), rest = value & ((1U << bits) - 1), whole = value >> bits;
  return whole + (rest > half || (rest == half && (whole & 1U) != 0) ? 1 : 0);
}

}  // namespace

std::uint16_t half_from_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000U, magnitude = bits & 0x7FFFFFFFU;
  const auto with_sign = [sign](std::uint32_t half) { return static_cast<std::uint16_t>(sign | half); };
  if (magnitude > 0x7F800000U) return with_sign(0x7E00U | (magnitude >> 13 & 0x3FFU));  // NaN
  if (magnitude >= 0x47800000U) return with_sign(0x7C00U);                              // 65536 and more
  if (magnitude >= 0x38800000U) return with_sign(rounded_shift(magnitude - 0x38000000U, 13));
  const int exponent = static_cast<int>(magnitude >> 23);  // biased by 127; here value < 2^-14
  if (exponent < 102) return with_sign(0);                 // below 2^-25, half of the smallest
  const std::uint32_t fraction = (magnitude & 0x7FFFFFU) | 0x800000U;
  return with_sign(rounded_shift(fraction, 126 - exponent));
}

float float_from_half(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16, exponent = bits >> 10 & 0x1FU, fraction = bits & 0x3FFU;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000U | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float value = static_cast<float>(fraction) * 0x1p-24F;
  return sign != 0 ? -value : value;
}

}  // namespace rushlight
