#include "07_training/clip.hpp"

#include <cmath>
#include <limits>

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

Tensor with_grad(const Array& grad) {
  Tensor parameter(zeros(grad.shape()), true);
  parameter.set_grad(grad);
  return parameter;
}

TEST(Unit_07_1, GoldenClip) {
  const auto file = golden("optim.json")["clip_grad_norm"];
  const Tensors parameters = {with_grad(array_of(file["grads"][0])), with_grad(array_of(file["grads"][1]))};
  EXPECT_DOUBLE_EQ(clip_grad_norm(parameters, file["max_norm"]), file["total_norm"].get<double>());
  EXPECT_TRUE(near(parameters[0].grad(), {2}, values_of(file["clipped"][0])));
  EXPECT_TRUE(near(parameters[1].grad(), {1, 2}, values_of(file["clipped"][1])));
}

TEST(Unit_07_1, NormIsThatOfAllTogether) {
  EXPECT_DOUBLE_EQ(grad_norm({with_grad(Array({2}, {1, -2})), with_grad(Array({1, 1}, {2}))}), 3);
  EXPECT_EQ(grad_norm({}), 0);
  EXPECT_EQ(grad_norm({Tensor(zeros({3}), true)}), 0) << "a parameter without gradient does not count";
  EXPECT_EQ(grad_norm({with_grad(Array({0}, std::vector<Real>{}))}), 0);
}

TEST(Unit_07_1, NormIsSummedInDoublePrecision) {
  const Real big = Real{1e25};  // its square is beyond float
  EXPECT_NEAR(grad_norm({with_grad(Array({2}, {3 * big, 4 * big}))}) / (5 * static_cast<double>(big)), 1, 1e-6);
  const Real tiny = Real{1e-30};  // its square is below
  EXPECT_NEAR(grad_norm({with_grad(Array({2}, {3 * tiny, 4 * tiny}))}) / (5 * static_cast<double>(tiny)), 1, 1e-6);
  const Array many = Array::full({3000, 1000}, 1);  // float stops counting at 2^24 - and drifts long before
  EXPECT_DOUBLE_EQ(grad_norm({with_grad(many)}), std::sqrt(3e6));
}

TEST(Unit_07_1, UnderTheLimitNothingIsTouched) {
  const Array grad({3}, {1, 2, 2});
  const Tensor parameter = with_grad(grad);
  const std::uint64_t version = grad.version();
  EXPECT_DOUBLE_EQ(clip_grad_norm({parameter}, 3.1), 3);
  EXPECT_DOUBLE_EQ(clip_grad_norm({parameter}, 3.000001), 3) << "the factor is 1 exactly at norm + 1e-6";
  clip_grad_value({parameter}, 2);
  EXPECT_TRUE(parameter.grad().shares_buffer_with(grad)) << "a copy is not nothing";
  EXPECT_EQ(grad.version(), version);
}

TEST(Unit_07_1, OverTheLimitTheNormBecomesTheLimit) {
  const Tensors parameters = {with_grad(randn({5, 3}, 1)), with_grad(randn({4}, 2)), Tensor(zeros({2}), true)};
  const Array before = parameters[0].grad().clone();
  const double norm = clip_grad_norm(parameters, 0.5);
  EXPECT_GT(norm, 0.5);
  EXPECT_NEAR(grad_norm(parameters), 0.5, 1e-5);
  std::vector<double> expected = to_doubles(before);
  for (double& each : expected) each *= 0.5 / (norm + 1e-6);
  EXPECT_TRUE(near(parameters[0].grad(), {5, 3}, expected));
  EXPECT_FALSE(parameters[2].grad().defined());
}

// It is the factor that says whether something is cut: with so small a limit the 1e-6 beside the norm is half of it all.
TEST(Unit_07_1, AtTheLimitTheFactorIsBelowOne) {
  for (const Real norm : {Real{1e-6}, Real{5e-7}}) {
    const Tensor parameter = with_grad(Array({1}, {norm}));
    EXPECT_NEAR(clip_grad_norm({parameter}, 1e-6), norm, 1e-12);
    EXPECT_TRUE(near(parameter.grad(), {1}, {norm * 1e-6 / (norm + 1e-6)}, {1e-5, 0}));
  }
}

// A parameter that was not reached, or holds nothing, stands before, between or behind those that are cut.
TEST(Unit_07_1, WhatHasNothingToCutHidesNoOther) {
  for (const std::size_t place : {0U, 1U, 2U}) {
    for (const Tensor& nothing : {Tensor(zeros({2}), true), with_grad(zeros({0, 2})), Tensor(zeros({2}))}) {
      Tensors parameters = {with_grad(Array({1}, {3})), with_grad(Array({1}, {-4}))};
      const Tensor first = parameters[0], second = parameters[1];
      parameters.insert(parameters.begin() + static_cast<std::ptrdiff_t>(place), nothing);
      EXPECT_DOUBLE_EQ(grad_norm(parameters), 5) << place;
      clip_grad_value(parameters, 2);
      EXPECT_TRUE(near(first.grad(), {1}, {2}, exactly)) << place;
      EXPECT_TRUE(near(second.grad(), {1}, {-2}, exactly)) << place;
      EXPECT_DOUBLE_EQ(clip_grad_norm(parameters, 1), std::sqrt(8.0)) << place;
      EXPECT_TRUE(near(first.grad(), {1}, {std::sqrt(0.5)}, {1e-5, 0})) << place;
      EXPECT_TRUE(near(second.grad(), {1}, {-std::sqrt(0.5)}, {1e-5, 0})) << place;
    }
  }
}

