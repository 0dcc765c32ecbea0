#include <cmath>
#include <limits>

#include "06_optimizers/sgd.hpp"
#include "07_training/schedule.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

constexpr double tight = 1e-15;

SGD make_optimizer(double lr) { return SGD(Tensors{Tensor(zeros({1}), true)}, {.lr = lr}); }

// The rates that an optimizer has at t = 0, 1, ...
std::vector<double> rates(Optimizer& optimizer, Schedule& schedule, int count) {
  std::vector<double> seen = {optimizer.lr()};
  while (static_cast<int>(seen.size()) < count) {
    schedule.step();
    seen.push_back(optimizer.lr());
    EXPECT_EQ(schedule.steps() + 1, static_cast<std::int64_t>(seen.size()));
  }
  return seen;
}

void expect_rates(const std::vector<double>& actual, const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t t = 0; t < expected.size(); ++t) EXPECT_NEAR(actual[t], expected[t], tight) << "at t = " << t;
}

TEST(Unit_07_2, StepLR) {
  SGD optimizer = make_optimizer(0.8);
  Schedule schedule = step_lr(optimizer, {.step_size = 3, .gamma = 0.5});
  expect_rates(rates(optimizer, schedule, 8), {0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2});
  EXPECT_EQ(StepLROptions().gamma, 0.1);
}

TEST(Unit_07_2, ExponentialLR) {
  SGD optimizer = make_optimizer(0.8);
  Schedule schedule = exponential_lr(optimizer, {.gamma = 0.5});
  expect_rates(rates(optimizer, schedule, 4), {0.8, 0.4, 0.2, 0.1});
}

TEST(Unit_07_2, CosineGolden) {
  const auto file = golden("optim.json")["cosine_annealing"];
  SGD optimizer = make_optimizer(file["lr"]);
  Schedule schedule = cosine_annealing_lr(optimizer, {.T_max = file["T_max"], .eta_min = file["eta_min"]});
  expect_rates(rates(optimizer, schedule, 6), file["lrs"].get<std::vector<double>>());
}

TEST(Unit_07_2, CosineByHand) {
  // base 1, eta_min 0.5, T_max 4: 0.75 + 0.25·cos(π·t/4), and up again after T_max
  SGD optimizer = make_optimizer(1);
  Schedule schedule = cosine_annealing_lr(optimizer, {.T_max = 4, .eta_min = 0.5});
  const double r = 0.25 * std::sqrt(0.5);
  expect_rates(rates(optimizer, schedule, 9), {1, 0.75 + r, 0.75, 0.75 - r, 0.5, 0.75 - r, 0.75, 0.75 + r, 1});
}

TEST(Unit_07_2, CosineRisesFromNothing) {  // a rate of 0 is one like any other
  SGD optimizer = make_optimizer(1);
  Schedule schedule = cosine_annealing_lr(optimizer, {.T_max = 2});
  expect_rates(rates(optimizer, schedule, 6), {1, 0.5, 0, 0.5, 1, 0.5});
}

TEST(Unit_07_2, WarmupThenConstant) {
  SGD optimizer = make_optimizer(0.8);
  Schedule schedule = linear_warmup(optimizer, {.warmup = 4, .start_factor = 0.5});
  expect_rates(rates(optimizer, schedule, 7), {0.4, 0.5, 0.6, 0.7, 0.8, 0.8, 0.8});
}

TEST(Unit_07_2, WarmupThenCosine) {
  SGD optimizer = make_optimizer(1);
  Schedule schedule = linear_warmup(optimizer, {.warmup = 2, .total = 6, .eta_min = 0.5});
  const double r = 0.25 * std::sqrt(0.5);
  expect_rates(rates(optimizer, schedule, 9), {0, 0.5, 1, 0.75 + r, 0.75, 0.75 - r, 0.5, 0.5, 0.5});
}

TEST(Unit_07_2, WithoutWarmupItIsTheCosine) {
  SGD optimizer = make_optimizer(1);
  Schedule schedule = linear_warmup(optimizer, {.total = 2});
  expect_rates(rates(optimizer, schedule, 4), {1, 0.5, 0, 0});
}

