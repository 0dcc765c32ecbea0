#include <cmath>
#include <limits>

#include "06_optimizers/oracle.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_06_2, PlainStep) {
  const Tensor a = leaf({2, 2}, {1, -2, 0.5, 4});
  SGD optimizer({a}, {.lr = 0.5});
  step_with(optimizer, a, {2, -4, 0, 1});
  EXPECT_TRUE(near(a.value(), {2, 2}, {0, 0, 0.5, 3.5}, exactly));
}

TEST(Unit_06_2, Defaults) {
  const SGDOptions o;
  EXPECT_EQ(o.lr, 1e-3);
  EXPECT_EQ(o.momentum, 0);
  EXPECT_EQ(o.dampening, 0);
  EXPECT_EQ(o.weight_decay, 0);
  EXPECT_FALSE(o.nesterov);
  const Tensor a = leaf({}, {1});
  SGD optimizer({a});
  step_with(optimizer, a, {10});
  EXPECT_TRUE(near(a.value(), Shape(), {0.99}));
}

TEST(Unit_06_2, MomentumByHand) {
  // b: 1, 0.5+1 = 1.5, 0.75-2 = -1.25;  θ: 0 -1 -1.5 +1.25
  const Tensor a = leaf({}, {0});
  SGD optimizer({a}, {.lr = 1, .momentum = 0.5});
  step_with(optimizer, a, {1});
  EXPECT_TRUE(near(a.value(), Shape(), {-1}, exactly));
  step_with(optimizer, a, {1});
  EXPECT_TRUE(near(a.value(), Shape(), {-2.5}, exactly));
  step_with(optimizer, a, {-2});
  EXPECT_TRUE(near(a.value(), Shape(), {-1.25}, exactly));
}

TEST(Unit_06_2, NesterovByHand) {
  // b: 1, 1.5;  direction: 1+0.5 = 1.5, 1+0.75 = 1.75
  const Tensor a = leaf({}, {0});
  SGD optimizer({a}, {.lr = 1, .momentum = 0.5, .nesterov = true});
  step_with(optimizer, a, {1});
  EXPECT_TRUE(near(a.value(), Shape(), {-1.5}, exactly));
  step_with(optimizer, a, {1});
  EXPECT_TRUE(near(a.value(), Shape(), {-3.25}, exactly));
}

TEST(Unit_06_2, DampeningSparesTheFirstStep) {
  // b: 1 (not 0.75), then 0.5·1 + 0.75·1 = 1.25
  const Tensor a = leaf({}, {0});
  SGD optimizer({a}, {.lr = 1, .momentum = 0.5, .dampening = 0.25});
  step_with(optimizer, a, {1});
  EXPECT_TRUE(near(a.value(), Shape(), {-1}, exactly));
  step_with(optimizer, a, {1});
  EXPECT_TRUE(near(a.value(), Shape(), {-2.25}, exactly));
}

TEST(Unit_06_2, WeightDecayGoesThroughMomentum) {
  // g: 1+0.5·2 = 2;  θ = 2-2 = 0;  then g = 1, b = 0.5·2+1 = 2, θ = -2
  const Tensor a = leaf({}, {2});
  SGD optimizer({a}, {.lr = 1, .momentum = 0.5, .weight_decay = 0.5});
  step_with(optimizer, a, {1});
  EXPECT_TRUE(near(a.value(), Shape(), {0}, exactly));
  step_with(optimizer, a, {1});
  EXPECT_TRUE(near(a.value(), Shape(), {-2}, exactly));
}

TEST(Unit_06_2, WeightDecayAloneShrinks) {
  const Tensor a = leaf({2}, {4, -8});
  SGD optimizer({a}, {.lr = 0.5, .weight_decay = 0.5});
  step_with(optimizer, a, {0, 0});
  EXPECT_TRUE(near(a.value(), {2}, {3, -6}, exactly));
}

TEST(Unit_06_2, FollowsTheOracle) {
  expect_follows<SGD, OracleSGD>(SGDOptions{.lr = 0.1}, {3, 5});
  expect_follows<SGD, OracleSGD>(SGDOptions{.lr = 0.1, .weight_decay = 0.3}, {7});
  expect_follows<SGD, OracleSGD>(SGDOptions{.lr = 0.05, .momentum = 0.9}, {2, 3, 4});
  expect_follows<SGD, OracleSGD>(SGDOptions{.lr = 0.05, .momentum = 0.9, .dampening = 0.4}, {});
  expect_follows<SGD, OracleSGD>(SGDOptions{.lr = 0.05, .momentum = 0.9, .weight_decay = 0.1, .nesterov = true}, {33});
  expect_follows<SGD, OracleSGD>(SGDOptions{.lr = 0.05, .momentum = 0.8, .dampening = 0.1, .weight_decay = 0.1},
                                 {4, 1});
}

TEST(Unit_06_2, EachParameterHasItsOwnVelocity) {
  const Tensor a = leaf({}, {0}), b = leaf({}, {0});
  SGD optimizer({a, b}, {.lr = 1, .momentum = 0.5});
  Tensor(a).set_grad(Array({}, {1}));
  step_with(optimizer, b, {10});
  Tensor(a).set_grad(Array({}, {0}));
  step_with(optimizer, b, {0});
  EXPECT_TRUE(near(a.value(), Shape(), {-1.5}, exactly));
  EXPECT_TRUE(near(b.value(), Shape(), {-15}, exactly));
}

