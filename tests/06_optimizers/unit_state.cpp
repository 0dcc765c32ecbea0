// 06.6: an optimizer that is saved and restored goes on as if nothing had happened, bit for bit.
#include <limits>
#include <tuple>

#include "06_optimizers/oracle.hpp"

namespace rushlight::test {
namespace {

using Keys = std::vector<std::string>;

template <class Map>
Keys keys_of(const Map& map) {
  Keys keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

Tensors two_parameters() { return {Tensor(randn({2, 3}, 1), true), Tensor(randn({4}, 2), true)}; }

void step_seeded(Optimizer& optimizer, const Tensors& parameters, std::uint64_t seed) {
  for (Tensor parameter : parameters) parameter.set_grad(randn(parameter.shape(), seed++));
  optimizer.step();
}

// Five steps in one go, against two steps, a save, three steps of a fresh optimizer that loaded the save.
template <class Kind, class Options>
void expect_continues(const Options& options) {
  const Tensors straight = two_parameters();
  Kind one({{.parameters = {straight[0]}, .options = options}, {.parameters = {straight[1]}, .options = options}});
  one.set_lr(1, 0.03125);
  for (std::uint64_t t = 0; t < 5; ++t) step_seeded(one, straight, 10 * t);

  const Tensors before = two_parameters();
  Kind first({{.parameters = {before[0]}, .options = options}, {.parameters = {before[1]}, .options = options}});
  first.set_lr(1, 0.03125);
  for (std::uint64_t t = 0; t < 2; ++t) step_seeded(first, before, 10 * t);
  const OptimizerState saved = first.state_dict();

  const Tensors after = {Tensor(before[0].value().clone(), true), Tensor(before[1].value().clone(), true)};
  Kind second({{.parameters = {after[0]}, .options = options}, {.parameters = {after[1]}, .options = options}});
  second.load_state_dict(saved);
  EXPECT_EQ(second.lr(1), 0.03125) << "the learning rate of group 1 comes with the state";
  step_seeded(first, before, 1000);  // what the first one does afterwards must not matter
  for (std::uint64_t t = 2; t < 5; ++t) step_seeded(second, after, 10 * t);
  EXPECT_TRUE(same_bits(after[0].value(), straight[0].value()));
  EXPECT_TRUE(same_bits(after[1].value(), straight[1].value()));
}

TEST(Unit_06_6, ResumedRunEqualsUninterruptedRun) {
  expect_continues<SGD>(SGDOptions{.lr = 0.1, .momentum = 0.9, .dampening = 0.25});
  expect_continues<RMSprop>(RMSpropOptions{.lr = 0.1, .momentum = 0.9, .centered = true});
  expect_continues<Adam>(AdamOptions{.lr = 0.1, .weight_decay = 0.1});
  expect_continues<AdamW>(AdamWOptions{.lr = 0.1});
}

TEST(Unit_06_6, NamesOfTheParts) {
  const Tensors p = two_parameters();
  SGD optimizer({{.parameters = {p[0]}, .options = {.lr = 0.5, .momentum = 0.75}},
                 {.parameters = {p[1]}, .options = {.lr = 0.25}}});
  step_seeded(optimizer, p, 5);
  const OptimizerState state = optimizer.state_dict();
  EXPECT_EQ(state.optimizer, "SGD");
  EXPECT_EQ(keys_of(state.arrays), Keys{"0.momentum_buffer"}) << "group 1 has no momentum";
  EXPECT_TRUE(near(state.arrays.at("0.momentum_buffer"), p[0].grad(), exactly));
  const Keys numbers = {"0.step",
                        "1.step",
                        "groups.0.dampening",
                        "groups.0.lr",
                        "groups.0.momentum",
                        "groups.0.nesterov",
                        "groups.0.size",
                        "groups.0.weight_decay",
                        "groups.1.dampening",
                        "groups.1.lr",
                        "groups.1.momentum",
                        "groups.1.nesterov",
                        "groups.1.size",
                        "groups.1.weight_decay"};
  EXPECT_EQ(keys_of(state.numbers), numbers);
  EXPECT_EQ(state.numbers.at("0.step"), 1);
  EXPECT_EQ(state.numbers.at("groups.0.lr"), 0.5);
  EXPECT_EQ(state.numbers.at("groups.0.momentum"), 0.75);
  EXPECT_EQ(state.numbers.at("groups.1.size"), 1);
}

TEST(Unit_06_6, ParametersAreNumberedThroughTheGroups) {
  const Tensors p = two_parameters();
  const Tensor third = leaf({1}, {1});
  Adam optimizer({{.parameters = p, .options = {}}, {.parameters = {third}, .options = {}}});
  step_with(optimizer, third, {1});  // the others have no gradient: no arrays, step 0
  const OptimizerState state = optimizer.state_dict();
  EXPECT_EQ(keys_of(state.arrays), (Keys{"2.exp_avg", "2.exp_avg_sq"}));
  EXPECT_EQ(state.numbers.at("1.step"), 0);
  EXPECT_EQ(state.numbers.at("2.step"), 1);
  EXPECT_EQ(state.numbers.at("groups.0.size"), 2);
  EXPECT_EQ(state.numbers.at("groups.1.beta2"), 0.999);
}

TEST(Unit_06_6, StateIsACopyBothWays) {
  const Tensors p = two_parameters();
  Adam optimizer(p);
  step_seeded(optimizer, p, 1);
  const OptimizerState saved = optimizer.state_dict();
  const Array kept = saved.arrays.at("0.exp_avg").clone();
  step_seeded(optimizer, p, 2);
  EXPECT_TRUE(same_bits(saved.arrays.at("0.exp_avg"), kept)) << "step() changed a state that was saved before it";
  optimizer.load_state_dict(saved);
  step_seeded(optimizer, p, 3);
  EXPECT_TRUE(same_bits(saved.arrays.at("0.exp_avg"), kept)) << "step() changed a state that was loaded before it";
}

TEST(Unit_06_6, LoadingForgetsWhatWasThere) {
  const Tensors p = two_parameters();
  Adam optimizer(p);
  const OptimizerState fresh = optimizer.state_dict();
  step_seeded(optimizer, p, 1);
  optimizer.load_state_dict(fresh);
  EXPECT_TRUE(optimizer.state_dict().arrays.empty());
  EXPECT_EQ(optimizer.state_dict().numbers.at("0.step"), 0);
  step_seeded(optimizer, p, 1);
  EXPECT_EQ(optimizer.state_dict().numbers.at("0.step"), 1);
}

TEST(Unit_06_6, OptionsComeBackSwitchesToo) {
  const Tensors p = two_parameters();
  SGD saved(p, {.lr = 0.5, .momentum = 0.75, .weight_decay = 0.125, .nesterov = true});
  SGD other(p, {.lr = 1, .momentum = 0.5});
  other.load_state_dict(saved.state_dict());
  EXPECT_EQ(other.lr(), 0.5);
  EXPECT_EQ(other.options().momentum, 0.75);
  EXPECT_EQ(other.options().weight_decay, 0.125);
  EXPECT_TRUE(other.options().nesterov);
}

// Every entry of the state, and the next step, must be as if the refused load had not been tried.
void expect_refused(Adam& optimizer, const OptimizerState& bad, const Keys& pieces) {
  const OptimizerState before = optimizer.state_dict();
  try {
    optimizer.load_state_dict(bad);
    ADD_FAILURE() << "a state that does not fit was accepted";
  } catch (const ValueError& error) {
    for (const std::string& piece : pieces) {
      EXPECT_NE(std::string(error.what()).find(piece), std::string::npos)
          << "the message should mention '" << piece << "' but is: " << error.what();
    }
  }
  const OptimizerState after = optimizer.state_dict();
  EXPECT_EQ(after.numbers, before.numbers);
  EXPECT_EQ(keys_of(after.arrays), keys_of(before.arrays));
  for (const auto& [name, array] : before.arrays) EXPECT_TRUE(same_bits(after.arrays.at(name), array)) << name;
}

TEST(Unit_06_6, WhatDoesNotFitIsRefusedAndChangesNothing) {
  const Tensors p = two_parameters();
  Adam optimizer(p, {.lr = 0.5});
  step_seeded(optimizer, p, 1);
  const OptimizerState good = optimizer.state_dict();
  step_seeded(optimizer, p, 2);

  OptimizerState bad = good;
  bad.arrays["1.exp_avg_sq"] = zeros({5});
  bad.numbers["groups.0.lr"] = 99;
  expect_refused(optimizer, bad, {"Adam", "1.exp_avg_sq", "(5,)", "(4,)"});

  bad = good;
  bad.arrays.erase("0.exp_avg");
  bad.numbers.erase("groups.0.beta1");
  expect_refused(optimizer, bad, {"missing", "0.exp_avg", "(2, 3)", "groups.0.beta1"});

  bad = good;
  bad.arrays["2.exp_avg"] = zeros({1});
  expect_refused(optimizer, bad, {"unexpected", "2.exp_avg"});

  bad = good;
  bad.numbers["groups.0.size"] = 3;
  expect_refused(optimizer, bad, {"groups.0.size", "3", "2"});

  bad = good;
  bad.numbers["groups.1.lr"] = 1;
  expect_refused(optimizer, bad, {"unexpected", "groups.1.lr"});

  bad = good;
  bad.arrays["0.step"] = zeros({1});
  bad.numbers["0.exp_avg"] = 1;
  expect_refused(optimizer, bad, {"unexpected", "0.step", "0.exp_avg"});

  bad = good;
  bad.optimizer = "AdamW";
  expect_refused(optimizer, bad, {"AdamW", "Adam"});

  optimizer.load_state_dict(good);  // the state itself is fine
}

// A file may hold anything: a step that no counter can hold, options that the constructor would refuse.
TEST(Unit_06_6, NumbersThatNoRunCouldHaveSavedAreRefused) {
  const Tensors p = two_parameters();
  Adam optimizer({{.parameters = {p[0]}, .options = {}}, {.parameters = {p[1]}, .options = {.lr = 0.25}}});
  step_seeded(optimizer, p, 1);
  const OptimizerState good = optimizer.state_dict();
  step_seeded(optimizer, p, 2);
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
  const std::vector<std::tuple<std::string, double, std::string>> bad_numbers = {
      {"0.step", 1e300, "0.step"},    {"1.step", -5, "1.step"},
      {"1.step", 0.5, "1.step"},      {"0.step", nan, "0.step"},
      {"0.step", infinite, "0.step"}, {"groups.0.lr", nan, "lr"},
      {"groups.1.lr", -1, "lr"},      {"groups.1.lr", infinite, "lr"},
      {"groups.1.beta1", 1, "beta1"}, {"groups.0.beta2", -0.5, "beta2"},
      {"groups.1.eps", -1, "eps"},    {"groups.0.weight_decay", nan, "weight_decay"}};
  for (const auto& [key, value, named] : bad_numbers) {
    OptimizerState bad = good;
    for (const char* fits : {"groups.0.lr", "groups.0.eps", "groups.1.weight_decay"}) bad.numbers.at(fits) = 0.125;
    bad.numbers.at(key) = value;
    expect_refused(optimizer, bad, {"Adam", named});
  }
  // A parameter that was never stepped has no arrays: it must not be believed that it was.
  Adam fresh(p);
  OptimizerState bad = fresh.state_dict();
  bad.numbers.at("0.step") = 3;
  expect_refused(fresh, bad, {"missing", "0.exp_avg"});
}

TEST(Unit_06_6, OptionsThatNeedOtherArraysAreRefused) {
  const Tensors p = two_parameters();
  SGD plain(p), heavy(p, {.momentum = 0.9});
  OptimizerState bad = plain.state_dict();
  bad.numbers.at("groups.0.momentum") = 0.9;
  EXPECT_THROWS_WITH(plain.load_state_dict(bad), ValueError, "SGD");
  EXPECT_EQ(plain.options().momentum, 0);
  step_seeded(plain, p, 1);
  bad = plain.state_dict();
  bad.numbers.at("groups.0.momentum") = 0.9;
  EXPECT_THROWS_WITH(plain.load_state_dict(bad), ValueError, "SGD");
  step_seeded(plain, p, 2);  // would look for a velocity that is not there
  bad = heavy.state_dict();
  bad.numbers.at("groups.0.nesterov") = 0.5;
  EXPECT_THROWS_WITH(heavy.load_state_dict(bad), ValueError, "nesterov", "0.5");
  bad.numbers.at("groups.0.nesterov") = 1;
  bad.numbers.at("groups.0.dampening") = 0.5;
  EXPECT_THROWS_WITH(heavy.load_state_dict(bad), ValueError, "nesterov", "dampening");
  EXPECT_FALSE(heavy.options().nesterov);
}

TEST(Unit_06_6, AStateOfOtherSwitchesIsRefused) {
  const Tensors p = two_parameters();
  SGD plain(p), heavy(p, {.momentum = 0.9});
  step_seeded(plain, p, 1);
  step_seeded(heavy, p, 1);
  EXPECT_THROWS_WITH(plain.load_state_dict(heavy.state_dict()), ValueError, "unexpected", "0.momentum_buffer");
  EXPECT_THROWS_WITH(heavy.load_state_dict(plain.state_dict()), ValueError, "missing", "0.momentum_buffer");
}

}  // namespace
}  // namespace rushlight::test