TEST(Unit_07_2, EveryGroupFromItsOwnBase) {
  SGD optimizer({{.parameters = {Tensor(zeros({1}), true)}, .options = {.lr = 1}},
                 {.parameters = {Tensor(zeros({1}), true)}, .options = {.lr = 8}}});
  Schedule schedule = step_lr(optimizer, {.step_size = 1, .gamma = 0.5});
  schedule.step();
  schedule.step();
  EXPECT_EQ(schedule.steps(), 2);
  EXPECT_EQ(optimizer.lr(0), 0.25);
  EXPECT_EQ(optimizer.lr(1), 2);
}

TEST(Unit_07_2, RatesAreAPureFunctionOfTime) {
  SGD optimizer = make_optimizer(1);
  const Schedule schedule = step_lr(optimizer, {.step_size = 10, .gamma = 0.5});
  EXPECT_EQ(schedule.lr_at(25, 8), 2);
  EXPECT_EQ(schedule.lr_at(9, 8), 8);
  EXPECT_EQ(optimizer.lr(), 1) << "asking changes nothing";
}

TEST(Unit_07_2, StateComesBack) {
  SGD one = make_optimizer(0.8);
  Schedule before = step_lr(one, {.step_size = 3, .gamma = 0.5});
  for (int t = 0; t < 5; ++t) before.step();
  const ScheduleState state = before.state_dict();
  EXPECT_EQ(state.schedule, "StepLR");
  EXPECT_EQ(state.steps, 5);
  EXPECT_EQ(state.base_lrs, std::vector<double>{0.8});

  SGD two = make_optimizer(123);
  Schedule after = step_lr(two, {.step_size = 3, .gamma = 0.5});
  after.load_state_dict(state);
  EXPECT_EQ(two.lr(), 123) << "the learning rates come with the optimizer's state";
  after.step();
  EXPECT_NEAR(two.lr(), 0.2, tight);
}

TEST(Unit_07_2, ThePlaceOfEveryGroupComesBackEvenOfAFrozenOne) {
  const auto two_groups = [](double first, double second) {
    return SGD({{.parameters = {Tensor(zeros({1}), true)}, .options = {.lr = first}},
                {.parameters = {Tensor(zeros({1}), true)}, .options = {.lr = second}}});
  };
  SGD one = two_groups(0, 8);
  Schedule before = step_lr(one, {.step_size = 1, .gamma = 0.5});
  before.step();
  SGD two = two_groups(3, 3);
  Schedule after = step_lr(two, {.step_size = 1, .gamma = 0.5});
  after.load_state_dict(before.state_dict());
  after.step();
  EXPECT_EQ(two.lr(0), 0);
  EXPECT_EQ(two.lr(1), 2);
}

