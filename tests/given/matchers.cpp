// The helpers that judge everything else, judged themselves: what they accept, what they refuse, and what they say.
#include <gtest/gtest-spi.h>

#include <cmath>
#include <limits>

#include "01_tensor/guard.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

const Real nan = std::numeric_limits<Real>::quiet_NaN();
const Real infinity = std::numeric_limits<Real>::infinity();

std::string said(const testing::AssertionResult& result) { return result ? "" : result.message(); }

testing::AssertionResult says(const testing::AssertionResult& result, std::initializer_list<std::string> pieces) {
  if (result) return testing::AssertionFailure() << "it was accepted";
  for (const std::string& piece : pieces) {
    if (said(result).find(piece) == std::string::npos) {
      return testing::AssertionFailure() << "'" << piece << "' is missing in: " << said(result);
    }
  }
  return testing::AssertionSuccess();
}

// ---- near: what it accepts

TEST(Given_01, NearAcceptsWhatIsWithinTheTolerance) {
  EXPECT_TRUE(near(Array({2}, {1, 100}), {2}, {1.0 + 0.9e-3, 100 + 0.09}, {1e-3, 0}));
  EXPECT_FALSE(near(Array({2}, {1, 100}), {2}, {1.0, 100.2}, {1e-3, 0}));
  EXPECT_TRUE(near(Array({1}, {Real(1e-9)}), {1}, {0}, {0, 1e-8}));
  EXPECT_FALSE(near(Array({1}, {Real(1e-7)}), {1}, {0}, {0, 1e-8}));
  EXPECT_FALSE(near(Array({1}, {1}), {1}, {1 + 1e-6}, exactly));
}

TEST(Given_01, NearTreatsWhatIsNotFiniteAsAValue) {
  EXPECT_TRUE(near(Array({3}, {nan, infinity, -infinity}), {3}, {std::nan(""), HUGE_VAL, -HUGE_VAL}));
  EXPECT_FALSE(near(Array({1}, {nan}), {1}, {0}));
  EXPECT_FALSE(near(Array({1}, {0}), {1}, {std::nan("")}));
  EXPECT_FALSE(near(Array({1}, {infinity}), {1}, {-HUGE_VAL}));
  EXPECT_FALSE(near(Array({1}, {infinity}), {1}, {1e30}));
  EXPECT_FALSE(near(Array({1}, {Real(1e30)}), {1}, {HUGE_VAL})) << "rtol times infinity must not swallow everything";
}

TEST(Given_01, NearOfEmptyAndOfScalars) {
  EXPECT_TRUE(near(zeros({0, 3}), zeros({0, 3})));
  EXPECT_FALSE(near(zeros({0, 3}), zeros({3, 0})));
  EXPECT_TRUE(near(Array::scalar(2), Array::scalar(2)));
  EXPECT_FALSE(near(Array::scalar(2), Array({1}, {2}))) << "() and (1,) are different shapes";
}

// ---- near: what it says

TEST(Given_01, ShapesComeFirst) {
  EXPECT_TRUE(says(near(zeros({2, 3}), zeros({3, 2})), {"shape is (2, 3)", "expected (3, 2)"}));
  EXPECT_TRUE(says(near(Array(), zeros({3})), {"no array at all", "(3,)"}));
  EXPECT_TRUE(says(near(zeros({3}), {3}, {1, 2}), {"the test itself expects 2 values"}));
}

TEST(Given_01, TheFirstBadIndexAndItsNeighbours) {
  const Array actual({2, 3}, {1, 2, 3, 4, 50, 60});
  EXPECT_TRUE(says(near(actual, {2, 3}, {1, 2, 3, 4, 5, 6}),
                   {"2 of 6 values differ", "[1, 1] of (2, 3)", "50, expected 5", "3 4 [50] 60", "3 4 [5] 6"}));
}

TEST(Given_01, LongArraysAreCutAroundTheBadPlace) {
  Array actual = arange(1000);
  const Array expected = arange(1000);
  actual.mutable_data()[500] = -7;
  const testing::AssertionResult result = near(actual, expected);
  EXPECT_TRUE(says(result, {"1 of 1000", "[500] of (1000,)", "... 498 499 [-7] 501 502 ..."}));
  EXPECT_LT(said(result).size(), 400U);
}

TEST(Given_01, WhatItLooksLike) {
  const std::vector<double> right{1, -2, 3, 4, 5, 6};
  const auto result = [&](const Shape& shape, const std::vector<Real>& values) {
    return near(Array(shape, values), shape, right);
  };
  EXPECT_TRUE(says(result({2, 3}, {0, 0, 0, 0, 0, 0}), {"zero everywhere", "ever written"}));
  EXPECT_TRUE(says(result({2, 3}, {1, 4, -2, 5, 3, 6}), {"looks transposed"}));
  EXPECT_TRUE(says(result({2, 3}, {-1, 2, -3, -4, -5, -6}), {"sign looks flipped"}));
  EXPECT_TRUE(says(result({2, 3}, {2, -4, 6, 8, 10, 12}), {"twice", "added twice"}));
  EXPECT_TRUE(says(result({2, 3}, {0.5, -1, 1.5, 2, 2.5, 3}), {"half"}));
  EXPECT_TRUE(says(result({2, 3}, {3, -6, 9, 12, 15, 18}), {"3 times too large", "axis 1", "mean"}));
  EXPECT_TRUE(says(result({6}, {6, -12, 18, 24, 30, 36}), {"6 times too large", "axis 0"}));
  EXPECT_TRUE(
      says(result({6}, {Real(1. / 6), Real(-1. / 3), 0.5, Real(2. / 3), Real(5. / 6), 1}), {"6 times too small"}));
}

