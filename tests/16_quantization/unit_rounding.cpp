// 16.1 and 16.8: where a float that was computed in another way would be another whole number, and the way back.
#include "helpers.hpp"
#include "support/tape.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_16_1, TheNearestWholeNumberOfAnyFloat) {
  const float below_half = std::nextafter(0.5F, 0.0F), above_half = std::nextafter(0.5F, 1.0F);
  const float odd = 8388609;  // 2^23 + 1: half more is no float
  for (const float sign : {1.0F, -1.0F}) {
    for (const auto round : {round_half_even, round_half_away}) {
      EXPECT_EQ(round(sign * below_half), 0);
      EXPECT_EQ(round(sign * above_half), sign);
      EXPECT_EQ(round(sign * odd), sign * odd);
      EXPECT_EQ(round(sign * 16777215), sign * 16777215);
      EXPECT_EQ(round(sign * 3e38F), sign * 3e38F);
    }
    EXPECT_EQ(round_half_even(sign * 4194304.5F), sign * 4194304);
    EXPECT_EQ(round_half_away(sign * 4194304.5F), sign * 4194305);
  }
}

TEST(Unit_16_1, AZeroPointBetweenTwoIsTheEvenOne) {
  EXPECT_EQ(choose_qparams(-1.5, 253.5, Scheme::affine), (QParams{1, -126, -128}));
  EXPECT_EQ(choose_qparams(-3.5, 251.5, Scheme::affine), (QParams{1, -124, -128}));
  EXPECT_EQ(choose_qparams(-0.0215, 0.2335, Scheme::affine).zero_point, -107)
      << "by the scale as a float, which is a little above 0.001";
}

std::vector<QParams> all_kinds() {
  std::vector<QParams> params;
  for (const float scale : {0.1F, 0.003F, 1.0F / 3, 7.0F, 1.7e-5F, 0.98F, 123.456F}) {
    params.push_back({.scale = scale, .zero_point = 0, .lowest = -127});
    for (const std::int32_t zero : {-128, -77, 0, 31, 127}) {
      params.push_back({.scale = scale, .zero_point = zero, .lowest = -128});
    }
  }
  return params;
}

// Halves of a step, and the floats next to them: times 1/scale, many would fall to the other side.
Array near_halves(const QParams& params) {
  std::vector<Real> x;
  for (int k = -260; k < 260; ++k) {
    const float half = (static_cast<float>(k) + 0.5F) * params.scale;
    for (const float each : {std::nextafter(half, -1e30F), half, std::nextafter(half, 1e30F)}) x.push_back(each);
  }
  const auto count = static_cast<std::int64_t>(x.size());
  return Array({count}, std::move(x));
}

double before_clamping(Real x, const QParams& params) {
  return even_rounded(double{static_cast<float>(x) / params.scale}) + params.zero_point;
}

TEST(Unit_16_1, NearHalvesADivisionDecides) {
  for (const QParams& params : all_kinds()) {
    const Array x = near_halves(params);
    const QuantizedTensor all = quantize(x, params);
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const double expected = std::clamp<double>(before_clamping(x.data()[i], params), params.lowest, 127);
      ASSERT_EQ(quantize(static_cast<float>(x.data()[i]), params), expected) << x.data()[i] << ", " << params.scale;
      ASSERT_EQ(all.values[static_cast<std::size_t>(i)], expected) << x.data()[i] << ", scale " << params.scale;
    }
  }
}

// The scale of a range is known beforehand; halves of its steps inside the range, and both ends, have that range.
TEST(Unit_16_1, AlsoByTheRangeThatTheNumbersHave) {
  for (const Scheme scheme : {Scheme::symmetric, Scheme::affine}) {
    for (const float high : {1.0F, 0.37F, 12.7F, 999.0F, 3.3e-4F}) {
      const float low = -0.3F * high;
      const QParams params = choose_qparams(double{low}, double{high}, scheme);
      std::vector<Real> x{low, high};
      const Array halves = near_halves(params);
      for (const Real each : halves.data()) {
        if (each > low && each < high) x.push_back(each);
      }
      const auto count = static_cast<std::int64_t>(x.size());
      const QuantizedTensor q =
          quantize(Array({1, count}, x), {.scheme = scheme, .granularity = Granularity::per_channel});
      ASSERT_EQ(q.params, std::vector<QParams>{params});
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = std::clamp<double>(before_clamping(x[i], params), params.lowest, 127);
        ASSERT_EQ(q.values[i], expected) << x[i] << " in a range up to " << high;
      }
    }
  }
}

TEST(Unit_16_8, TheDerivativeEndsWhereTheValueDoes) {
  for (const QParams& params : all_kinds()) {
    const Tensor x(near_halves(params), true);
    const Tensor y = fake_quantize(x, params);
    const Array slope = Tape(y, ones(x.shape())).grad(x);
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const double q = before_clamping(x.value().data()[i], params);
      const double kept = std::clamp<double>(q, params.lowest, 127) - params.zero_point;
      ASSERT_EQ(static_cast<float>(y.value().data()[i]), static_cast<float>(kept * double{params.scale})) << i;
      ASSERT_EQ(slope.data()[i], q >= params.lowest && q <= 127 ? 1 : 0) << x.value().data()[i];
    }
  }
}

TEST(Unit_16_1, TheWayBackRoundsOnce) {
  for (const QParams& params : all_kinds()) {
    std::vector<std::int8_t> every;
    for (int q = params.lowest; q <= 127; ++q) every.push_back(static_cast<std::int8_t>(q));
    const auto count = static_cast<std::int64_t>(every.size());
    const Array back =
        dequantize(QuantizedTensor{.shape = {count}, .values = every, .options = {}, .params = {params}});
    for (std::size_t i = 0; i < every.size(); ++i) {
      const auto expected = static_cast<float>((every[i] - params.zero_point) * double{params.scale});
      ASSERT_EQ(dequantize(every[i], params), expected) << int{every[i]} << ", scale " << params.scale;
      ASSERT_EQ(static_cast<float>(back.data()[i]), expected) << int{every[i]} << ", scale " << params.scale;
    }
  }
}

}  // namespace
}  // namespace rushlight::test
