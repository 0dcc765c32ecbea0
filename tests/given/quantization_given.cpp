// What module 16 gives: half precision, kernels that must agree to the bit, and names.
#include <algorithm>

#include "07_training/checkpoint.hpp"
#include "16_quantization/quantization.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Given_16, HalvesAreTheHardwares) {
  // Values and bits as ggml's own conversion and NumPy's both give them.
  const std::vector<std::pair<float, int>> known = {{0.0F, 0},
                                                    {-0.0F, 32768},
                                                    {1, 15360},
                                                    {-1, 48128},
                                                    {65504, 31743},
                                                    {65519, 31743},
                                                    {65520, 31744},
                                                    {1e6F, 31744},
                                                    {6.1e-5F, 1023},
                                                    {6.103515625e-05F, 1024},
                                                    {5.96e-8F, 1},
                                                    {0x1p-25F, 0},
                                                    {2.98024e-08F, 1},
                                                    {1e-9F, 0},
                                                    {0.1F, 11878},
                                                    {1.0F / 3, 13653},
                                                    {1.00048828125F, 15360},
                                                    {1.00146484375F, 15362},
                                                    {2047.5F, 26624},
                                                    {-3.1e-6F, 32820},
                                                    {std::numeric_limits<float>::infinity(), 31744}};
  for (const auto& [value, bits] : known) EXPECT_EQ(half_from_float(value), bits) << value;
  EXPECT_TRUE(std::isnan(float_from_half(half_from_float(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(Given_16, EveryHalfComesBack) {
  for (int bits = 0; bits < 65536; ++bits) {
    const float value = float_from_half(static_cast<std::uint16_t>(bits));
    if (std::isnan(value)) continue;
    ASSERT_EQ(half_from_float(value), bits);
  }
  EXPECT_EQ(float_from_half(0x3555), 0.333251953125F);
  EXPECT_EQ(float_from_half(0x0001), 0x1p-24F);
}

TEST(Given_16, Int8KernelsAgreeToTheBit) {
  Generator random(7);
  for (const auto& [m, n, k] : std::vector<std::array<std::int64_t, 3>>{
           {1, 1, 1}, {1, 4, 64}, {4, 4, 63}, {5, 7, 65}, {25, 9, 130}, {3, 5, 16}, {49, 33, 257}, {2, 2, 0}}) {
    std::vector<std::int8_t> a, b;
    for (std::int64_t i = 0; i < m * k; ++i) a.push_back(static_cast<std::int8_t>(random.below(256) - 128));
    for (std::int64_t i = 0; i < n * k; ++i) b.push_back(static_cast<std::int8_t>(random.below(256) - 128));
    std::vector<std::int32_t> sums, expected;
    for (std::int64_t j = 0; j < n; ++j) {
      std::int32_t total = 0;
      for (std::int64_t i = 0; i < k; ++i) total += b[j * k + i];
      sums.push_back(total);
    }
    for (std::int64_t i = 0; i < m * n; ++i) {
      std::int32_t total = 0;
      for (std::int64_t j = 0; j < k; ++j) total += a[i / n * k + j] * b[i % n * k + j];
      expected.push_back(total);
    }
    for (const NamedInt8Kernel& kernel : int8_kernels()) {
      if (std::string(kernel.name) == "loop") continue;  // the student's
      std::vector<std::int32_t> c(static_cast<std::size_t>(m * n), -7);
      kernel.run({.a = a.data(), .b = b.data(), .b_sums = sums.data(), .c = c.data(), .m = m, .n = n, .k = k});
      EXPECT_EQ(c, expected) << kernel.name << ": " << m << " " << n << " " << k;
    }
  }
}

TEST(Given_16, Int8KernelsHoldTheLargestSum) {
  const std::int64_t k = longest_int8_row;
  const std::vector<std::int8_t> low(static_cast<std::size_t>(k), -128);
  const std::int32_t sum = static_cast<std::int32_t>(-128 * k);
  for (const NamedInt8Kernel& kernel : int8_kernels()) {
    if (std::string(kernel.name) == "loop") continue;
    std::int32_t c = 0;
    kernel.run({.a = low.data(), .b = low.data(), .b_sums = &sum, .c = &c, .m = 1, .n = 1, .k = k});
    EXPECT_EQ(c, 128 * 128 * k) << kernel.name;
  }
}

// Blocks written byte by byte, and their numbers in double.
TEST(Given_16, BlockKernelsAgree) {
  Generator random(9);
  for (const BlockType type : {BlockType::q8_0, BlockType::q4_0}) {
    const std::int64_t bytes = type == BlockType::q8_0 ? 34 : 18;
    for (const auto& [m, n, k] :
         std::vector<std::array<std::int64_t, 3>>{{1, 1, 32}, {1, 9, 96}, {3, 6, 64}, {2, 3, 0}}) {
      std::vector<std::uint8_t> blocks;
      std::vector<double> weight(static_cast<std::size_t>(n * k));
      for (std::int64_t b = 0; b < n * k / 32; ++b) {
        const std::uint16_t scale = half_from_float(static_cast<float>(random.normal()));
        blocks.push_back(static_cast<std::uint8_t>(scale & 255));
        blocks.push_back(static_cast<std::uint8_t>(scale >> 8));
        for (std::int64_t j = 0; j < bytes - 2; ++j) {
          const auto byte = static_cast<std::uint8_t>(random.below(256));
          blocks.push_back(byte);
          if (type == BlockType::q8_0) {
            weight[b * 32 + j] = double{float_from_half(scale)} * static_cast<std::int8_t>(byte);
          } else {
            weight[b * 32 + j] = double{float_from_half(scale)} * ((byte & 15) - 8);
            weight[b * 32 + j + 16] = double{float_from_half(scale)} * ((byte >> 4) - 8);
          }
        }
      }
      std::vector<float> x;
      for (std::int64_t i = 0; i < m * k; ++i) x.push_back(static_cast<float>(random.normal()));
      for (const NamedBlockKernel& kernel : block_kernels()) {
        if (std::string(kernel.name) == "loop") continue;
        std::vector<float> y(static_cast<std::size_t>(m * n), -7);
        kernel.run({.type = type, .x = x.data(), .blocks = blocks.data(), .y = y.data(), .m = m, .n = n, .k = k});
        for (std::int64_t i = 0; i < m * n; ++i) {
          double expected = 0, size = 1e-6;
          for (std::int64_t j = 0; j < k; ++j) {
            const double product = weight[i % n * k + j] * double{x[i / n * k + j]};
            expected += product;
            size += std::abs(product);
          }
          EXPECT_NEAR(double{y[i]}, expected, 1e-6 * size) << kernel.name;
        }
      }
    }
  }
}

TEST(Given_16, NoiseIsMeasuredInDecibels) {
  EXPECT_NEAR(sqnr(Array({2}, {10, 0}), Array({2}, {10, 1})), 20, 1e-5);
  EXPECT_TRUE(std::isinf(sqnr(ones({3}), ones({3}))));
  EXPECT_THROW(sqnr(ones({3}), ones({2})), ShapeError);
}

TEST(Given_16, RangesNameWhatIsNotFinite) {
  const std::vector<Real> numbers{3, -2, std::numeric_limits<Real>::infinity()};
  EXPECT_EQ(range_of("here", numbers.data(), 2).low, -2);
  EXPECT_EQ(range_of("here", numbers.data(), 2).high, 3);
  EXPECT_THROWS_WITH(range_of("here", numbers.data(), 3, 10), ValueError, "here", "number 12", "inf");
}

TEST(Given_16, TypesOfGgufHaveNames) {
  for (const GgufType type : {GgufType::f32, GgufType::f16, GgufType::q8_0, GgufType::q4_0}) {
    EXPECT_EQ(gguf_type_called(name_of(type)), type);
  }
  EXPECT_THROWS_WITH(gguf_type_called("q5"), ValueError, "q5", "q8_0");
}

}  // namespace
}  // namespace rushlight::test