TEST(Given_01, AMeanWithoutItsCountIsGuessed) {
  const std::vector<double> right{1, -2, 3, 4, 5, 6};
  const auto times = [&](double factor, const Shape& shape) {
    std::vector<Real> values;
    for (const double value : right) values.push_back(static_cast<Real>(factor * value));
    return near(Array(shape, values), shape, right);
  };
  EXPECT_TRUE(says(times(6, {2, 3}), {"6 times too large, the number of its elements", "1/count"}));
  EXPECT_TRUE(says(times(7, {2, 3}), {"7 times too large: a sum where a mean belongs"})) << "the axis is gone";
  EXPECT_TRUE(says(times(1. / 7, {2, 3}), {"7 times too small"}));
  EXPECT_TRUE(says(times(0.75, {2, 3}), {"0.75 times the right one"}));
  EXPECT_TRUE(says(near(Array::scalar(Real(2.5305)), Shape{}, {0.8435}), {"3 times too large"}))
      << "a loss is one number";
  EXPECT_EQ(said(near(Array::scalar(6), Shape{}, {2})).find("times"), std::string::npos) << "6 and 2 may be anything";
}

TEST(Given_01, NearSaysWhatWasNeverWritten) {
  if (!guard::on) return;
  Array partly(Shape{2, 2});
  for (int i = 0; i < 3; ++i) partly.mutable_data()[i] = 1;
  EXPECT_TRUE(says(near(partly, ones({2, 2})), {"1 of 4", "Element [1, 1] was never written, or"}));
  EXPECT_TRUE(says(near(Array(Shape{3}), ones({3})), {"Element [0] was never written (nor were 2 others)"}));
  EXPECT_TRUE(says(grad_ok(partly, {2, 2}), {"in the gradient", "[1, 1]", "never written"}));
  EXPECT_EQ(said(near(Array({1}, {nan}), {1}, {1})).find("written"), std::string::npos) << "a NaN of arithmetic";
}

TEST(Given_01, NoGuessWhereNoneFits) {
  EXPECT_EQ(diagnose({3}, {1, 2, 4}, {1, 2, 3}, exactly), "");
  EXPECT_EQ(diagnose({2, 2}, {1, 3, 2, 5}, {1, 2, 3, 4}, exactly), "") << "almost transposed is not transposed";
  EXPECT_EQ(diagnose({2}, {0, 0}, {0, 0}, exactly).find("written"), std::string::npos);
}

TEST(Given_01, SameBitsIsStricter) {
  EXPECT_TRUE(same_bits(Array({2}, {0, nan}), Array({2}, {0, nan})));
  EXPECT_TRUE(says(same_bits(Array({1}, {Real(-0.0)}), Array({1}, {0})), {"bit for bit"}));
  EXPECT_TRUE(says(same_bits(Array({2}, {1, 2}), Array({2}, {1, 3})), {"[1]", "2, expected 3"}));
  EXPECT_TRUE(says(same_bits(zeros({2}), zeros({3})), {"shape"}));
}

TEST(Given_01, SameForIndicesAndMasks) {
  const Indices ids({2}, std::vector<std::int32_t>{1, 2});
  EXPECT_TRUE(same(ids, {2}, {1, 2}));
  EXPECT_TRUE(says(same(ids, {2}, {1, 3}), {"{ 1, 2 }", "{ 1, 3 }"}));
  EXPECT_TRUE(says(same(ids, {1, 2}, {1, 2}), {"(2,)", "(1, 2)"}));
  const Mask mask({2}, std::vector<std::uint8_t>{1, 0});
  EXPECT_TRUE(same(mask, {2}, {1, 0}));
  EXPECT_FALSE(same(mask, {2}, {0, 0}));
}

// ---- grad_ok

