#include <array>
#include <limits>

#include "graphs.hpp"

namespace rushlight::test {
namespace {

using Function = std::function<Tensor(const Tensors&)>;

// y = x³ with a rule of the caller's choice.
Function cube(std::function<Array(const Array& grad, const Array& x)> rule) {
  return [rule](const Tensors& in) {
    const Array& x = in[0].value();
    return record("cube", x * x * x, {in[0]}, Save::inputs,
                  [rule](const Backward& bw) -> Arrays { return {rule(bw.grad, bw.in(0))}; });
  };
}

const Arrays inputs{Array({2, 2}, {Real(0.5), Real(-0.5), 2, Real(0.25)})};

TEST(Unit_05_5, CentralDifferencesOfASquare) {
  const Array g =
      central_differences([](const Tensors& in) { return in[0] * in[0]; }, {Array({3}, {1, -2, 4})}, 0, 1e-2);
  EXPECT_TRUE(near(g, {3}, {2 * 0.21, -4 * 0.34, 8 * 0.47}, {1e-3, 1e-4}));  // exact but for rounding
}

TEST(Unit_05_5, TheProbeIsNotUniform) {  // Σ softmax-like: under a plain sum the gradient would be zero
  const Array g =
      central_differences([](const Tensors& in) { return in[0] / sum(in[0]); }, {Array({2}, {1, 3})}, 0, 1e-3);
  EXPECT_TRUE(near(g, {2}, {(0.21 - 0.34) * 3.0 / 16, (0.34 - 0.21) * 1.0 / 16}, {1e-2, 1e-4}));
}

TEST(Unit_05_5, TheProbeRepeatsAfterEleven) {
  const Array g = central_differences([](const Tensors& in) { return in[0] * Tensor(1); }, {zeros({24})}, 0, 0.5);
  std::vector<double> expected;
  for (int k = 0; k < 24; ++k) expected.push_back(0.21 + 0.13 * (k % 11));
  EXPECT_TRUE(near(g, {24}, expected, {1e-5, 0}));
}

TEST(Unit_05_5, OneInputAtATime) {
  const Function f = [](const Tensors& in) { return in[0] * in[1]; };
  const Arrays both{Array({1}, {3}), Array({1}, {5})};
  EXPECT_TRUE(near(central_differences(f, both, 0, 1e-2), {1}, {5 * 0.21}, {1e-3, 0}));
  EXPECT_TRUE(near(central_differences(f, both, 1, 1e-2), {1}, {3 * 0.21}, {1e-3, 0}));
}

TEST(Unit_05_5, OneArrayForTwoInputs) {  // only one of them moves
  const Array x({2}, {3, 5});
  const Function f = [](const Tensors& in) { return in[0] * in[1] * in[1]; };
  EXPECT_TRUE(near(central_differences(f, {x, x}, 0, 1e-2), {2}, {9 * 0.21, 25 * 0.34}, {1e-3, 0}));
  EXPECT_TRUE(near(central_differences(f, {x, x}, 1, 1e-2), {2}, {18 * 0.21, 50 * 0.34}, {1e-3, 0}));
  EXPECT_TRUE(gradcheck(f, {x, x}).passed);
}

// At 8192 a float's neighbours are 2^-10 apart, so x ± 1e-3 are not 2e-3 apart.
TEST(Unit_05_5, TheStepIsTheOneThatWasTaken) {
  const Array g =
      central_differences([](const Tensors& in) { return in[0] * Tensor(1); }, {Array({1}, {8192})}, 0, 1.3e-3);
  EXPECT_TRUE(near(g, {1}, {0.21}, {1e-6, 0}));
}

TEST(Unit_05_5, TheCallersInputsStay) {
  const Arrays mine{randn({3}, 1), randn({3}, 2)};
  const Arrays copy{mine[0].clone(), mine[1].clone()};
  const Function f = [](const Tensors& in) { return in[0] * in[1]; };
  gradcheck(f, mine);
  central_differences(f, mine, 1, 1e-3);
  EXPECT_TRUE(same_bits(mine[0], copy[0]));
  EXPECT_TRUE(same_bits(mine[1], copy[1]));
}

TEST(Unit_05_5, DifferencesRecordNothing) {
  int recording = 0;
  central_differences(
      [&](const Tensors& in) {
        recording += grad_enabled() || in[0].requires_grad();
        return in[0] * Tensor(1);
      },
      {ones({2})}, 0, 1e-3);
  EXPECT_EQ(recording, 0);
  EXPECT_TRUE(grad_enabled());
}

TEST(Unit_05_5, EmptyInputs) {
  EXPECT_EQ(central_differences([](const Tensors& in) { return in[0] * Tensor(1); }, {zeros({0, 2})}, 0, 1e-3).shape(),
            (Shape{0, 2}));
  EXPECT_TRUE(gradcheck([](const Tensors& in) { return in[0] * Tensor(2); }, {zeros({0, 2})}).passed);
}

TEST(Unit_05_5, ARightRulePasses) {
  const GradcheckReport report =
      gradcheck(cube([](const Array& g, const Array& x) { return g * x * x * Real(3); }), inputs);
  EXPECT_TRUE(report.passed) << report.message;
  EXPECT_EQ(report.message, "");
  EXPECT_LT(report.worst, GradcheckOptions{}.tolerance);
}

TEST(Unit_05_5, AWrongFactorIsFound) {
  const GradcheckReport report =
      gradcheck(cube([](const Array& g, const Array& x) { return g * x * x * Real(2); }), inputs);
  EXPECT_FALSE(report.passed);
  EXPECT_EQ(report.input, 0U);
  EXPECT_EQ(report.entry, 2);  // where 3x² is above 1; elsewhere the difference counts as it is
  for (const char number : {'0', '2'}) EXPECT_NE(report.message.find(number), std::string::npos) << report.message;
  EXPECT_NEAR(report.worst, 1.0 / 3, 0.01);
}

TEST(Unit_05_5, OneWrongEntryIsFound) {
  const GradcheckReport report = gradcheck(cube([](const Array& g, const Array& x) {
                                             Array right = g * x * x * Real(3);
                                             right.mutable_data()[3] += Real(0.1);
                                             return right;
                                           }),
                                           inputs);
  EXPECT_FALSE(report.passed);
  EXPECT_EQ(report.entry, 3);
}

TEST(Unit_05_5, AWrongEntryIsFoundWhereverItIs) {
  for (std::int64_t wrong = 0; wrong < 4; ++wrong) {
    const GradcheckReport report = gradcheck(cube([wrong](const Array& g, const Array& x) {
                                               Array right = g * x * x * Real(3);
                                               right.mutable_data()[wrong] += Real(0.3);
                                               return right;
                                             }),
                                             inputs);
    EXPECT_FALSE(report.passed) << wrong;
    EXPECT_EQ(report.entry, wrong);
  }
}

TEST(Unit_05_5, AFlippedSignIsFound) {
  EXPECT_FALSE(gradcheck(cube([](const Array& g, const Array& x) { return g * x * x * Real(-3); }), inputs).passed);
}

TEST(Unit_05_5, TheSecondInputIsLookedAtToo) {
  const Function f = [](const Tensors& in) {
    return record("mul", in[0].value() * in[1].value(), {in[0], in[1]}, Save::inputs, [](const Backward& bw) -> Arrays {
      return {bw.grad * bw.in(1), bw.grad * bw.in(1)};  // the second should be in(0)
    });
  };
  const GradcheckReport report = gradcheck(f, {Array({1}, {2}), Array({1}, {3})});
  EXPECT_FALSE(report.passed);
  EXPECT_EQ(report.input, 1U);
}

// Three inputs, of which one at a time has a wrong derivative; the largest error counts, in whichever input it is.
TEST(Unit_05_5, AWrongInputIsFoundWhicheverItIs) {
  const auto product = [](std::array<Real, 3> factors) -> Function {
    return [factors](const Tensors& in) {
      const Array a = in[0].value(), b = in[1].value(), c = in[2].value();
      return record("product", a * b * c, {in[0], in[1], in[2]}, Save::inputs, [factors](const Backward& bw) -> Arrays {
        const Array a = bw.in(0), b = bw.in(1), c = bw.in(2);
        return {factors[0] * bw.grad * b * c, factors[1] * bw.grad * a * c, factors[2] * bw.grad * a * b};
      });
    };
  };
  const Arrays three{Array({2}, {2, 3}), Array({2}, {5, 4}), Array({2}, {1, 2})};
  EXPECT_TRUE(gradcheck(product({1, 1, 1}), three).passed);
  for (std::size_t wrong = 0; wrong < 3; ++wrong) {
    std::array<Real, 3> factors{1, 1, 1};
    factors[wrong] = 2;
    const GradcheckReport report = gradcheck(product(factors), three);
    EXPECT_FALSE(report.passed) << wrong;
    EXPECT_EQ(report.input, wrong) << report.message;
    EXPECT_NEAR(report.worst, 0.5, 0.01);
    EXPECT_FALSE(gradcheck(product(factors), three, {.tolerance = 0.45}).passed);
    EXPECT_TRUE(gradcheck(product(factors), three, {.tolerance = 0.55}).passed);
  }
  const GradcheckReport both = gradcheck(product({4, 1, 2}), three);
  EXPECT_EQ(both.input, 0U) << "0.75 is worse than 0.5";
}

TEST(Unit_05_5, WhatTheFunctionThrowsComesThrough) {
  for (const int failing : {0, 1, 2, 3, 7}) {  // among the calls that compare, record and differentiate
    int calls = 0;
    const Function f = [&](const Tensors& in) {
      if (calls++ == failing) throw IndexError("the function broke");
      return in[0] * in[1];
    };
    const Arrays mine{randn({3}, 1), randn({3}, 2)};
    const Arrays copy{mine[0].clone(), mine[1].clone()};
    EXPECT_THROWS_WITH(gradcheck(f, mine), IndexError, "the function broke");
    EXPECT_TRUE(grad_enabled()) << "after a failure at call " << failing;
    EXPECT_TRUE(same_bits(mine[0], copy[0]) && same_bits(mine[1], copy[1]));
  }
}

TEST(Unit_05_5, AFunctionOfNaNIsNotRight) {
  const Real nan = std::numeric_limits<Real>::quiet_NaN();
  const GradcheckReport report = gradcheck([nan](const Tensors& in) { return in[0] * Tensor(nan); }, {Array({1}, {2})});
  EXPECT_FALSE(report.passed);
  EXPECT_TRUE(std::isinf(report.worst)) << "NaN twice is no sign of a random function: " << report.message;
  // Only one of the numbers is none, and only where the input moved: sqrt just above and below 0.
  EXPECT_FALSE(gradcheck([](const Tensors& in) { return sqrt(in[0]); }, {Array({3}, {1, 0, 4})}).passed);
}

TEST(Unit_05_5, AGradientThatNeverArrivesIsFound) {
  const GradcheckReport report =
      gradcheck([](const Tensors& in) { return in[0] * Tensor(in[1].value()); }, {Array({1}, {2}), Array({1}, {3})});
  EXPECT_FALSE(report.passed);
  EXPECT_EQ(report.input, 1U);
  EXPECT_NE(report.message.find('1'), std::string::npos) << report.message;
}

TEST(Unit_05_5, AnInputWithoutInfluenceIsFine) {
  EXPECT_TRUE(gradcheck([](const Tensors& in) { return in[0] * in[0]; }, {Array({1}, {2}), Array({1}, {3})}).passed);
}

TEST(Unit_05_5, NotANumberIsNotRight) {
  const Real nan = std::numeric_limits<Real>::quiet_NaN();
  const GradcheckReport report = gradcheck(cube([nan](const Array& g, const Array&) { return g * nan; }), inputs);
  EXPECT_FALSE(report.passed);
  EXPECT_TRUE(std::isinf(report.worst));
  EXPECT_NE(report.message, "");
  EXPECT_FALSE(gradcheck([](const Tensors& in) { return log(in[0]); }, {Array({1}, {-1})}).passed);
}

TEST(Unit_05_5, AnOpThatIsNotRecordedIsNamedAsSuch) {
  for (const Arrays& each : {inputs, Arrays{zeros({0, 2})}}) {
    const GradcheckReport report = gradcheck([](const Tensors& in) { return Tensor(in[0].value() * Real(2)); }, each);
    EXPECT_FALSE(report.passed);
    EXPECT_NE(report.message, "");
  }
}

TEST(Unit_05_5, ARandomFunctionIsNamedAsSuch) {
  Generator generator(1);
  const GradcheckReport report =
      gradcheck([&](const Tensors& in) { return in[0] * Tensor(static_cast<Real>(generator.uniform())); }, inputs);
  EXPECT_FALSE(report.passed);
  EXPECT_NE(report.message, "");
}

TEST(Unit_05_5, TheToleranceIsTheCallers) {
  const Function f = cube([](const Array& g, const Array& x) { return g * x * x * Real(2); });
  EXPECT_TRUE(gradcheck(f, inputs, {.tolerance = 0.5}).passed);
  EXPECT_FALSE(gradcheck(f, inputs, {.tolerance = 0.3}).passed);
  const double worst = gradcheck(f, inputs).worst;
  EXPECT_TRUE(gradcheck(f, inputs, {.tolerance = worst}).passed) << "the tolerance itself is allowed";
}

TEST(Unit_05_5, WhatIsExactPassesWithoutTolerance) {  // steps of a power of two lose nothing
  const Function twice = [](const Tensors& in) { return in[0] * Tensor(2); };
  const GradcheckReport report = gradcheck(twice, {zeros({1})}, {.step = 0.5, .tolerance = 0});
  EXPECT_TRUE(report.passed) << report.message;
}

TEST(Unit_05_5, TheStepIsTheCallers) {  // (h³ - (-h)³) / 2h = h², where the derivative is 0
  const Function f = cube([](const Array& g, const Array& x) { return g * x * x * Real(3); });
  const Arrays origin{zeros({1})};
  EXPECT_NEAR(gradcheck(f, origin, {.step = 1}).worst, 0.21, 1e-5);
  EXPECT_NEAR(gradcheck(f, origin, {.step = 2}).worst, 0.21 * 4, 1e-5);
}

}  // namespace
}  // namespace rushlight::test
