// RMSprop, Adam and AdamW.
#include <cmath>
#include <limits>

#include "06_optimizers/oracle.hpp"

namespace rushlight::test {
namespace {

constexpr Tolerance step_tolerance = double_precision ? Tolerance{1e-12, 1e-14} : Tolerance{3e-7, 3e-7};

// --- 06.3 ------------------------------------------------------------------------------------------------------

TEST(Unit_06_3, FirstStepByHand) {
  // v = 0.01·g², so g/√v = ±10 whatever the size of g: θ moves by 0.01·10
  const Tensor a = leaf({3}, {1, 1, 1});
  RMSprop optimizer({a}, {.eps = 0});
  step_with(optimizer, a, {2, -0.25, 1e-3});
  EXPECT_TRUE(near(a.value(), {3}, {0.9, 1.1, 0.9}, step_tolerance));
}

TEST(Unit_06_3, SecondStepByHand) {
  // α = 0.75, g = 2 then 0: v = 1, then 0.75;  g = 0 does not move θ, g = √0.75 moves it by lr·√0.75/√(0.5625+0.1875)
  const Tensor a = leaf({}, {0});
  RMSprop optimizer({a}, {.lr = 1, .alpha = 0.75, .eps = 0});
  step_with(optimizer, a, {2});
  EXPECT_TRUE(near(a.value(), Shape(), {-2}, step_tolerance));
  step_with(optimizer, a, {0});
  EXPECT_TRUE(near(a.value(), Shape(), {-2}, step_tolerance));
  step_with(optimizer, a, {static_cast<Real>(std::sqrt(0.75))});
  EXPECT_TRUE(near(a.value(), Shape(), {-3}, step_tolerance));
}

TEST(Unit_06_3, EpsilonIsOutsideTheRoot) {
  // v = 0.25·g² with g = 4: √v = 2;  4/(2+2) = 1, inside the root it would be 4/√6
  const Tensor a = leaf({}, {0});
  RMSprop optimizer({a}, {.lr = 1, .alpha = 0.75, .eps = 2});
  step_with(optimizer, a, {4});
  EXPECT_TRUE(near(a.value(), Shape(), {-1}, step_tolerance));
}

TEST(Unit_06_3, CenteredByHand) {
  // α = 0.5, g = 2: v = 2, m = 1, √(v - m²) = 1
  const Tensor a = leaf({}, {0});
  RMSprop optimizer({a}, {.lr = 1, .alpha = 0.5, .eps = 0, .centered = true});
  step_with(optimizer, a, {2});
  EXPECT_TRUE(near(a.value(), Shape(), {-2}, step_tolerance));
}

TEST(Unit_06_3, CenteredSurvivesAConstantGradient) {
  // v - m² tends to 0 from above on paper; rounding must not make a NaN of it.
  const Tensor a = leaf({4}, {0, 0, 0, 0});
  RMSprop optimizer({a}, {.lr = 1e-6, .alpha = 0.5, .eps = 1, .centered = true});
  for (int t = 0; t < 200; ++t) step_with(optimizer, a, {Real{0.1}, Real{1.7}, Real{-333.3}, Real{12345.67}});
  for (const Real each : a.value().data()) EXPECT_TRUE(std::isfinite(each)) << each;
}

TEST(Unit_06_3, ADifferenceBelowZeroCountsAsZero) {
  // A state in which v is far too small for m: v - m² = 0.5·0.5 + 0.5·1 - 1 = -0.25, so d = 1/(0 + 0.5)
  const Tensor a = leaf({}, {0});
  RMSprop optimizer({a}, {.lr = 1, .alpha = 0.5, .eps = 0.5, .centered = true});
  step_with(optimizer, a, {0});
  OptimizerState state = optimizer.state_dict();
  state.arrays.at("0.square_avg") = Array::scalar(Real(0.5));
  state.arrays.at("0.grad_avg") = Array::scalar(1);
  optimizer.load_state_dict(state);
  step_with(optimizer, a, {1});
  EXPECT_TRUE(near(a.value(), Shape(), {-2}, exactly));
}

TEST(Unit_06_3, MomentumByHand) {
  // g = 1: d = 1/√(1-α) = 2, b = 2, θ = -2;  g = 0: d = 0, b = 0.5·2 = 1, θ = -3
  const Tensor a = leaf({}, {0});
  RMSprop optimizer({a}, {.lr = 1, .alpha = 0.75, .eps = 0, .momentum = 0.5});
  step_with(optimizer, a, {1});
  EXPECT_TRUE(near(a.value(), Shape(), {-2}, step_tolerance));
  step_with(optimizer, a, {0});
  EXPECT_TRUE(near(a.value(), Shape(), {-3}, step_tolerance));
}

TEST(Unit_06_3, FollowsTheOracle) {
  expect_follows<RMSprop, OracleRMSprop>(RMSpropOptions{}, {3, 5});
  expect_follows<RMSprop, OracleRMSprop>(RMSpropOptions{.lr = 0.05, .alpha = 0.9, .weight_decay = 0.2}, {7});
  expect_follows<RMSprop, OracleRMSprop>(RMSpropOptions{.alpha = 0.9, .momentum = 0.8}, {2, 3, 4});
  expect_follows<RMSprop, OracleRMSprop>(RMSpropOptions{.alpha = 0.9, .eps = 1e-3, .centered = true}, {});
  expect_follows<RMSprop, OracleRMSprop>(RMSpropOptions{.lr = 0.1, .alpha = 0.999}, {9});  // 1-α of a float is off
  expect_follows<RMSprop, OracleRMSprop>(
      RMSpropOptions{.lr = 1e-3, .alpha = 0.8, .eps = 1e-2, .weight_decay = 0.1, .momentum = 0.9, .centered = true},
      {19});
}

TEST(Unit_06_3, EachGroupFollowsItsOwnOptions) {
  expect_groups_follow<RMSprop, OracleRMSprop, RMSpropOptions>(
      {RMSpropOptions{.lr = 0.1, .alpha = 0.5, .eps = 0.1, .weight_decay = 0.1, .momentum = 0.9, .centered = true},
       RMSpropOptions{.lr = 0.02, .alpha = 0.9, .eps = 0.01, .weight_decay = 0.3, .momentum = 0.5},
       RMSpropOptions{.lr = 0.3, .alpha = 0.7, .eps = 0.5}});
}

TEST(Unit_06_3, SlotTakesOver) {
  static std::string seen;
  const RMSpropLoop loop = [](const RMSpropOptions& options, Array& value, const Array&, Array&, Array* grad_avg,
                              Array* velocity) {
    seen += options.centered ? 'c' : '-';
    seen += grad_avg ? 'm' : '-';
    seen += velocity ? 'b' : '-';
    value.mutable_data()[0] = 42;
  };
  seen.clear();
  const Tensor a = leaf({1}, {1});
  RMSprop plain({a}), centered({a}, {.centered = true}), both({a}, {.momentum = 0.5, .centered = true});
  rmsprop_slot.install(Device::cpu, {loop});
  for (RMSprop* optimizer : {&plain, &centered, &both}) step_with(*optimizer, a, {1});
  rmsprop_slot.remove(Device::cpu);
  EXPECT_EQ(seen, "---cm-cmb");
  EXPECT_TRUE(near(a.value(), {1}, {42}, exactly));
  step_with(plain, a, {1});
  EXPECT_NE(a.value().data()[0], 42) << "after remove() the plain loop is back";
}

TEST(Unit_06_3, OptionsOutsideTheirDomain) {
  const Tensors a = {leaf({1}, {1})};
  EXPECT_THROWS_WITH(RMSprop(a, {.lr = -1}), ValueError, "RMSprop", "lr", "-1");
  EXPECT_THROWS_WITH(RMSprop(a, {.alpha = 1}), ValueError, "RMSprop", "alpha", "1");
  EXPECT_THROWS_WITH(RMSprop(a, {.alpha = -0.5}), ValueError, "RMSprop", "alpha");
  EXPECT_THROWS_WITH(RMSprop(a, {.eps = -1}), ValueError, "RMSprop", "eps");
  EXPECT_THROWS_WITH(RMSprop(a, {.weight_decay = nan}), ValueError, "RMSprop", "weight_decay");
  EXPECT_THROWS_WITH(RMSprop(a, {.momentum = -1}), ValueError, "RMSprop", "momentum");
}

// --- 06.4 ------------------------------------------------------------------------------------------------------

TEST(Unit_06_4, FirstStepIsTheLearningRateWhateverTheGradient) {
  // m̂ = g, v̂ = g²: θ moves by lr·sign(g)
  const Tensor a = leaf({4}, {1, 1, 1, 1});
  Adam optimizer({a}, {.lr = 0.125, .eps = 0});
  step_with(optimizer, a, {3, -0.01, 1e4, -1e-4});
  EXPECT_TRUE(near(a.value(), {4}, {0.875, 1.125, 0.875, 1.125}, step_tolerance));
}

TEST(Unit_06_4, SecondStepByHand) {
  // β = (0.5, 0.75), g = 1 then 0.  m = 0.5, 0.25;  1-β₁² = 0.75: m̂ = 1/3.  v = 0.25, 0.1875; 1-β₂² = 0.4375: v̂ = 3/7
  const Tensor a = leaf({}, {0});
  Adam optimizer({a}, {.lr = 1, .betas = {0.5, 0.75}, .eps = 0});
  step_with(optimizer, a, {1});
  step_with(optimizer, a, {0});
  EXPECT_TRUE(near(a.value(), Shape(), {-1 - (1.0 / 3) / std::sqrt(3.0 / 7)}, step_tolerance));
}

TEST(Unit_06_4, EpsilonIsAddedToTheCorrectedRoot) {
  // √v̂ = 2, ε = 2: 2/(2+2) = 0.5.  Added before the correction of v it would come to 2/(2 + 2/√(1-β₂))
  const Tensor a = leaf({}, {0});
  Adam optimizer({a}, {.lr = 1, .betas = {0.5, 0.75}, .eps = 2});
  step_with(optimizer, a, {2});
  EXPECT_TRUE(near(a.value(), Shape(), {-0.5}, step_tolerance));
}

TEST(Unit_06_4, GoldenTrajectory) {
  const auto file = golden("optim.json");
  const auto& start = file["adamw"];
  const Tensor theta(array_of(start["theta0"]), true);
  Adam optimizer({theta}, {.lr = file["adam_l2"]["lr"], .weight_decay = file["adam_l2"]["wd"]});
  for (std::size_t t = 0; t < start["grads"].size(); ++t) {
    Tensor(theta).set_grad(array_of(start["grads"][t]));
    optimizer.step();
    EXPECT_TRUE(near(theta.value(), {3}, values_of(file["adam_l2"]["traj"][t]))) << "after step " << t + 1;
  }
}

TEST(Unit_06_4, FollowsTheOracle) {
  expect_follows<Adam, OracleAdam>(AdamOptions{}, {3, 5}, 40);
  expect_follows<Adam, OracleAdam>(AdamOptions{.lr = 0.05, .weight_decay = 0.2}, {7});
  expect_follows<Adam, OracleAdam>(AdamOptions{.lr = 0.5, .betas = {0.999, 0.9}}, {9});  // 1-β₁ of a float is off
  expect_follows<Adam, OracleAdam>(AdamOptions{.lr = 0.05, .betas = {0, 0.9}}, {});
  expect_follows<Adam, OracleAdam>(AdamOptions{.lr = 0.05, .betas = {0.5, 0}, .eps = 1e-3}, {2, 3, 4});
}

TEST(Unit_06_4, EachGroupFollowsItsOwnOptions) {
  expect_groups_follow<Adam, OracleAdam, AdamOptions>(
      {AdamOptions{.lr = 0.1, .betas = {0.5, 0.9}, .eps = 0.1, .weight_decay = 0.1},
       AdamOptions{.lr = 0.02, .betas = {0.9, 0.5}, .eps = 0.01, .weight_decay = 0.3},
       AdamOptions{.lr = 0.3, .betas = {0.2, 0.6}, .eps = 0.5}});
}

TEST(Unit_06_4, StepsAreCountedPerParameter) {
  const Tensor early = leaf({}, {0}), late = leaf({}, {0});
  Adam optimizer({early, late}, {.lr = 0.25, .eps = 0});
  step_with(optimizer, early, {1});
  step_with(optimizer, early, {1});
  step_with(optimizer, late, {1});  // late's first step: bias correction with t = 1, not 3
  EXPECT_TRUE(near(late.value(), Shape(), {-0.25}, step_tolerance));
}

TEST(Unit_06_4, BrokenNumbersStayInTheirPlace) {
  const Real tiny = std::numeric_limits<Real>::denorm_min(), inf = std::numeric_limits<Real>::infinity();
  const Tensor a = leaf({5}, {1, 1e4, tiny, inf, 2});
  Adam optimizer({a}, {.lr = 0.5});
  step_with(optimizer, a, {std::numeric_limits<Real>::quiet_NaN(), 1e4, 0, 1, 4});
  const auto now = a.value().data();
  EXPECT_TRUE(std::isnan(now[0]));
  EXPECT_NEAR(now[1], 9999.5, 1e-8);
  EXPECT_EQ(now[2], tiny) << "a gradient of 0 gives 0/(0+ε) = 0";
  EXPECT_EQ(now[3], inf);
  EXPECT_NEAR(now[4], 1.5, 1e-6);
}

TEST(Unit_06_4, SlotTakesOver) {
  static AdamStep seen;
  const AdamLoop loop = [](const AdamStep& step, Array& value, const Array&, Array&, Array&) {
    seen = step;
    value.mutable_data()[0] = 42;
  };
  const Tensor a = leaf({1}, {1});
  Adam optimizer({a}, {.lr = 0.5, .betas = {0.5, 0.75}, .eps = 0.25, .weight_decay = 0.125});
  adam_slot.install(Device::cpu, {loop});
  step_with(optimizer, a, {1});
  adam_slot.remove(Device::cpu);
  EXPECT_TRUE(near(a.value(), {1}, {42}, exactly));
  EXPECT_DOUBLE_EQ(seen.beta1, 0.5);
  EXPECT_DOUBLE_EQ(seen.beta2, 0.75);
  EXPECT_DOUBLE_EQ(seen.step_size, 1);
  EXPECT_DOUBLE_EQ(seen.root_of_correction2, 0.5);
  EXPECT_DOUBLE_EQ(seen.eps, 0.25);
  EXPECT_DOUBLE_EQ(seen.decay, 0.125);
  EXPECT_EQ(seen.shrink, 0);
  step_with(optimizer, a, {1});
  EXPECT_NE(a.value().data()[0], 42) << "after remove() the composed loop is back";
}

TEST(Unit_06_4, OptionsOutsideTheirDomain) {
  const Tensors a = {leaf({1}, {1})};
  EXPECT_THROWS_WITH(Adam(a, {.lr = -1}), ValueError, "Adam", "lr", "-1");
  EXPECT_THROWS_WITH(Adam(a, {.betas = {1, 0.5}}), ValueError, "Adam", "beta1", "1");
  EXPECT_THROWS_WITH(Adam(a, {.betas = {0.5, -0.1}}), ValueError, "Adam", "beta2", "-0.1");
  EXPECT_THROWS_WITH(Adam(a, {.betas = {0.5, nan}}), ValueError, "Adam", "beta2");
  EXPECT_THROWS_WITH(Adam(a, {.eps = -1}), ValueError, "Adam", "eps");
  EXPECT_THROWS_WITH(Adam(a, {.weight_decay = -1}), ValueError, "Adam", "weight_decay");
}

// --- 06.5 ------------------------------------------------------------------------------------------------------

TEST(Unit_06_5, DecayActsOnTheValueAlone) {
  // g = 0: m and v stay 0, θ shrinks by lr·λ = 1/8 of itself
  const Tensor a = leaf({2}, {8, -16});
  AdamW optimizer({a}, {.lr = 0.25, .weight_decay = 0.5});
  step_with(optimizer, a, {0, 0});
  EXPECT_TRUE(near(a.value(), {2}, {7, -14}, exactly));
}

TEST(Unit_06_5, DecayMayOvershoot) {  // lr·λ = 3: nobody keeps it below 1
  const Tensor a = leaf({2}, {8, -16});
  AdamW optimizer({a}, {.lr = 2, .weight_decay = 1.5});
  step_with(optimizer, a, {0, 0});
  EXPECT_TRUE(near(a.value(), {2}, {-16, 32}, exactly));
}

TEST(Unit_06_5, DecayComesBeforeTheStep) {
  // 8·(1 - 1/8) - 0.25·1 = 6.75;  the other way round it would be (8 - 0.25)·7/8
  const Tensor a = leaf({}, {8});
  AdamW optimizer({a}, {.lr = 0.25, .eps = 0, .weight_decay = 0.5});
  step_with(optimizer, a, {3});
  EXPECT_TRUE(near(a.value(), Shape(), {6.75}, step_tolerance));
}

TEST(Unit_06_5, DecayFollowsTheLearningRate) {
  const Tensor a = leaf({}, {8});
  AdamW optimizer({a}, {.lr = 1, .weight_decay = 0.5});
  optimizer.set_lr(0.25);
  step_with(optimizer, a, {0});
  EXPECT_TRUE(near(a.value(), Shape(), {7}, exactly));
}

TEST(Unit_06_5, GoldenTrajectory) {
  const auto file = golden("optim.json")["adamw"];
  const Tensor theta(array_of(file["theta0"]), true);
  AdamW optimizer({theta}, {.lr = file["lr"],
                            .betas = {file["betas"][0], file["betas"][1]},
                            .eps = file["eps"],
                            .weight_decay = file["wd"]});
  for (std::size_t t = 0; t < file["grads"].size(); ++t) {
    Tensor(theta).set_grad(array_of(file["grads"][t]));
    optimizer.step();
    EXPECT_TRUE(near(theta.value(), {3}, values_of(file["traj"][t]))) << "after step " << t + 1;
  }
}

TEST(Unit_06_5, FollowsTheOracle) {
  expect_follows<AdamW, OracleAdamW>(AdamWOptions{}, {3, 5}, 40);
  expect_follows<AdamW, OracleAdamW>(AdamWOptions{.lr = 0.05, .weight_decay = 0.5}, {7});
  expect_follows<AdamW, OracleAdamW>(AdamWOptions{.lr = 0.05, .betas = {0, 0.9}, .weight_decay = 0}, {});
  expect_follows<AdamW, OracleAdamW>(AdamWOptions{.lr = 0.02, .betas = {0.5, 0}, .eps = 1e-3}, {2, 3, 4});
}

TEST(Unit_06_5, EachGroupFollowsItsOwnOptions) {
  expect_groups_follow<AdamW, OracleAdamW, AdamWOptions>(
      {AdamWOptions{.lr = 0.1, .betas = {0.5, 0.9}, .eps = 0.1, .weight_decay = 0.1},
       AdamWOptions{.lr = 0.02, .betas = {0.9, 0.5}, .eps = 0.01, .weight_decay = 0.3},
       AdamWOptions{.lr = 0.3, .betas = {0.2, 0.6}, .eps = 0.5, .weight_decay = 0}});
}

TEST(Unit_06_5, SlotTakesOver) {
  static AdamStep seen;
  const AdamLoop loop = [](const AdamStep& step, Array& value, const Array&, Array&, Array&) {
    seen = step;
    value.mutable_data()[0] = 42;
  };
  const Tensor a = leaf({1}, {1});
  AdamW optimizer({a}, {.lr = 0.5, .betas = {0.5, 0.75}, .eps = 0.25, .weight_decay = 0.125});
  adam_slot.install(Device::cpu, {loop});
  step_with(optimizer, a, {1});
  adam_slot.remove(Device::cpu);
  EXPECT_TRUE(near(a.value(), {1}, {42}, exactly));
  EXPECT_DOUBLE_EQ(seen.step_size, 1);
  EXPECT_DOUBLE_EQ(seen.root_of_correction2, 0.5);
  EXPECT_EQ(seen.decay, 0);
  EXPECT_DOUBLE_EQ(seen.shrink, 0.0625);
}

TEST(Unit_06_5, OptionsOutsideTheirDomain) {
  const Tensors a = {leaf({1}, {1})};
  EXPECT_THROWS_WITH(AdamW(a, {.lr = infinity}), ValueError, "AdamW", "lr", "inf");
  EXPECT_THROWS_WITH(AdamW(a, {.betas = {1.5, 0.5}}), ValueError, "AdamW", "beta1", "1.5");
  EXPECT_THROWS_WITH(AdamW(a, {.betas = {0.5, 1}}), ValueError, "AdamW", "beta2");
  EXPECT_THROWS_WITH(AdamW(a, {.eps = -1}), ValueError, "AdamW", "eps");
  EXPECT_THROWS_WITH(AdamW(a, {.weight_decay = -1}), ValueError, "AdamW", "weight_decay");
}

}  // namespace
}  // namespace rushlight::test
