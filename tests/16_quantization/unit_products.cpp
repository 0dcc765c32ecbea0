#include "helpers.hpp"

namespace rushlight::test {
namespace {

std::vector<std::int32_t> loop_product(const std::vector<std::int8_t>& a, const std::vector<std::int8_t>& b,
                                       std::int64_t m, std::int64_t n, std::int64_t k) {
  std::vector<std::int32_t> c(static_cast<std::size_t>(m * n), -1), sums(static_cast<std::size_t>(n));
  int8_product_loop({.a = a.data(), .b = b.data(), .b_sums = sums.data(), .c = c.data(), .m = m, .n = n, .k = k});
  return c;
}

TEST(Unit_16_4, WholeNumbersByHand) {
  const std::vector<std::int8_t> a{1, 2, 3, -4, 5, -6}, b{7, -8, 9, 0, 1, 2};
  EXPECT_EQ(loop_product(a, b, 2, 2, 3), (std::vector<std::int32_t>{18, 8, -122, -7}));
}

TEST(Unit_16_4, SumsNeedThirtyTwoBits) {
  const std::int64_t k = 2000;
  const std::vector<std::int8_t> low(k, -128), high(k, 127);
  EXPECT_EQ(loop_product(low, low, 1, 1, k)[0], 16384 * k);
  EXPECT_EQ(loop_product(low, high, 1, 1, k)[0], -128 * 127 * k);
  std::vector<std::int8_t> odd = high;  // above 2^24, where a float knows even numbers only
  odd[0] = 126;
  EXPECT_EQ(loop_product(odd, high, 1, 1, k)[0], 127 * 127 * k - 127);
}

TEST(Unit_16_4, AnEmptyRowIsZero) { EXPECT_EQ(loop_product({}, {}, 2, 1, 0), (std::vector<std::int32_t>{0, 0})); }

TEST(Unit_16_4, AgainstSumsInSixtyFourBits) {
  const std::int64_t m = 5, n = 7, k = 67;
  const std::vector<std::int8_t> a = bytes(m * k, 1), b = bytes(n * k, 2);
  const std::vector<std::int32_t> c = loop_product(a, b, m, n, k);
  for (std::int64_t i = 0; i < m * n; ++i) {
    std::int64_t expected = 0;
    for (std::int64_t j = 0; j < k; ++j) expected += std::int64_t{a[i / n * k + j]} * b[i % n * k + j];
    EXPECT_EQ(c[i], expected) << i;
  }
}

QuantizedTensor weight_of(const Array& w) {
  return quantize(w, {.scheme = Scheme::symmetric, .granularity = Granularity::per_channel, .axis = 0});
}

TEST(Unit_16_4, SumsOfRows) {
  QuantizedTensor q{.shape = {2, 3}, .values = {1, 2, 3, -100, -100, -100}, .options = {}, .params = {}};
  EXPECT_EQ(row_sums(q), (std::vector<std::int32_t>{6, -300}));
  q.shape = {3, 2};
  EXPECT_EQ(row_sums(q), (std::vector<std::int32_t>{3, -97, -200}));
}

// The same sum over the floats that the whole numbers stand for: what int8_linear computes, up to float's last digits.
Doubles expected_linear(const Array& x, const QuantizedTensor& w, const Array& bias,
                        const std::optional<QParams>& input) {
  const QuantizedTensor q =
      input ? quantize(x, *input) : quantize(x, {.scheme = Scheme::affine, .granularity = Granularity::per_channel});
  return product_of(dequantize(q), dequantize(w), bias);
}

TEST(Unit_16_4, DynamicInputs) {
  const Array x = uniform({4, 48}, 1, -1, 3), w = randn({6, 48}, 2), bias = randn({6}, 3);
  const QuantizedTensor q = weight_of(w);
  const Array y = int8_linear(x, q, row_sums(q), bias);
  EXPECT_TRUE(near(y, {4, 6}, expected_linear(x, q, bias, {}), {2e-5, 2e-5}));
  EXPECT_LT(relative_error(y, product_of(x, w, bias)), 0.02);
}

TEST(Unit_16_4, TheProductIsOneOfWholeNumbers) {
  const QuantizedTensor q = weight_of(randn({6, 48}, 2));
  const std::int64_t before = int8_multiplications();
  int8_linear(randn({4, 48}, 1), q, row_sums(q), {});
  EXPECT_EQ(int8_multiplications() - before, 4 * 6 * 48) << "the product did not go through int8_product";
}

TEST(Unit_16_4, StaticInputs) {
  const Array x = uniform({4, 48}, 1, -1, 3), w = randn({6, 48}, 2);
  const QuantizedTensor q = weight_of(w);
  const QParams input{.scale = 0.02F, .zero_point = -77, .lowest = -128};
  EXPECT_TRUE(near(int8_linear(x, q, row_sums(q), {}, input), {4, 6}, expected_linear(x, q, {}, input), {2e-5, 2e-5}));
}

// As the contract says: s·t first, a float, and then times the sum, which is exact.
TEST(Unit_16_4, BothScalesAreOneProduct) {
  const Array x = uniform({4, 48}, 1, -1, 3);
  const QuantizedTensor w = weight_of(randn({6, 48}, 2));
  const QuantizedTensor q = quantize(x, {.scheme = Scheme::affine, .granularity = Granularity::per_channel});
  const Array y = int8_linear(x, w, row_sums(w), {});
  for (std::size_t i = 0; i < 24; ++i) {
    const QParams &s = q.params[i / 6], &t = w.params[i % 6];
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < 48; ++k) sum += (q.values[i / 6 * 48 + k] - s.zero_point) * w.values[i % 6 * 48 + k];
    const float both = s.scale * t.scale;
    EXPECT_EQ(static_cast<float>(y.data()[i]), both * static_cast<float>(sum)) << i;
  }
}

TEST(Unit_16_4, EveryRowHasItsOwnScale) {
  Array x = uniform({2, 64}, 5, 0, 1);
  for (std::int64_t i = 64; i < 128; ++i) x.mutable_data()[i] *= 1000;
  const Array w = randn({3, 64}, 6);
  const QuantizedTensor q = weight_of(w);
  const Array y = int8_linear(x, q, row_sums(q), {});
  const Doubles expected = product_of(x, w);
  for (std::int64_t i = 0; i < 3; ++i) EXPECT_NEAR(static_cast<double>(y.data()[i]), expected[i], 0.2) << i;
}

TEST(Unit_16_4, ZeroStaysZero) {
  const QuantizedTensor q = weight_of(randn({5, 32}, 2));
  EXPECT_TRUE(near(int8_linear(zeros({2, 32}), q, row_sums(q), {}), zeros({2, 5}), exactly));
  EXPECT_EQ(int8_linear(Array(Shape{0, 32}), q, row_sums(q), {}).shape(), (Shape{0, 5}));
  EXPECT_TRUE(near(int8_linear(zeros({2, 32}), q, row_sums(q), ones({5})), ones({2, 5}), exactly));
}

TEST(Unit_16_4, AZeroPointTimesALongRowNeedsMoreThanThirtyTwoBits) {
  const std::int64_t k = longest_int8_row;
  QuantizedTensor q{.shape = {1, k},
                    .values = std::vector<std::int8_t>(static_cast<std::size_t>(k), 127),
                    .options = {.granularity = Granularity::per_channel},
                    .params = {QParams{1, 0, -127}}};
  const QParams input{.scale = 1, .zero_point = 127, .lowest = -128};
  const Array y = int8_linear(Array::full({1, k}, -255), q, row_sums(q), {}, input);
  EXPECT_NEAR(static_cast<double>(y.item()) / (-255.0 * 127 * static_cast<double>(k)), 1, 1e-6);
}

TEST(Unit_16_4, WhatDoesNotFitIsAnError) {
  const QuantizedTensor q = weight_of(randn({5, 32}, 2));
  const std::vector<std::int32_t> sums = row_sums(q);
  EXPECT_THROWS_WITH(int8_linear(zeros({2, 31}), q, sums, {}), ShapeError, "(2, 31)", "(5, 32)");
  EXPECT_THROWS_WITH(int8_linear(zeros({2, 32}), q, sums, zeros({4})), ShapeError, "bias", "(4,)");
  EXPECT_THROWS_WITH(int8_linear(zeros({2, 32}), q, {1, 2}, {}), ShapeError, "2 sums");
  const QuantizedTensor whole = quantize(randn({5, 32}, 2), QuantizeOptions{});
  EXPECT_THROWS_WITH(int8_linear(zeros({2, 32}), whole, sums, {}), ValueError, "per channel");
  Array x = zeros({2, 32});
  x.mutable_data()[40] = real_nan;
  EXPECT_THROWS_WITH(int8_linear(x, q, sums, {}), ValueError, "number 40");
  EXPECT_THROWS_WITH(int8_linear(x, q, sums, {}, QParams{}), ValueError, "number 40");
}

// --- 16.5 ---------------------------------------------------------------------------------------------------------------

std::vector<float> loop_of_blocks(const Array& x, const BlockTensor& w) {
  const std::vector<float> from = floats_of(x);
  std::vector<float> y(static_cast<std::size_t>(x.dim(0) * w.shape[0]), -1);
  block_product_loop({.type = w.type,
                      .x = from.data(),
                      .blocks = w.bytes.data(),
                      .y = y.data(),
                      .m = x.dim(0),
                      .n = w.shape[0],
                      .k = x.dim(1)});
  return y;
}

TEST(Unit_16_5, TheLoopIsAProductWithTheDequantised) {
  for (const BlockType type : {BlockType::q8_0, BlockType::q4_0}) {
    const Array x = randn({3, 96}, 1);
    const BlockTensor w = quantize_blocks(randn({5, 96}, 2), type);
    const std::vector<float> y = loop_of_blocks(x, w);
    EXPECT_TRUE(
        near(Array({3, 5}, std::vector<Real>(y.begin(), y.end())), {3, 5}, product_of(x, dequantize(w)), {2e-5, 2e-5}));
  }
}

TEST(Unit_16_5, TheLayerAddsItsBias) {
  for (const BlockType type : {BlockType::q8_0, BlockType::q4_0}) {
    const Array x = randn({3, 64}, 1), w = randn({5, 64}, 2), bias = randn({5}, 3);
    const BlockTensor blocks = quantize_blocks(w, type);
    EXPECT_TRUE(near(block_linear(x, blocks, bias), {3, 5}, product_of(x, dequantize(blocks), bias), {2e-5, 2e-5}));
    EXPECT_TRUE(near(block_linear(x, blocks, {}), {3, 5}, product_of(x, dequantize(blocks)), {2e-5, 2e-5}));
    const Array row = slice(x, 0, {.stop = 1});
    EXPECT_TRUE(near(block_linear(row, blocks, bias), {1, 5}, product_of(row, dequantize(blocks), bias), {2e-5, 2e-5}));
  }
}

TEST(Unit_16_5, InputsStayFloat) {
  Array x = zeros({2, 64});  // one large number would cost the small one its digits, if rows were quantised
  x.mutable_data()[0] = 10000;
  x.mutable_data()[1] = Real(0.001);
  x.mutable_data()[64] = real_nan;
  Array w = zeros({1, 64});
  w.mutable_data()[1] = 1;
  const Array y = block_linear(x, quantize_blocks(w, BlockType::q8_0), {});
  EXPECT_NEAR(static_cast<double>(y.data()[0]), 0.001, 1e-5);
  EXPECT_TRUE(std::isnan(y.data()[1]));
}

TEST(Unit_16_5, ABlockOfZerosHidesNothing) {
  Array x = ones({2, 64});
  x.mutable_data()[3] = real_infinity;
  x.mutable_data()[64 + 31] = real_nan;
  for (const BlockType type : {BlockType::q8_0, BlockType::q4_0}) {
    Array w = ones({1, 64});
    for (Real& number : w.mutable_data().first(32)) number = 0;
    const BlockTensor blocks = quantize_blocks(w, type);
    for (const float y : loop_of_blocks(x, blocks)) EXPECT_TRUE(std::isnan(y)) << y;
    const Array result = block_linear(x, blocks, {});
    for (const Real y : result.data()) EXPECT_TRUE(std::isnan(y)) << y;
  }
}

TEST(Unit_16_5, AWeightIsNeverWrittenOut) {
  const std::int64_t n = 64, k = 1024;
  const Array x = randn({2, k}, 1);
  const BlockTensor blocks = quantize_blocks(randn({n, k}, 2), BlockType::q4_0);
  const auto whole = static_cast<std::int64_t>(n * k * sizeof(Real));
  EXPECT_LT(largest_block([&] { block_linear(x, blocks, zeros({n})); }), whole / 2);
}

TEST(Unit_16_5, ShapesAreLookedAt) {
  const BlockTensor w = quantize_blocks(zeros({5, 64}), BlockType::q4_0);
  EXPECT_THROWS_WITH(block_linear(zeros({2, 32}), w, {}), ShapeError, "(2, 32)", "(5, 64)");
  EXPECT_THROWS_WITH(block_linear(zeros({2, 64}), w, zeros({2})), ShapeError, "bias");
  EXPECT_EQ(block_linear(Array(Shape{0, 64}), w, {}).shape(), (Shape{0, 5}));
}

}  // namespace
}  // namespace rushlight::test
