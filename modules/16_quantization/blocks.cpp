// blocks.cpp: ggml's Q8_0 and Q4_0, to the bit.
#include "16_quantization/blocks.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "01_tensor/todo.hpp"
#include "16_quantization/block_product.hpp"
#include "16_quantization/numbers.hpp"

namespace rushlight {
namespace {

// Both blocks begin with a look at their numbers.
void check_finite(const char* where, std::span<const float, 32> x) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i])) throw ValueError("{}: number {} of the block is {}.", {where, i, double{x[i]}});
  }
}

// The scale's bits; ValueError where a float16 cannot hold it.
std::uint16_t scale_bits(const char* where, float scale) {
  const std::uint16_t bits = half_from_float(scale);
  if (!std::isfinite(float_from_half(bits))) {
    throw ValueError("{}: the scale {} does not fit into a float16, which ends at 65504.", {where, double{scale}});
  }
  return bits;
}

// 1/d; 0 where that is infinite: at a d of 0, and at those so near to it that they are 0 as a float16, too.
float inverse_of(float d) {
  const float inverse = 1 / d;
  return std::isfinite(inverse) ? inverse : 0;
}

std::int64_t block_count(const Shape& shape) { return shape.numel() / block_size; }

}  // namespace

// 16.3 quantize_q8_0  32 numbers -> d = max|x|/127 as a float16, q = round_half_away(x·(1/d))
// check_finite and scale_bits, above, refuse what has no block; inverse_of gives 1/d. Hint: multiply by it, and not divide
// by d, and take the float d rather than the float16: otherwise a few q differ from ggml's.
BlockQ8 quantize_q8_0(std::span<const float, 32> x) {
  todo("16.3");
}

// 16.3 quantize_q4_0  32 numbers -> d = m/-8 as a float16, m the number of the largest magnitude with its sign (the first of
// equals); q = min(15, whole part of x·(1/d) + 8.5);  byte j = q[j] | q[j + 16] << 4
// Hint: m itself becomes 0, that is -8: with a minus in d, the number that matters most is exact up to the scale.
BlockQ4 quantize_q4_0(std::span<const float, 32> x) {
  todo("16.3");
}

// 16.3 dequantize  Q8_0 -> q·scale
// Hint: float_from_half.
std::array<float, 32> dequantize(const BlockQ8& block) {
  todo("16.3");
}

// 16.3 dequantize  Q4_0 -> (q - 8)·scale, low halves first
// Hint: a byte's low half is & 15, its high half >> 4.
std::array<float, 32> dequantize(const BlockQ4& block) {
  todo("16.3");
}

std::int64_t block_bytes(BlockType type) { return type == BlockType::q8_0 ? sizeof(BlockQ8) : sizeof(BlockQ4); }

// 16.3 quantize_blocks  x (..., 32·n) -> its blocks, in the order of the numbers;  floats_of(x) are x's numbers as floats
// Hint: std::memcpy puts a block into the bytes.
BlockTensor quantize_blocks(const Array& x, BlockType type) {
  if (x.rank() == 0 || x.dim(-1) % block_size != 0) {
    throw ShapeError("quantize_blocks: x is {}: needs a last axis that is a multiple of {}.", {x.shape(), block_size});
  }
  BlockTensor result{.type = type, .shape = x.shape(), .bytes = {}};
  todo("16.3");
  return result;
}

// 16.3 dequantize  blocks -> the numbers, in their shape
// Hint: the way back, block by block.
Array dequantize(const BlockTensor& blocks) {
  todo("16.3");
}

}  // namespace rushlight
