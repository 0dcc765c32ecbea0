#include "helpers.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_16_1, TiesGoToTheEvenNeighbour) {
  for (const float x : {0.5F, 1.5F, 2.5F, 3.5F, -0.5F, -1.5F, -2.5F, 2.4F, 2.6F, -2.4F, 126.5F, 127.5F}) {
    EXPECT_EQ(round_half_even(x), even_rounded(double{x})) << x;
  }
}

TEST(Unit_16_1, OrAwayFromZero) {
  EXPECT_EQ(round_half_away(0.5F), 1);
  EXPECT_EQ(round_half_away(-0.5F), -1);
  EXPECT_EQ(round_half_away(2.5F), 3);
  EXPECT_EQ(round_half_away(-2.5F), -3);
  EXPECT_EQ(round_half_away(2.4F), 2);
  EXPECT_EQ(round_half_away(-2.4F), -2);
}

TEST(Unit_16_1, SymmetricScales) {
  EXPECT_EQ(choose_qparams(-2, 1, Scheme::symmetric), (QParams{2.0F / 127, 0, -127}));
  EXPECT_EQ(choose_qparams(1, 3, Scheme::symmetric), (QParams{static_cast<float>(3.0 / 127), 0, -127}));
  EXPECT_EQ(choose_qparams(-5, -4, Scheme::symmetric), (QParams{static_cast<float>(5.0 / 127), 0, -127}));
}

TEST(Unit_16_1, AffineScales) {
  EXPECT_EQ(choose_qparams(-1, 1.55, Scheme::affine), (QParams{static_cast<float>(2.55 / 255), -28, -128}));
  EXPECT_EQ(choose_qparams(0, 255, Scheme::affine), (QParams{1, -128, -128}));
  EXPECT_EQ(choose_qparams(-255, 0, Scheme::affine), (QParams{1, 127, -128}));
}

TEST(Unit_16_1, ARangeIsWidenedToHoldZero) {
  EXPECT_EQ(choose_qparams(100, 255, Scheme::affine), (QParams{1, -128, -128}));
  EXPECT_EQ(choose_qparams(-255, -3, Scheme::affine), (QParams{1, 127, -128}));
}

TEST(Unit_16_1, ZeroIsAlwaysExact) {
  Generator random(3);
  for (int i = 0; i < 200; ++i) {
    const double low = random.normal() * 10, high = low + random.uniform() * 10;
    for (const Scheme scheme : {Scheme::symmetric, Scheme::affine}) {
      const QParams params = choose_qparams(low, high, scheme);
      EXPECT_EQ(dequantize(quantize(0.0F, params), params), 0) << low << " to " << high;
    }
  }
}

TEST(Unit_16_1, ARangeOfZeroHasScaleOne) {
  EXPECT_EQ(choose_qparams(0, 0, Scheme::symmetric), (QParams{1, 0, -127}));
  EXPECT_EQ(choose_qparams(0, 0, Scheme::affine), (QParams{1, -128, -128}));
}

TEST(Unit_16_1, ScalesReachBothEndsOfFloat) {
  EXPECT_EQ(choose_qparams(0, 1e-44, Scheme::affine).scale, std::numeric_limits<float>::min());
  EXPECT_NEAR(choose_qparams(-1e-9, 1e-9, Scheme::symmetric).scale * 127e9, 1, 1e-6);  // not a fixed smallest scale
  const QParams wide = choose_qparams(-3e38, 3e38, Scheme::affine);
  EXPECT_TRUE(std::isfinite(wide.scale));
  EXPECT_NEAR(wide.scale / (6e38 / 255), 1, 1e-6);
}

TEST(Unit_16_1, NoRangeIsAnError) {
  EXPECT_THROWS_WITH(choose_qparams(2, 1, Scheme::affine), ValueError, "2", "1");
  EXPECT_THROWS_WITH(choose_qparams(0, infinity, Scheme::affine), ValueError, "inf");
  EXPECT_THROWS_WITH(choose_qparams(not_a_number, 1, Scheme::symmetric), ValueError, "nan");
}

TEST(Unit_16_1, OneNumberIsRoundedShiftedAndClamped) {
  const QParams params{.scale = 0.5F, .zero_point = 10, .lowest = -128};
  EXPECT_EQ(quantize(0.75F, params), 12);  // 1.5 -> 2
  EXPECT_EQ(quantize(1.25F, params), 12);  // 2.5 -> 2
  EXPECT_EQ(quantize(-0.75F, params), 8);  // -1.5 -> -2
  EXPECT_EQ(quantize(60, params), 127);    // 120 + 10
  EXPECT_EQ(quantize(-60, params), -110);  // -120 + 10: clamping comes after the shift
  EXPECT_EQ(quantize(-100, params), -128);
  EXPECT_EQ(dequantize(12, params), 1);
  EXPECT_EQ(dequantize(-128, params), -69);  // -138 does not fit into eight bits
}

TEST(Unit_16_1, SymmetricNumbersEndAtMinus127) {
  const QParams params = choose_qparams(-1, 1, Scheme::symmetric);
  EXPECT_EQ(quantize(-5, params), -127);
  EXPECT_EQ(quantize(5, params), 127);
}