TEST(Unit_07_2, StateThatDoesNotFit) {
  SGD optimizer = make_optimizer(1);
  Schedule schedule = step_lr(optimizer, {.step_size = 3});
  schedule.step();
  EXPECT_THROWS_WITH(schedule.load_state_dict({"ExponentialLR", 7, {1}}), ValueError, "StepLR", "ExponentialLR");
  EXPECT_THROWS_WITH(schedule.load_state_dict({"StepLR", 7, {1, 2}}), ValueError, "StepLR", "2 groups");
  EXPECT_THROWS_WITH(schedule.load_state_dict({"StepLR", -1, {1}}), ValueError, "StepLR", "-1");
  for (const double bad : {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    EXPECT_THROWS_WITH(schedule.load_state_dict({"StepLR", 7, {bad}}), ValueError, "StepLR", "base_lr");
  }
  EXPECT_EQ(schedule.steps(), 1) << "a refused state changes nothing";
  SGD pair({{.parameters = {Tensor(zeros({1}), true)}, .options = {.lr = 1}},
            {.parameters = {Tensor(zeros({1}), true)}, .options = {.lr = 8}}});
  Schedule both = step_lr(pair, {.step_size = 1, .gamma = 0.5});
  EXPECT_THROWS_WITH(both.load_state_dict({"StepLR", 7, {2, -1}}), ValueError, "StepLR", "base_lr");
  EXPECT_THROWS_WITH(both.load_state_dict({"StepLR", 7, {-1, 2}}), ValueError, "StepLR", "base_lr");
  both.step();
  EXPECT_EQ(pair.lr(0), 0.5);
  EXPECT_EQ(pair.lr(1), 4);
}

TEST(Unit_07_2, OptionsOutsideTheirDomain) {
  SGD o = make_optimizer(1);
  EXPECT_THROWS_WITH(step_lr(o, {.step_size = 0}), ValueError, "StepLR", "step_size", "0");
  EXPECT_THROWS_WITH(step_lr(o, {.step_size = 1, .gamma = 0}), ValueError, "StepLR", "gamma");
  EXPECT_THROWS_WITH(exponential_lr(o, {.gamma = std::nan("")}), ValueError, "ExponentialLR", "gamma", "nan");
  EXPECT_THROWS_WITH(cosine_annealing_lr(o, {.T_max = 0}), ValueError, "CosineAnnealingLR", "T_max");
  EXPECT_THROWS_WITH(cosine_annealing_lr(o, {.T_max = 1, .eta_min = -1}), ValueError, "CosineAnnealingLR", "eta_min");
  EXPECT_THROWS_WITH(linear_warmup(o, {.warmup = -1}), ValueError, "LinearWarmup", "warmup", "-1");
  EXPECT_THROWS_WITH(linear_warmup(o, {.warmup = 2, .start_factor = 1.5}), ValueError, "start_factor", "1.5");
  EXPECT_THROWS_WITH(linear_warmup(o, {.warmup = 2, .start_factor = std::nan("")}), ValueError, "start_factor");
  EXPECT_THROWS_WITH(linear_warmup(o, {.warmup = 5, .total = 5}), ValueError, "LinearWarmup", "total", "5");
  EXPECT_THROWS_WITH(linear_warmup(o, {.warmup = 1, .eta_min = -1}), ValueError, "LinearWarmup", "eta_min");
}

// Each option by itself, at and beyond the ends of its domain.
TEST(Unit_07_2, EachOptionHasItsDomain) {
  SGD o = make_optimizer(1);
  const double none = std::numeric_limits<double>::quiet_NaN(), endless = std::numeric_limits<double>::infinity();
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  for (const double bad : {0.0, -0.0, -0.5, none, endless, -endless}) {
    EXPECT_THROWS_WITH(step_lr(o, {.step_size = 1, .gamma = bad}), ValueError, "StepLR", "gamma");
    EXPECT_THROWS_WITH(exponential_lr(o, {.gamma = bad}), ValueError, "ExponentialLR", "gamma");
  }
  for (const double bad : {-5e-324, -1.0, none, endless, -endless}) {
    EXPECT_THROWS_WITH(cosine_annealing_lr(o, {.T_max = 1, .eta_min = bad}), ValueError, "CosineAnnealingLR",
                       "eta_min");
    EXPECT_THROWS_WITH(linear_warmup(o, {.warmup = 1, .eta_min = bad}), ValueError, "LinearWarmup", "eta_min");
    EXPECT_THROWS_WITH(linear_warmup(o, {.warmup = 1, .total = 5, .eta_min = bad}), ValueError, "eta_min");
    EXPECT_THROWS_WITH(linear_warmup(o, {.warmup = 2, .start_factor = bad}), ValueError, "LinearWarmup",
                       "start_factor");
  }
  for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-1}, least}) {
    EXPECT_THROWS_WITH(step_lr(o, {.step_size = bad}), ValueError, "StepLR", "step_size");
    EXPECT_THROWS_WITH(cosine_annealing_lr(o, {.T_max = bad}), ValueError, "CosineAnnealingLR", "T_max");
    if (bad != 0) EXPECT_THROWS_WITH(linear_warmup(o, {.warmup = bad}), ValueError, "LinearWarmup", "warmup");
    if (bad != 0) EXPECT_THROWS_WITH(linear_warmup(o, {.total = bad}), ValueError, "LinearWarmup", "total");
  }
  for (const std::int64_t bad : {least, std::int64_t{-5}, std::int64_t{-1}, std::int64_t{1}, std::int64_t{4}}) {
    EXPECT_THROWS_WITH(linear_warmup(o, {.warmup = 4, .total = bad}), ValueError, "LinearWarmup", "total");
  }
  EXPECT_EQ(o.lr(), 1) << "what was refused has not touched the optimizer";
  for (const std::int64_t good : {0, 5, 6}) linear_warmup(o, {.warmup = 4, .start_factor = 1, .total = good});
  linear_warmup(o, {.total = 1});
  EXPECT_EQ(o.lr(), 1);
}

}  // namespace
}  // namespace rushlight::test
