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

}  // namespace
}  // namespace rushlight::test
