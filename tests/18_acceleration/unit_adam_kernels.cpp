// Adam and AdamW on all cores: the results are those of module 06, and those of the formula in double, up to rounding; the
// operations may come in another order.
#include "06_optimizers/adam.hpp"

#include "plain.hpp"

namespace rushlight::test {
namespace {

struct Parameter {
  Array value, grad, exp_avg, exp_avg_sq;
};

Parameter parameter(std::int64_t count, std::uint64_t seed) {
  return {randn({count}, seed), randn({count}, seed + 1), randn({count}, seed + 2), uniform({count}, seed + 3, 0, 2)};
}

Parameter copy_of(const Parameter& p) {
  return {p.value.clone(), p.grad.clone(), p.exp_avg.clone(), p.exp_avg_sq.clone()};
}

// With Adam's decay, or with AdamW's.
AdamStep step_of(double decay, double shrink = 0) {
  return {.beta1 = 0.9,
          .beta2 = 0.999,
          .step_size = 0.02,
          .root_of_correction2 = 0.3,
          .eps = 1e-8,
          .decay = decay,
          .shrink = shrink};
}

void take(AdamLoop loop, const AdamStep& step, Parameter& p) { loop(step, p.value, p.grad, p.exp_avg, p.exp_avg_sq); }

constexpr Tolerance three_steps = double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{5e-6, 1e-6};

void expect_same(const Parameter& actual, const Parameter& expected, const Tolerance& tolerance = three_steps) {
  EXPECT_TRUE(near(actual.value, expected.value, tolerance));
  EXPECT_TRUE(near(actual.exp_avg, expected.exp_avg, tolerance));
  EXPECT_TRUE(near(actual.exp_avg_sq, expected.exp_avg_sq, tolerance));
}

void expect_formula(const AdamStep& s) {
  Parameter p = parameter(17000, 1);
  const Parameter before = copy_of(p);
  take(fused_adam, s, p);
  Doubles value, exp_avg, exp_avg_sq;
  for (std::int64_t i = 0; i < before.value.size(); ++i) {
    const double theta = before.value.data()[i];
    const double g = before.grad.data()[i] + s.decay * theta;
    exp_avg.push_back(s.beta1 * before.exp_avg.data()[i] + (1 - s.beta1) * g);
    exp_avg_sq.push_back(s.beta2 * before.exp_avg_sq.data()[i] + (1 - s.beta2) * g * g);
    const double root = std::sqrt(exp_avg_sq.back()) / s.root_of_correction2;
    value.push_back(theta * (1 - s.shrink) - s.step_size * exp_avg.back() / (root + s.eps));
  }
  EXPECT_TRUE(near(p.value, {17000}, value));
  EXPECT_TRUE(near(p.exp_avg, {17000}, exp_avg));
  EXPECT_TRUE(near(p.exp_avg_sq, {17000}, exp_avg_sq));
  EXPECT_TRUE(same_bits(p.grad, before.grad));
}

TEST(Unit_18_7, AdamFollowsTheFormula) {
  expect_formula(step_of(0));
  expect_formula(step_of(0.1));
}

TEST(Unit_18_7, AdamWFollowsTheFormula) { expect_formula(step_of(0, 0.1)); }

void expect_loops_agree(const AdamStep& step) {
  for (const std::int64_t count : {0, 1, 3, 17, 16383, 16384, 16385, 40001}) {
    Parameter actual = parameter(count, 10);
    Parameter expected = copy_of(actual);
    for (int again = 0; again < 3; ++again) {
      take(fused_adam, step, actual);
      take(adam_loop, step, expected);
    }
    expect_same(actual, expected);
    ASSERT_FALSE(testing::Test::HasFailure())
        << count << " numbers, decay " << step.decay << ", shrink " << step.shrink;
  }
}

TEST(Unit_18_7, AdamIsAdamLoop) {
  expect_loops_agree(step_of(0));
  expect_loops_agree(step_of(0.05));
}

TEST(Unit_18_7, AdamWIsAdamLoop) { expect_loops_agree(step_of(0, 0.05)); }

TEST(Unit_18_7, TheRestIsTakenInDouble) {  // after the first step v is (1 - β₂)g²: 1 - float(0.999) would show there
  Parameter p = parameter(1000, 60);
  p.exp_avg_sq = zeros({1000});
  take(fused_adam, step_of(0), p);
  Doubles squares;
  for (const double g : p.grad.data()) squares.push_back((1 - 0.999) * g * g);
  const Tolerance rounding{double_precision ? 1e-12 : 2e-6, 0};
  EXPECT_TRUE(near(p.exp_avg_sq, {1000}, squares, rounding));
}

TEST(Unit_18_7, InfinityWithoutDecay) {  // 0 · inf is NaN: where there is no decay it must not be multiplied
  Parameter actual = parameter(9, 20);
  actual.value.mutable_data()[4] = inf;
  actual.value.mutable_data()[7] = -inf;
  actual.grad.mutable_data()[2] = nan;
  Parameter expected = copy_of(actual);
  take(fused_adam, step_of(0), actual);
  take(adam_loop, step_of(0), expected);
  EXPECT_EQ(actual.value.data()[4], inf);
  EXPECT_TRUE(std::isfinite(actual.exp_avg.data()[4]));
  EXPECT_TRUE(std::isnan(actual.value.data()[2]));
  expect_same(actual, expected);
}

TEST(Unit_18_7, DoesNotDependOnTheThreads) {
  const Parameter start = parameter(50000, 30);
  for (const AdamStep& step : {step_of(0.1), step_of(0, 0.1)}) {
    expect_same_bits_for_any_threads([&] {
      Parameter p = copy_of(start);
      take(fused_adam, step, p);
      return Arrays{p.value, p.exp_avg, p.exp_avg_sq};
    });
  }
}

TEST(Unit_18_7, TheWriteIsCounted) {  // so that the engine notices a value that changed before its backward pass
  Parameter p = parameter(5, 40);
  const std::uint64_t before = p.value.version();
  take(fused_adam, step_of(0), p);
  EXPECT_GT(p.value.version(), before);
}

TEST(Unit_18_7, TheOptimizersCallThem) {
  const auto train = [](const std::vector<std::string>& ops) {
    const Accelerated some(ops);
    Tensor theta(randn({100}, 50), true), other(randn({100}, 51), true);
    Adam adam({theta}, {.lr = 0.1, .weight_decay = 0.1});
    AdamW adamw({other}, {.lr = 0.1, .weight_decay = 0.1});
    for (int again = 0; again < 5; ++again) {
      theta.set_grad(theta.value() * Real(2));
      other.set_grad(other.value() * Real(2));
      adam.step();
      adamw.step();
    }
    return Arrays{theta.value(), other.value()};
  };
  const Arrays fused = train({"adam"}), plain = train({});
  EXPECT_TRUE(near(fused[0], plain[0], three_steps));
  EXPECT_TRUE(near(fused[1], plain[1], three_steps));
  EXPECT_FALSE(same_bits(fused[0], fused[1]));
}

}  // namespace
}  // namespace rushlight::test