TEST(Unit_06_2, OptionsOfEachGroup) {
  const Tensor a = leaf({}, {1}), b = leaf({}, {1});
  SGD optimizer(
      {{.parameters = {a}, .options = {.lr = 1}}, {.parameters = {b}, .options = {.lr = 0.5, .weight_decay = 1}}});
  Tensor(a).set_grad(Array({}, {1}));
  step_with(optimizer, b, {1});
  EXPECT_TRUE(near(a.value(), Shape(), {0}, exactly));
  EXPECT_TRUE(near(b.value(), Shape(), {0}, exactly));
  EXPECT_EQ(optimizer.options(1).weight_decay, 1);
}

TEST(Unit_06_2, EachGroupFollowsItsOwnOptions) {
  expect_groups_follow<SGD, OracleSGD, SGDOptions>(
      {SGDOptions{.lr = 0.1, .momentum = 0.9, .weight_decay = 0.1, .nesterov = true},
       SGDOptions{.lr = 0.02, .momentum = 0.5, .dampening = 0.25, .weight_decay = 0.3}, SGDOptions{.lr = 0.3}});
}

TEST(Unit_06_2, HugeTinyAndBrokenNumbersStayInTheirPlace) {
  const Real tiny = std::numeric_limits<Real>::denorm_min(), inf = std::numeric_limits<Real>::infinity();
  const Real broken = std::numeric_limits<Real>::quiet_NaN();
  const Tensor a = leaf({6}, {1, 1e4, -1e4, tiny, inf, 2});
  SGD optimizer({a}, {.lr = 0.5, .momentum = 0.5});
  step_with(optimizer, a, {broken, 1e4, 1e4, tiny * 2, 1, inf});
  const auto now = a.value().data();
  EXPECT_TRUE(std::isnan(now[0]));
  EXPECT_EQ(now[1], Real{5e3});
  EXPECT_EQ(now[2], Real{-1.5e4});
  EXPECT_EQ(now[3], 0);
  EXPECT_EQ(now[4], inf) << "a finite gradient leaves an infinite weight infinite, also without decay";
  EXPECT_EQ(now[5], -inf);
}

TEST(Unit_06_2, SlotTakesOver) {
  static SGDStep seen;
  static bool with_velocity;
  const SGDLoop loop = [](const SGDStep& step, Array& value, const Array&, Array* velocity) {
    seen = step;
    with_velocity = velocity != nullptr;
    value.mutable_data()[0] = 42;
  };
  const Tensor a = leaf({1}, {1}), b = leaf({1}, {1});
  SGD heavy({a}, {.lr = 0.5, .momentum = 0.75, .dampening = 0.25, .weight_decay = 0.125}), plain({b}, {.lr = 0.5});
  sgd_slot.install(Device::cpu, {loop});
  step_with(heavy, a, {1});
  EXPECT_TRUE(near(a.value(), {1}, {42}, exactly));
  EXPECT_TRUE(with_velocity);
  EXPECT_EQ(seen.take, 1);
  step_with(heavy, a, {1});
  EXPECT_EQ(seen.take, 0.75);
  EXPECT_EQ(seen.lr, 0.5);
  EXPECT_EQ(seen.momentum, 0.75);
  EXPECT_EQ(seen.decay, 0.125);
  EXPECT_FALSE(seen.nesterov);
  step_with(plain, b, {1});
  EXPECT_FALSE(with_velocity);
  sgd_slot.remove(Device::cpu);
  step_with(plain, b, {1});
  EXPECT_TRUE(near(b.value(), {1}, {41.5}, exactly)) << "after remove() the plain loop is back";
}

TEST(Unit_06_2, OptionsOutsideTheirDomain) {
  const Tensors a = {leaf({1}, {1})};
  EXPECT_THROWS_WITH(SGD(a, {.lr = -0.1}), ValueError, "SGD", "lr", "-0.1");
  EXPECT_THROWS_WITH(SGD(a, {.lr = nan}), ValueError, "SGD", "lr", "nan");
  EXPECT_THROWS_WITH(SGD(a, {.lr = infinity}), ValueError, "SGD", "lr", "inf");
  EXPECT_THROWS_WITH(SGD(a, {.momentum = -1}), ValueError, "SGD", "momentum");
  EXPECT_THROWS_WITH(SGD(a, {.weight_decay = -1}), ValueError, "SGD", "weight_decay");
  EXPECT_THROWS_WITH(SGD(a, {.dampening = nan}), ValueError, "SGD", "dampening");
  EXPECT_THROWS_WITH(SGD(a, {.nesterov = true}), ValueError, "SGD", "nesterov", "momentum");
  EXPECT_THROWS_WITH(SGD(a, {.momentum = 0.9, .dampening = 0.1, .nesterov = true}), ValueError, "nesterov",
                     "dampening");
  SGD(a, {.lr = 0, .momentum = 1, .dampening = 1});  // unwise, but allowed
  SGD(a, {.momentum = 0.5, .dampening = -0.5});
}

}  // namespace
}  // namespace rushlight::test
