// blocks.hpp: ggml's blocks, to the bit: 32 numbers share a scale of 16 bits. Layout and rounding from the public
// description of ggml's Q8_0 and Q4_0; all arithmetic is in float.
//
//   Q8_0, 34 bytes: float16 scale, 32 numbers of 8 bits     8.5 bits a number     x ≈ q·scale
//   Q4_0, 18 bytes: float16 scale, 16 pairs of 4 bits       4.5 bits a number     x ≈ (q - 8)·scale
//     byte j holds number j in its low half and number j + 16 in its high half
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "01_tensor/array.hpp"

namespace rushlight {

constexpr std::int64_t block_size = 32;

struct BlockQ8 {
  std::uint16_t scale;  // a float16's bits
  std::array<std::int8_t, 32> values;
};
struct BlockQ4 {
  std::uint16_t scale;
  std::array<std::uint8_t, 16> values;
};
static_assert(sizeof(BlockQ8) == 34 && sizeof(BlockQ4) == 18);

enum class BlockType : std::uint8_t { q8_0, q4_0 };

// --- 16.3 (blocks.cpp) -------------------------------------------------------------------------------------------------

// One block. With the largest magnitude m of the 32 (for Q4_0 with its sign, and the first of equals):
//   Q8_0: d = m/127,  q = round_half_away(x·(1/d))
//   Q4_0: d = m/-8,   q = min(15, whole part of x·(1/d) + 8.5)
// and 1/d is 0 where a float cannot hold it: d is 0 then, or below 2^-128, which a float16 rounds to 0. `d` becomes a float16 only for the file: q is made with the float. Throws ValueError that names
// the first number that is not finite, or a d that a float16 cannot hold.
BlockQ8 quantize_q8_0(std::span<const float, 32> x);
BlockQ4 quantize_q4_0(std::span<const float, 32> x);
std::array<float, 32> dequantize(const BlockQ8& block);
std::array<float, 32> dequantize(const BlockQ4& block);

struct BlockTensor {
  BlockType type = BlockType::q8_0;
  Shape shape;
  std::vector<std::uint8_t> bytes;  // blocks, row-major; the last axis is a multiple of 32
};

std::int64_t block_bytes(BlockType type);  // 34, 18

// Throws ShapeError unless x has an axis, and the last one is a multiple of 32.
BlockTensor quantize_blocks(const Array& x, BlockType type);
Array dequantize(const BlockTensor& blocks);

// --- given (half.cpp) --------------------------------------------------------------------------------------------------

// IEEE 754 binary16: 1 bit sign, 5 exponent, 10 fraction; up to 65504. Rounds half to even; too large becomes an infinity;
// numbers below 6.1e-5 lose digits, as they do in hardware.
std::uint16_t half_from_float(float value);
float float_from_half(std::uint16_t bits);

}  // namespace rushlight