TEST(Given_01, GradOkWantsAllFour) {
  EXPECT_TRUE(grad_ok(Array({2}, {0, Real(1e-3)}), {2}));
  EXPECT_TRUE(says(grad_ok(Array(), {2}), {"no gradient arrived", "severed"}));
  EXPECT_TRUE(says(grad_ok(ones({3, 2}), {2}), {"(3, 2)", "(2,)", "broadcast"}));
  EXPECT_TRUE(says(grad_ok(Array({2}, {1, nan}), {2}), {"contains", "nan"}));
  EXPECT_TRUE(says(grad_ok(Array({2}, {1, -infinity}), {2}), {"contains", "-inf"}));
  EXPECT_TRUE(says(grad_ok(zeros({2}), {2}), {"carries nothing"}));
  EXPECT_TRUE(says(grad_ok(Array({1}, {Real(1e-9)}), {1}), {"not above"}));
  EXPECT_TRUE(grad_ok(Array({1}, {Real(1e-9)}), {1}, 1e-10)) << "the floor is the caller's";
  EXPECT_TRUE(grad_ok(zeros({2}), {2}, -1)) << "no floor";
}

// ---- expect_gradients: it must fail, and say why. The ops are made here, so that no student's code is involved.

Tensor scaled(const Tensor& x, Real factor, Real claimed) {
  Array y = x.value().clone();
  for (Real& value : y.mutable_data()) value *= factor;
  return record("scaled", y, {x}, Save::nothing, [claimed](const Backward& bw) -> Arrays {
    Array gradient = bw.grad.clone();
    for (Real& value : gradient.mutable_data()) value *= claimed;
    return {gradient};
  });
}

TEST(Given_01, TheProbeIsNotUniform) {
  EXPECT_TRUE(near(cotangent({3}), {3}, {0.21, 0.34, 0.47}));
  EXPECT_TRUE(near(cotangent({12}), {12}, {0.21, 0.34, 0.47, 0.6, 0.73, 0.86, 0.99, 1.12, 1.25, 1.38, 1.51, 0.21}));
}

TEST(Given_01, NumericGradientsOfALine) {
  const Function f = [](const Tensors& in) { return scaled(in[0], 3, 3); };
  const Array input = randn({4}, 1), copy = input.clone();
  EXPECT_TRUE(near(numeric_gradient(f, {input}, 0, 1e-2), {4}, {0.63, 1.02, 1.41, 1.8}, {1e-4, 0}));
  EXPECT_TRUE(same_bits(input, copy));
}

TEST(Given_01, ExpectGradientsAcceptsTheTruth) {
  expect_gradients([](const Tensors& in) { return scaled(in[0], 3, 3); }, {randn({2, 3}, 1)});
}

TEST(Given_01, ExpectGradientsRefusesAFactor) {
  EXPECT_NONFATAL_FAILURE(expect_gradients([](const Tensors& in) { return scaled(in[0], 3, 6); }, {randn({2, 3}, 1)}),
                          "twice");
}

TEST(Given_01, ExpectGradientsRefusesASign) {
  EXPECT_NONFATAL_FAILURE(expect_gradients([](const Tensors& in) { return scaled(in[0], 3, -3); }, {randn({2, 3}, 1)}),
                          "sign");
}

TEST(Given_01, ExpectGradientsRefusesZeros) {
  EXPECT_NONFATAL_FAILURE(expect_gradients([](const Tensors& in) { return scaled(in[0], 3, 0); }, {randn({2, 3}, 1)}),
                          "carries nothing");
}

TEST(Given_01, ExpectGradientsRefusesASeveredInput) {
  EXPECT_NONFATAL_FAILURE(
      expect_gradients([](const Tensors& in) { return scaled(Tensor(in[0].value()), 3, 3); }, {randn({2}, 1)}),
      "no gradient arrived");
}

TEST(Given_01, ExpectGradientsRefusesNaN) {
  EXPECT_NONFATAL_FAILURE(expect_gradients([](const Tensors& in) { return scaled(in[0], 3, nan); }, {randn({2}, 1)}),
                          "contains");
}

TEST(Given_01, ExpectGradientsNamesTheOpOfAWrongShape) {
  const Function f = [](const Tensors& in) {
    return record("summed", in[0].value(), {in[0]}, Save::nothing,
                  [](const Backward&) -> Arrays { return {Array::scalar(1)}; });
  };
  EXPECT_NONFATAL_FAILURE(expect_gradients(f, {randn({2, 3}, 1)}),
                          "summed: the rule gives input 0 a gradient of shape (), but that input is (2, 3)");
}

TEST(Given_01, ExpectGradientsFailsWhereItWasCalled) {
  testing::TestPartResultArray parts;
  int line = 0;
  {
    testing::ScopedFakeTestPartResultReporter reporter(&parts);
    const Function f = [](const Tensors& in) { return scaled(in[0], 3, 6); };
    line = __LINE__ + 1;
    expect_gradients(f, {randn({2}, 1)});
  }
  ASSERT_EQ(parts.size(), 1);
  EXPECT_STREQ(parts.GetTestPartResult(0).file_name(), __FILE__);
  EXPECT_EQ(parts.GetTestPartResult(0).line_number(), line);
}

TEST(Given_01, ExpectGradientsSkipsWhatItIsToldTo) {
  const Function f = [](const Tensors& in) { return scaled(in[0], 3, 3); };
  expect_gradients(f, {randn({2}, 1), randn({2}, 2)}, {.differentiable = {true, false}});
}

}  // namespace
}  // namespace rushlight::test
