#include <cstring>

#include "helpers.hpp"

namespace rushlight::test {
namespace {

// What ggml's own library gave, byte for byte.
struct GoldenBlock {
  std::string name;
  std::array<float, 32> x;
  std::string q8_0, q4_0;
};

std::vector<GoldenBlock> golden_blocks() {
  std::vector<GoldenBlock> blocks;
  const auto file = golden("16/blocks.json");
  for (const auto& each : file.at("blocks")) {
    GoldenBlock block{.name = each.at("name"), .x = {}, .q8_0 = each.at("q8_0"), .q4_0 = each.at("q4_0")};
    for (std::size_t i = 0; i < 32; ++i) block.x[i] = each.at("x")[i].get<float>();
    blocks.push_back(block);
  }
  if (blocks.empty()) throw std::runtime_error("16/blocks.json holds no block");
  return blocks;
}

template <class Block>
std::string hex(const Block& block) {
  std::array<std::uint8_t, sizeof(Block)> raw;
  std::memcpy(raw.data(), &block, sizeof(Block));
  std::string text;
  for (const std::uint8_t byte : raw) text += fmt::format("{:02x}", byte);
  return text;
}

std::array<float, 32> filled(float value) {
  std::array<float, 32> x;
  x.fill(value);
  return x;
}

TEST(Unit_16_3, Q8IsGgmlsToTheBit) {
  for (const GoldenBlock& block : golden_blocks()) EXPECT_EQ(hex(quantize_q8_0(block.x)), block.q8_0) << block.name;
}

TEST(Unit_16_3, Q4IsGgmlsToTheBit) {
  for (const GoldenBlock& block : golden_blocks()) {
    if (block.q4_0.starts_with("00fc") ||
        block.q4_0.starts_with("007c")) {  // ggml's scale is infinite: ours is an error
      EXPECT_THROW(quantize_q4_0(block.x), ValueError) << block.name;
    } else {
      EXPECT_EQ(hex(quantize_q4_0(block.x)), block.q4_0) << block.name;
    }
  }
}

// The contract's order, found by search: x/d is 50 here, and x·(1/d) rounds to 49.
TEST(Unit_16_3, Q8MultipliesByOneOverD) {
  std::array<float, 32> x = filled(0);
  x[0] = 0.638999999F;
  x[1] = 0.249059036F;
  EXPECT_EQ(quantize_q8_0(x).values[1], 49);
}

TEST(Unit_16_3, APositiveLargestOfQ4HasANegativeScale) {
  std::array<float, 32> x = filled(0);
  x[2] = 8;
  x[3] = -7;
  const BlockQ4 block = quantize_q4_0(x);
  EXPECT_EQ(block.scale, 0xBC00);  // d = 8/-8 = -1
  EXPECT_EQ(block.values[2], 0 | 8 << 4);
  EXPECT_EQ(block.values[3], 15 | 8 << 4);
  EXPECT_EQ(dequantize(block)[2], 8);
}

TEST(Unit_16_3, TiesGoAwayFromZeroInQ8) {
  std::array<float, 32> x = filled(0);
  x[0] = 127;
  x[1] = 0.5F;
  x[2] = 2.5F;
  x[3] = -2.5F;
  const BlockQ8 block = quantize_q8_0(x);
  EXPECT_EQ(block.scale, 0x3C00);
  EXPECT_EQ((std::vector<int>{block.values[0], block.values[1], block.values[2], block.values[3], block.values[4]}),
            (std::vector<int>{127, 1, 3, -3, 0}));
}

TEST(Unit_16_3, TheLargestOfQ4HasAllEightSteps) {
  std::array<float, 32> x = filled(0);
  x[3] = -8;
  x[19] = 7;
  x[20] = 8;  // equal in magnitude, but later: it saturates at 7
  const BlockQ4 block = quantize_q4_0(x);
  EXPECT_EQ(block.scale, 0x3C00);  // d = -8/-8 = 1
  EXPECT_EQ(block.values[3], 0 | 15 << 4);
  EXPECT_EQ(block.values[4], 8 | 15 << 4);
  EXPECT_EQ(block.values[0], 8 | 8 << 4);
}

TEST(Unit_16_3, Q4AddsEightAndAHalfAndCuts) {
  std::array<float, 32> x = filled(0);
  x[0] = -8;  // d = 1
  x[1] = -2.5F;
  x[2] = 2.5F;
  const BlockQ4 block = quantize_q4_0(x);
  EXPECT_EQ(block.values[1] & 15, 6);
  EXPECT_EQ(block.values[2] & 15, 11);
}

TEST(Unit_16_3, BlocksComeBack) {
  BlockQ8 eight{.scale = 0x3800, .values = {}};  // 0.5
  eight.values[0] = -128;
  eight.values[31] = 3;
  EXPECT_EQ(dequantize(eight)[0], -64);
  EXPECT_EQ(dequantize(eight)[31], 1.5F);
  BlockQ4 four{.scale = 0xBC00, .values = {}};  // -1
  four.values[2] = 0x1F;
  EXPECT_EQ(dequantize(four)[2], -7);  // low half 15
  EXPECT_EQ(dequantize(four)[18], 7);  // high half 1
  EXPECT_EQ(dequantize(four)[0], 8);
}

TEST(Unit_16_3, ZerosAndEqualNumbersComeBack) {
  EXPECT_EQ(dequantize(quantize_q8_0(filled(0))), filled(0));
  EXPECT_EQ(dequantize(quantize_q4_0(filled(0))), filled(0));
  EXPECT_EQ(dequantize(quantize_q4_0(filled(-4))), filled(-4));
  EXPECT_NEAR(dequantize(quantize_q8_0(filled(3)))[7], 3, 3e-3);
}

// The scale of such numbers is 0 as a float16; the smallest float of all has no 1/d either.
TEST(Unit_16_3, WhatIsTooSmallForAScaleComesBackAsZeros) {
  for (const float tiny : {1e-37F, 2e-38F, std::numeric_limits<float>::denorm_min()}) {
    std::array<float, 32> x = filled(tiny);
    x[7] = 0;
    x[9] = -tiny;
    EXPECT_EQ(dequantize(quantize_q8_0(x)), filled(0)) << tiny;
    EXPECT_EQ(dequantize(quantize_q4_0(x)), filled(0)) << tiny;
  }
  const std::array<float, 32> x = filled(1e-38F);  // 1/d is infinite in both formats: it counts as 0
  EXPECT_EQ(quantize_q8_0(x).values[3], 0);
  EXPECT_EQ(quantize_q4_0(x).values[3], 8 | 8 << 4);
}

TEST(Unit_16_3, ErrorsAreBounded) {
  const Array x = randn({16, 64}, 9);
  const Array eight = dequantize(quantize_blocks(x, BlockType::q8_0)),
              four = dequantize(quantize_blocks(x, BlockType::q4_0));
  EXPECT_GT(sqnr(x, eight), 40);
  EXPECT_GT(sqnr(x, four), 17);
  EXPECT_LT(sqnr(x, four), 25) << "four bits cannot be better than that";
}

TEST(Unit_16_3, TensorsAreBlocksInOrder) {
  const Array x = randn({2, 2, 64}, 3);
  for (const BlockType type : {BlockType::q8_0, BlockType::q4_0}) {
    const BlockTensor blocks = quantize_blocks(x, type);
    EXPECT_EQ(blocks.shape, x.shape());
    ASSERT_EQ(static_cast<std::int64_t>(blocks.bytes.size()), 8 * block_bytes(type));
    const Array back = dequantize(blocks);
    ASSERT_EQ(back.shape(), x.shape());
    for (std::int64_t b = 0; b < 8; ++b) {
      std::array<float, 32> part;
      for (std::int64_t j = 0; j < 32; ++j) part[j] = static_cast<float>(x.data()[b * 32 + j]);
      const std::array<float, 32> alone =
          type == BlockType::q8_0 ? dequantize(quantize_q8_0(part)) : dequantize(quantize_q4_0(part));
      for (std::int64_t j = 0; j < 32; ++j)
        EXPECT_EQ(static_cast<float>(back.data()[b * 32 + j]), alone[j]) << b << " " << j;
    }
  }
}

TEST(Unit_16_3, ATensorMayBeOneBlock) {
  const Array x = randn({32}, 3);
  std::array<float, 32> numbers;
  for (std::size_t j = 0; j < 32; ++j) numbers[j] = static_cast<float>(x.data()[j]);
  for (const BlockType type : {BlockType::q8_0, BlockType::q4_0}) {
    const Array back = dequantize(quantize_blocks(x, type));
    const auto alone =
        type == BlockType::q8_0 ? dequantize(quantize_q8_0(numbers)) : dequantize(quantize_q4_0(numbers));
    for (std::size_t j = 0; j < 32; ++j) EXPECT_EQ(static_cast<float>(back.data()[j]), alone[j]) << j;
  }
}

TEST(Unit_16_3, SizesAreCounted) {
  EXPECT_EQ(block_bytes(BlockType::q8_0), 34);
  EXPECT_EQ(block_bytes(BlockType::q4_0), 18);
  EXPECT_TRUE(quantize_blocks(Array(Shape{0, 32}), BlockType::q8_0).bytes.empty());
  EXPECT_EQ(dequantize(quantize_blocks(Array(Shape{3, 0}), BlockType::q4_0)).shape(), (Shape{3, 0}));
  EXPECT_THROWS_WITH(quantize_blocks(zeros({2, 33}), BlockType::q8_0), ShapeError, "(2, 33)", "32");
  EXPECT_THROW(quantize_blocks(Array::scalar(1), BlockType::q8_0), ShapeError);
}

TEST(Unit_16_3, WhatHasNoBlockIsAnError) {
  std::array<float, 32> x = filled(1);
  x[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROWS_WITH(quantize_q8_0(x), ValueError, "number 5");
  x[5] = std::numeric_limits<float>::infinity();
  EXPECT_THROWS_WITH(quantize_q4_0(x), ValueError, "number 5");
  EXPECT_THROWS_WITH(quantize_q4_0(filled(1e6F)), ValueError, "65504");
  EXPECT_THROWS_WITH(quantize_q8_0(filled(1e7F)), ValueError, "65504");
  EXPECT_NO_THROW(quantize_q8_0(filled(1e6F)));  // 1e6/127 fits
}

}  // namespace
}  // namespace rushlight::test