TEST(Unit_16_1, InfinitySaturatesAndNaNIsAnError) {
  const QParams params{.scale = 0.1F, .zero_point = -3, .lowest = -128};
  EXPECT_EQ(quantize(std::numeric_limits<float>::infinity(), params), 127);
  EXPECT_EQ(quantize(-std::numeric_limits<float>::infinity(), params), -128);
  EXPECT_EQ(quantize(3e38F, params), 127);
  EXPECT_THROWS_WITH(quantize(std::numeric_limits<float>::quiet_NaN(), params), ValueError, "NaN");
}

TEST(Unit_16_1, PerTensor) {
  const QuantizedTensor q = quantize(Array({2, 2}, {-127, Real(0.5), Real(1.5), 63}), QuantizeOptions{});
  EXPECT_EQ(q.shape, (Shape{2, 2}));
  ASSERT_EQ(q.params.size(), 1U);
  EXPECT_EQ(q.params[0], (QParams{1, 0, -127}));
  EXPECT_EQ(ints_of(q.values), (std::vector<int>{-127, 0, 2, 63}));
}

TEST(Unit_16_1, PerChannelAlongTheFirstAxis) {
  const QuantizedTensor q = quantize(Array({2, 3}, {127, 1, 2, Real(12.7), 1, 2}),
                                     {.scheme = Scheme::symmetric, .granularity = Granularity::per_channel, .axis = 0});
  ASSERT_EQ(q.params.size(), 2U);
  EXPECT_EQ(q.params[0].scale, 1);
  EXPECT_FLOAT_EQ(q.params[1].scale, 0.1F);
  EXPECT_EQ(ints_of(q.values), (std::vector<int>{127, 1, 2, 127, 10, 20}));
}

TEST(Unit_16_1, PerChannelAlongAnyAxis) {
  Array x({2, 3, 2});
  for (std::int64_t i = 0; i < x.size(); ++i) x.mutable_data()[i] = static_cast<Real>(i + 1);
  const QuantizedTensor middle = quantize(x, {.granularity = Granularity::per_channel, .axis = 1});
  ASSERT_EQ(middle.params.size(), 3U);
  EXPECT_FLOAT_EQ(middle.params[0].scale, 8.0F / 127);  // 1 2 | 7 8
  EXPECT_FLOAT_EQ(middle.params[1].scale, 10.0F / 127);
  EXPECT_FLOAT_EQ(middle.params[2].scale, 12.0F / 127);
  EXPECT_EQ(qparams_index(middle, 0), 0U);
  EXPECT_EQ(qparams_index(middle, 3), 1U);
  EXPECT_EQ(qparams_index(middle, 5), 2U);
  EXPECT_EQ(qparams_index(middle, 6), 0U);
  const QuantizedTensor last = quantize(x, {.granularity = Granularity::per_channel, .axis = -1});
  EXPECT_EQ(last.options.axis, 2);
  ASSERT_EQ(last.params.size(), 2U);
  EXPECT_FLOAT_EQ(last.params[0].scale, 11.0F / 127);
  EXPECT_FLOAT_EQ(last.params[1].scale, 12.0F / 127);
}

TEST(Unit_16_1, AChannelIsAllThatLiesBehindItsAxis) {
  Array x({2, 2, 3});
  for (std::int64_t i = 0; i < x.size(); ++i) x.mutable_data()[i] = static_cast<Real>(i + 1);
  const QuantizedTensor first = quantize(x, {.granularity = Granularity::per_channel, .axis = 0});
  ASSERT_EQ(first.params.size(), 2U);
  EXPECT_FLOAT_EQ(first.params[0].scale, 6.0F / 127);
  EXPECT_FLOAT_EQ(first.params[1].scale, 12.0F / 127);
  EXPECT_EQ(qparams_index(first, 5), 0U);
  EXPECT_EQ(qparams_index(first, 6), 1U);
}

TEST(Unit_16_1, EveryRunOfAChannelCounts) {
  const Array x({3, 2}, {-9, 1, 2, 8, 3, 4});  // the largest numbers are not in the last run
  const QuantizedTensor q = quantize(x, {.granularity = Granularity::per_channel, .axis = 1});
  ASSERT_EQ(q.params.size(), 2U);
  EXPECT_FLOAT_EQ(q.params[0].scale, 9.0F / 127);
  EXPECT_FLOAT_EQ(q.params[1].scale, 8.0F / 127);
}

TEST(Unit_16_1, PerGroup) {
  const QuantizedTensor q =
      quantize(Array({2, 4}, {1, 2, 10, 20, 3, 4, 30, 40}), {.granularity = Granularity::per_group, .group = 2});
  ASSERT_EQ(q.params.size(), 4U);
  EXPECT_FLOAT_EQ(q.params[0].scale, 2.0F / 127);
  EXPECT_FLOAT_EQ(q.params[1].scale, 20.0F / 127);
  EXPECT_FLOAT_EQ(q.params[2].scale, 4.0F / 127);
  EXPECT_FLOAT_EQ(q.params[3].scale, 40.0F / 127);
  EXPECT_EQ(qparams_index(q, 5), 2U);
  EXPECT_THROWS_WITH(quantize(zeros({2, 5}), {.granularity = Granularity::per_group, .group = 2}), ValueError, "2",
                     "(2, 5)");
  EXPECT_THROWS_WITH(quantize(zeros({2, 4}), {.granularity = Granularity::per_group, .group = 0}), ValueError, "0");
  EXPECT_THROW(quantize(zeros({2, 4}), {.granularity = Granularity::per_channel, .axis = 2}), IndexError);
}