TEST(Unit_07_1, ASharedGradientIsScaledOnce) {
  // The rule of add hands one array to both inputs.
  const Array shared({2}, {3, 4});
  const Tensors parameters = {with_grad(shared), with_grad(shared)};
  const double norm = clip_grad_norm(parameters, 1);
  EXPECT_DOUBLE_EQ(norm, std::sqrt(50.0));
  for (const Tensor& each : parameters) EXPECT_TRUE(near(each.grad(), {2}, {3 / norm, 4 / norm}, {1e-6, 1e-6}));
  EXPECT_TRUE(near(shared, {2}, {3, 4}, exactly)) << "the old array belongs to somebody else, too";
}

TEST(Unit_07_1, ValuesAreCutOnBothSides) {
  const Array grad({5}, {-7, -0.5, 0, 0.5, 7});
  const Tensors parameters = {with_grad(grad), Tensor(zeros({2}), true)};
  clip_grad_value(parameters, 2);
  EXPECT_TRUE(near(parameters[0].grad(), {5}, {-2, -0.5, 0, 0.5, 2}, exactly));
  EXPECT_TRUE(near(grad, {5}, {-7, -0.5, 0, 0.5, 7}, exactly)) << "the old array must stay";
  EXPECT_FALSE(parameters[1].grad().defined());
}

TEST(Unit_07_1, ValuesAreCutWhereAllThatIsLargeIsOnOneSide) {
  const Tensors parameters = {with_grad(Array({3}, {-7, -0.5, 1})), with_grad(Array({3}, {7, 0.5, -1}))};
  clip_grad_value(parameters, 2);
  EXPECT_TRUE(near(parameters[0].grad(), {3}, {-2, -0.5, 1}, exactly));
  EXPECT_TRUE(near(parameters[1].grad(), {3}, {2, 0.5, -1}, exactly));
}

TEST(Unit_07_1, ValuesCutInfinitiesAndKeepNaN) {
  const Real inf = std::numeric_limits<Real>::infinity(), broken = std::numeric_limits<Real>::quiet_NaN();
  const Tensor parameter = with_grad(Array({3}, {inf, -inf, broken}));
  clip_grad_value({parameter}, 2);
  EXPECT_EQ(parameter.grad().data()[0], 2);
  EXPECT_EQ(parameter.grad().data()[1], -2);
  EXPECT_TRUE(std::isnan(parameter.grad().data()[2])) << "a NaN must not be masked";
}

TEST(Unit_07_1, ANormThatIsNotFiniteIsReported) {
  for (const Real bad : {std::numeric_limits<Real>::infinity(), std::numeric_limits<Real>::quiet_NaN()}) {
    const Tensors parameters = {with_grad(Array({1}, {5})), with_grad(Array({1, 2}, {1, bad}))};
    EXPECT_FALSE(std::isfinite(clip_grad_norm(parameters, 1)));
    EXPECT_TRUE(near(parameters[0].grad(), {1}, {5}, exactly)) << "a broken norm must not scale the healthy ones";
    EXPECT_THROWS_WITH(clip_grad_norm(parameters, 1, {.error_if_nonfinite = true}), ValueError, "clip_grad_norm",
                       "parameter 1", "(1, 2)");
    const Tensors with_frozen = {Tensor(zeros({2}), true), parameters[0], parameters[1]};
    EXPECT_THROWS_WITH(clip_grad_norm(with_frozen, 1, {.error_if_nonfinite = true}), ValueError, "parameter 2",
                       "(1, 2)");
  }
}

TEST(Unit_07_1, TheFirstToBlameIsNamedWhereverItIs) {
  for (const std::size_t first : {0U, 1U, 2U}) {
    Tensors parameters;
    for (std::size_t i = 0; i < 4; ++i) {
      const Real last = i >= first ? std::numeric_limits<Real>::infinity() : Real{1};
      parameters.push_back(with_grad(Array({1, static_cast<std::int64_t>(i) + 2}, std::vector<Real>(i + 2, last))));
    }
    EXPECT_THROWS_WITH(clip_grad_norm(parameters, 1, {.error_if_nonfinite = true}), ValueError,
                       fmt::format("parameter {}", first), parameters[first].shape().str());
  }
}

TEST(Unit_07_1, LimitsMustBePositive) {
  const Tensors parameters = {with_grad(Array({1}, {5}))};
  EXPECT_THROWS_WITH(clip_grad_norm(parameters, 0), ValueError, "max_norm", "0");
  EXPECT_THROWS_WITH(clip_grad_norm(parameters, -1), ValueError, "max_norm", "-1");
  EXPECT_THROWS_WITH(clip_grad_norm(parameters, std::nan("")), ValueError, "max_norm", "nan");
  EXPECT_THROWS_WITH(clip_grad_value(parameters, 0), ValueError, "limit", "0");
  EXPECT_EQ(clip_grad_norm(parameters, infinity), 5) << "no limit is allowed";
  EXPECT_TRUE(near(parameters[0].grad(), {1}, {5}, exactly));
}

TEST(GradientFlow_07_1, ClippedGradientOfARealGraph) {
  // y = a + b: both gradients are one array. Clip, and both point where they pointed.
  Tensor a(randn({3}, 1), true), b(randn({3}, 2), true);
  sum((a + b) * cotangent({3})).backward();
  const std::vector<double> c = to_doubles(cotangent({3}));
  double norm = 0;
  for (const double each : c) norm += 2 * each * each;
  norm = std::sqrt(norm);
  EXPECT_NEAR(clip_grad_norm({a, b}, 0.1), norm, 1e-6);
  for (const Tensor& each : {a, b}) {
    EXPECT_TRUE(near(each.grad(), {3}, {0.1 * c[0] / norm, 0.1 * c[1] / norm, 0.1 * c[2] / norm}, {1e-4, 1e-6}));
  }
}

}  // namespace
}  // namespace rushlight::test
