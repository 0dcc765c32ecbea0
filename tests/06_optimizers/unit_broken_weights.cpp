// What a weight that is infinite or NaN may spoil, and what not.
#include <cmath>
#include <limits>

#include "06_optimizers/oracle.hpp"

namespace rushlight::test {
namespace {

// Weights ∞, -∞, NaN and 2 under gradients of 1. 0·∞ is NaN: whoever adds λθ with λ = 0 makes NaN of the first two, and of
// what is remembered about the first three.
template <class Optimizer, class Options>
void expect_no_decay_is_none(const Options& options) {
  const Real far = std::numeric_limits<Real>::infinity(), broken = std::numeric_limits<Real>::quiet_NaN();
  const Tensor a = leaf({4}, {far, -far, broken, 2});
  Optimizer optimizer({a}, options);
  step_with(optimizer, a, {1, 1, 1, 1});
  step_with(optimizer, a, {1, 1, 1, 1});
  const std::vector<double> now = to_doubles(a.value().cpu());
  EXPECT_EQ(now[0], far);
  EXPECT_EQ(now[1], -far);
  EXPECT_TRUE(std::isnan(now[2]));
  EXPECT_LT(now[3], 2);
  for (const auto& [name, array] : optimizer.state_dict().arrays) {
    for (const double each : to_doubles(array.cpu())) EXPECT_TRUE(std::isfinite(each)) << name << " holds " << each;
  }
}

TEST(Unit_06_2, NoDecayLeavesABrokenWeightAlone) {
  expect_no_decay_is_none<SGD>(SGDOptions{.lr = 0.5});
  expect_no_decay_is_none<SGD>(SGDOptions{.lr = 0.5, .momentum = 0.5});
  expect_no_decay_is_none<SGD>(SGDOptions{.lr = 0.5, .momentum = 0.5, .nesterov = true});
}

TEST(Unit_06_3, NoDecayLeavesABrokenWeightAlone) {
  expect_no_decay_is_none<RMSprop>(RMSpropOptions{.eps = 1});
  expect_no_decay_is_none<RMSprop>(RMSpropOptions{.eps = 1, .momentum = 0.5, .centered = true});
}

TEST(Unit_06_4, NoDecayLeavesABrokenWeightAlone) { expect_no_decay_is_none<Adam>(AdamOptions{.lr = 0.5}); }

TEST(Unit_06_5, NoDecayLeavesABrokenWeightAlone) {
  expect_no_decay_is_none<AdamW>(AdamWOptions{.lr = 0.5, .weight_decay = 0});
}

TEST(Unit_06_5, DecayDoesNotReachWhatIsRemembered) {  // θ is infinite, and g is not
  const Tensor a = leaf({1}, {std::numeric_limits<Real>::infinity()});
  AdamW optimizer({a}, {.lr = 0.5, .weight_decay = 0.5});
  step_with(optimizer, a, {1});
  for (const auto& [name, array] : optimizer.state_dict().arrays) {
    EXPECT_TRUE(std::isfinite(array.cpu().data()[0])) << name;
  }
}

// What the formula makes of a gradient that is not finite is remembered as it is: a reset would hide it. Its neighbour
// does not notice.
template <class Optimizer, class Options>
void expect_remembered(const Options& options) {
  for (const Real bad : {std::numeric_limits<Real>::infinity(), std::numeric_limits<Real>::quiet_NaN()}) {
    const Tensor a = leaf({2}, {1, 2}), healthy = leaf({1}, {2});
    Optimizer optimizer({a, healthy}, options);
    for (const Real each : {bad, Real{1}}) {
      Tensor(healthy).set_grad(Array({1}, {0.5}));
      step_with(optimizer, a, {each, 0.5});
    }
    EXPECT_FALSE(std::isfinite(to_doubles(a.value().cpu())[0]));
    EXPECT_EQ(to_doubles(a.value().cpu())[1], to_doubles(healthy.value().cpu())[0]);
    const OptimizerState state = optimizer.state_dict();
    for (const auto& [name, array] : state.arrays) {
      if (name[0] != '0') continue;
      const std::vector<double> numbers = to_doubles(array.cpu());
      EXPECT_FALSE(std::isfinite(numbers[0])) << name << " holds " << numbers[0] << " after " << bad;
      EXPECT_EQ(numbers[1], to_doubles(state.arrays.at("1" + name.substr(1)).cpu())[0]) << name;
    }
  }
}

TEST(Unit_06_2, ABrokenGradientIsRemembered) { expect_remembered<SGD>(SGDOptions{.momentum = 0.5}); }

TEST(Unit_06_3, ABrokenGradientIsRemembered) { expect_remembered<RMSprop>(RMSpropOptions{}); }

TEST(Unit_06_4, ABrokenGradientIsRemembered) { expect_remembered<Adam>(AdamOptions{}); }

TEST(Unit_06_5, ABrokenGradientIsRemembered) { expect_remembered<AdamW>(AdamWOptions{}); }

}  // namespace
}  // namespace rushlight::test