TEST(Unit_16_1, TheErrorIsAtMostHalfAStep) {
  for (const Scheme scheme : {Scheme::symmetric, Scheme::affine}) {
    for (const Granularity granularity : {Granularity::per_tensor, Granularity::per_channel, Granularity::per_group}) {
      const Array x = uniform({3, 64}, 5, -1, 4);
      const QuantizedTensor q = quantize(x, {.scheme = scheme, .granularity = granularity, .axis = 0, .group = 32});
      const Array back = dequantize(q);
      ASSERT_EQ(back.shape(), x.shape());
      for (std::int64_t i = 0; i < x.size(); ++i) {
        const double step = double{q.params[qparams_index(q, i)].scale};
        EXPECT_LE(std::abs(static_cast<double>(back.data()[i] - x.data()[i])), step * 0.501) << i;
      }
    }
  }
}

TEST(Unit_16_1, GivenParamsAreUsed) {
  const QParams params{.scale = 0.5F, .zero_point = 3, .lowest = -128};
  const QuantizedTensor q = quantize(Array({5}, {0, 1, Real(0.75), 1000, -real_infinity}), params);
  EXPECT_EQ(q.params, std::vector<QParams>{params});
  EXPECT_EQ(ints_of(q.values), (std::vector<int>{3, 5, 5, 127, -128}));
  EXPECT_TRUE(near(dequantize(q), Array({5}, {0, 1, 1, 62, Real(-65.5)}), exactly));
}

TEST(Unit_16_1, GivenParamsSayWhereNumbersEnd) {
  const QuantizedTensor even =
      quantize(Array({3}, {-500, -1, 500}), QParams{.scale = 1, .zero_point = 0, .lowest = -127});
  EXPECT_EQ(ints_of(even.values), (std::vector<int>{-127, -1, 127}));
  EXPECT_EQ(even.options.scheme, Scheme::symmetric);
  const QuantizedTensor shifted = quantize(zeros({1}), QParams{.scale = 1, .zero_point = 0, .lowest = -128});
  EXPECT_EQ(shifted.options.scheme, Scheme::affine) << "lowest decides, also where the zero point happens to be 0";
}

TEST(Unit_16_1, WhatIsNotFiniteIsAnError) {
  EXPECT_THROWS_WITH(quantize(Array({3}, {1, real_nan, real_nan}), QuantizeOptions{}), ValueError, "number 1");
  EXPECT_THROWS_WITH(quantize(Array({2, 2}, {1, 2, 3, real_infinity}), {.granularity = Granularity::per_channel}),
                     ValueError, "number 3");
  EXPECT_THROWS_WITH(quantize(Array({3}, {1, 2, real_nan}), QParams{}), ValueError, "number 2");
  EXPECT_THROWS_WITH(quantize(Array({4}, {1, real_nan, 2, real_nan}), QParams{}), ValueError, "number 1");
}

TEST(Unit_16_1, NothingIsQuantisedToNothing) {
  const QuantizedTensor none = quantize(Array(Shape{0}), QuantizeOptions{});
  EXPECT_TRUE(none.values.empty());
  ASSERT_EQ(none.params.size(), 1U);
  EXPECT_EQ(none.params[0], (QParams{1, 0, -127}));
  EXPECT_EQ(dequantize(none).shape(), Shape{0});
  const QuantizedTensor rows = quantize(Array(Shape{3, 0}), {.granularity = Granularity::per_channel});
  EXPECT_EQ(rows.params.size(), 3U);
  EXPECT_EQ(quantize(Array(Shape{2, 0}), QParams{}).values.size(), 0U);
}

TEST(Unit_16_1, EqualNumbersComeBack) {
  const Array same = Array::full({2, 3}, Real(0.7));
  for (const Scheme scheme : {Scheme::symmetric, Scheme::affine}) {
    EXPECT_TRUE(near(dequantize(quantize(same, {.scheme = scheme})), same, {1e-6, 0}));
  }
  EXPECT_TRUE(near(dequantize(quantize(zeros({4}), {.scheme = Scheme::affine})), zeros({4}), exactly));
}

TEST(Unit_16_1, ANumberIsScaledByDivision) {
  const Array x = uniform({1000}, 8, -1, 1);
  const QuantizedTensor q = quantize(x, {.scheme = Scheme::affine});
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const float scaled = static_cast<float>(x.data()[i]) / q.params[0].scale;
    EXPECT_EQ(q.values[i], std::min(127.0, even_rounded(double{scaled}) + q.params[0].zero_point)) << i;
  }
}

}  // namespace
}  // namespace rushlight::test
