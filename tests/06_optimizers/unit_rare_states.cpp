// States that are hard to come by: of an optimizer that has been stepped a million times, and with an array that is none.
#include "06_optimizers/oracle.hpp"

namespace rushlight::test {
namespace {

// As if it had been stepped so often already. A state is the only short way there.
template <class Optimizer>
void set_steps(Optimizer& optimizer, double steps) {
  OptimizerState state = optimizer.state_dict();
  state.numbers.at("0.step") = steps;
  optimizer.load_state_dict(state);
}

constexpr std::array<double, 8> counts = {1, 2, 9, 99, 999, 1000, 9999, 200000};

// m and v begin at 1 and 1, the gradient is 1, and so they stay: θ moves by what the corrections make of it.
template <class Optimizer, class Options>
void expect_corrected(const Options& options) {
  for (const double before : counts) {
    const Tensor a = leaf({}, {0});
    Optimizer optimizer({a}, options);
    step_with(optimizer, a, {0});
    OptimizerState state = optimizer.state_dict();
    for (auto& [name, array] : state.arrays) array = Array::scalar(1);
    state.numbers.at("0.step") = before;
    optimizer.load_state_dict(state);
    step_with(optimizer, a, {1});
    const double t = before + 1;
    const double m = 1 / (1 - std::pow(options.betas[0], t)), v = 1 / (1 - std::pow(options.betas[1], t));
    const double expected = -options.lr * m / (std::sqrt(v) + options.eps);
    EXPECT_TRUE(near(a.value(), Shape(), {expected}, {double_precision ? 1e-9 : 1e-6, 0})) << "step " << t;
  }
}

TEST(Unit_06_4, TheCorrectionsNeverEnd) {
  expect_corrected<Adam>(AdamOptions{.lr = 1});
  expect_corrected<Adam>(AdamOptions{.lr = 1, .betas = {0.9999, 0.99999}, .eps = 0.5});
}

TEST(Unit_06_5, TheCorrectionsNeverEnd) {
  expect_corrected<AdamW>(AdamWOptions{.lr = 1, .weight_decay = 0});
  expect_corrected<AdamW>(AdamWOptions{.lr = 1, .betas = {0.9999, 0.99999}, .eps = 0.5});
}

TEST(Unit_06_2, DampeningSparesNoLaterStep) {  // b = 0.5·4 + 0.75·1, at step 2 as at any other
  for (const double before : counts) {
    const Tensor a = leaf({}, {0});
    SGD optimizer({a}, {.lr = 1, .momentum = 0.5, .dampening = 0.25});
    step_with(optimizer, a, {4});
    set_steps(optimizer, before);
    step_with(optimizer, a, {1});
    EXPECT_TRUE(near(a.value(), Shape(), {-4 - 2.75}, exactly)) << "step " << before + 1;
  }
}

// A double tells all whole numbers up to 2^53 apart, a float up to 2^24.
TEST(Unit_06_6, NoCountIsRounded) {
  for (const std::int64_t steps : {(1LL << 24) + 1, (1LL << 31) + 1, (1LL << 32) + 3, (1LL << 53) - 1}) {
    const Tensor a = leaf({1}, {1});
    SGD optimizer({a}, {.momentum = 0.5});
    step_with(optimizer, a, {1});
    set_steps(optimizer, static_cast<double>(steps));
    EXPECT_EQ(static_cast<std::int64_t>(optimizer.state_dict().numbers.at("0.step")), steps);
    step_with(optimizer, a, {1});
    EXPECT_EQ(static_cast<std::int64_t>(optimizer.state_dict().numbers.at("0.step")), steps + 1);
  }
}

TEST(Unit_06_6, AnUndefinedArrayIsNone) {  // its shape is that of a single number
  const Tensor a = leaf({}, {1});
  Adam optimizer({a});
  step_with(optimizer, a, {1});
  OptimizerState bad = optimizer.state_dict();
  bad.arrays.at("0.exp_avg") = Array();
  EXPECT_THROWS_WITH(optimizer.load_state_dict(bad), ValueError, "0.exp_avg");
  step_with(optimizer, a, {1});
  EXPECT_EQ(optimizer.state_dict().numbers.at("0.step"), 2);
}

}  // namespace
}  // namespace rushlight::test
