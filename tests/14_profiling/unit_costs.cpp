// 14.2: FLOPs and bytes of every op, against counts that were made by hand.
#include <map>
#include <set>

#include "helpers.hpp"

namespace rushlight::test {
namespace {

constexpr std::int64_t unknown = -1;

struct HandCount {
  std::string op;
  Shapes inputs;
  Shape output;
  Save save;
  std::int64_t flops, rule_flops;      // with every gradient wanted
  std::int64_t numbers, rule_numbers;  // that travel
};

// Counted on paper, mostly for 2 rows of 3.
const std::vector<HandCount>& hand_counts() {
  static const std::vector<HandCount> counts{
      {"matmul", {{2, 3}, {3, 4}}, {2, 4}, Save::inputs, 48, 96, 26, 44},
      {"linear", {{2, 3}, {4, 3}, {4}}, {2, 4}, Save::inputs, 56, 104, 30, 52},
      {"conv2d", {{1, 2, 4, 4}, {3, 2, 3, 3}, {3}}, {1, 3, 2, 2}, Save::inputs, 444, 876, 101, 190},
      {"attention", {{1, 2, 3, 4}, {1, 1, 3, 4}, {1, 1, 3, 4}}, {1, 2, 3, 4}, Save::all, 396, 666, 72, 144},
      {"add", {{2, 3}, {3}}, {2, 3}, Save::nothing, 6, 0, 15, 15},
      {"sub", {{2, 3}, {3}}, {2, 3}, Save::nothing, 6, 6, 15, 15},
      {"mul", {{2, 3}, {3}}, {2, 3}, Save::inputs, 6, 12, 15, 24},
      {"div", {{2, 3}, {3}}, {2, 3}, Save::inputs, 6, 30, 15, 24},
      {"neg", {{2, 3}}, {2, 3}, Save::nothing, 6, 6, 12, 12},
      {"exp", {{2, 3}}, {2, 3}, Save::output, 6, 6, 12, 18},
      {"log", {{2, 3}}, {2, 3}, Save::inputs, 6, 6, 12, 18},
      {"sqrt", {{2, 3}}, {2, 3}, Save::output, 6, 12, 12, 18},
      {"abs", {{2, 3}}, {2, 3}, Save::inputs, 6, 12, 12, 18},
      {"pow", {{2, 3}}, {2, 3}, Save::inputs, 6, 18, 12, 18},
      {"pow_tensor", {{2, 3}, {3}}, {2, 3}, Save::all, 6, 36, 15, 30},
      {"maximum", {{2, 3}, {3}}, {2, 3}, Save::inputs, 6, 24, 15, 24},
      {"minimum", {{2, 3}, {3}}, {2, 3}, Save::inputs, 6, 24, 15, 24},
      {"where", {{2, 3}, {3}}, {2, 3}, Save::nothing, 0, 0, 15, 15},
      {"sum", {{2, 3}}, {3}, Save::nothing, 6, 0, 9, 9},
      {"mean", {{2, 3}}, {3}, Save::nothing, 6, 0, 9, 9},
      {"max", {{2, 3}}, {3}, Save::all, 6, 12, 9, 18},
      {"cumsum", {{2, 3}}, {2, 3}, Save::nothing, 6, 6, 12, 12},
      {"logsumexp", {{2, 3}}, {2}, Save::inputs, 24, 18, 8, 14},
      {"relu", {{2, 3}}, {2, 3}, Save::output, 6, 6, 12, 18},
      {"leaky_relu", {{2, 3}}, {2, 3}, Save::inputs, 12, 12, 12, 18},
      {"sigmoid", {{2, 3}}, {2, 3}, Save::output, 24, 18, 12, 18},
      {"tanh", {{2, 3}}, {2, 3}, Save::output, 6, 18, 12, 18},
      {"silu", {{2, 3}}, {2, 3}, Save::inputs, 30, 54, 12, 18},
      {"gelu", {{2, 3}}, {2, 3}, Save::inputs, 54, 108, 12, 18},
      {"softmax", {{2, 3}}, {2, 3}, Save::output, 30, 24, 12, 18},
      {"masked_softmax", {{2, 3}}, {2, 3}, Save::output, 30, 24, 12, 18},
      {"log_softmax", {{2, 3}}, {2, 3}, Save::output, 30, 24, 12, 18},
      {"dropout", {{2, 3}}, {2, 3}, Save::nothing, 6, 6, 12, 12},
      {"fake_quantize", {{2, 3}}, {2, 3}, Save::nothing, 42, 6, 12, 12},
      {"layer_norm", {{2, 3}, {3}, {3}}, {2, 3}, Save::inputs, 42, 78, 18, 30},
      {"batch_norm", {{2, 3}, {3}, {3}}, {2, 3}, Save::inputs, 24, 78, 18, 30},
      {"mse_loss", {{2, 3}, {2, 3}}, {2, 3}, Save::inputs, 12, 24, 18, 30},
      {"huber_loss", {{2, 3}, {2, 3}}, {2, 3}, Save::inputs, 36, 30, 18, 30},
      {"bce_loss", {{2, 3}, {2, 3}}, {2, 3}, Save::inputs, 48, 60, 18, 30},
      {"bce_with_logits_loss", {{2, 3}, {2, 3}}, {2, 3}, Save::inputs, 54, 48, 18, 30},
      {"nll_loss", {{2, 3}}, {2}, Save::nothing, 2, 2, 8, 8},
      {"cross_entropy", {{2, 3}}, {2}, Save::inputs, 24, 18, 8, 14},
      {"reshape", {{2, 3}}, {6}, Save::nothing, 0, 0, 0, 0},
      {"hook", {{2, 3}}, {2, 3}, Save::nothing, 0, 0, 0, 0},
      {"permute", {{2, 3}}, {3, 2}, Save::nothing, 0, 0, 12, 12},
      {"transpose", {{2, 3}}, {3, 2}, Save::nothing, 0, 0, 12, 12},
      {"broadcast_to", {{3}}, {2, 3}, Save::nothing, 0, 0, 9, 9},
      {"concat", {{2, 3}, {2, 1}}, {2, 4}, Save::nothing, 0, 0, 16, 16},
      {"slice", {{2, 3}}, {2, 2}, Save::nothing, 0, 0, 8, 10},
      {"take", {{5, 3}}, {2, 3}, Save::nothing, 0, 6, 12, 21},
      {"gather", {{2, 3}}, {2, 2}, Save::nothing, 0, 4, 8, 10},
      {"embedding", {{5, 3}}, {2, 3}, Save::nothing, 0, 6, 12, 21},
      {"rotary", {{2, 4}}, {2, 4}, Save::nothing, 24, 24, 16, 16},
      {"copy_to_ranks", {{2, 3}}, {2, 3}, Save::nothing, unknown, unknown, 12, 12},
      {"sum_over_ranks", {{2, 3}}, {2, 3}, Save::nothing, unknown, unknown, 12, 12},
      {"quantized_linear", {{2, 3}}, {2, 4}, Save::nothing, unknown, unknown, 14, 14},
      {"max_pool2d", {{1, 1, 4, 4}}, {1, 1, 2, 2}, Save::nothing, unknown, unknown, 20, 20},
      {"avg_pool2d", {{1, 1, 4, 4}}, {1, 1, 2, 2}, Save::nothing, unknown, unknown, 20, 20},
      {"adaptive_avg_pool2d", {{1, 1, 4, 4}}, {1, 1, 2, 2}, Save::nothing, unknown, unknown, 20, 20},
  };
  return counts;
}

std::optional<std::int64_t> known(std::int64_t count) {
  return count == unknown ? std::optional<std::int64_t>() : std::optional(count);
}

std::string shown(std::optional<std::int64_t> count) { return count ? std::to_string(*count) : "unknown"; }

TEST(Unit_14_2, EveryOpOfTheTableAgreesWithACountByHand) {
  std::set<std::string> counted;
  for (const HandCount& hand : hand_counts()) {
    counted.insert(hand.op);
    const Cost there = cost_of(forward(hand.op, hand.inputs, hand.output));
    const Cost back =
        cost_of(backward(hand.op, hand.inputs, hand.output, std::vector<bool>(hand.inputs.size(), true), hand.save));
    EXPECT_EQ(shown(there.flops), shown(known(hand.flops))) << hand.op << ", FLOPs forward";
    EXPECT_EQ(shown(back.flops), shown(known(hand.rule_flops))) << hand.op << ", FLOPs backward";
    EXPECT_EQ(shown(there.bytes), shown(hand.numbers * real_bytes)) << hand.op << ", bytes forward";
    EXPECT_EQ(shown(back.bytes), shown(hand.rule_numbers * real_bytes)) << hand.op << ", bytes backward";
  }
  for (const CostRule& rule : cost_table())
    EXPECT_EQ(counted.count(std::string(rule.op)), 1U) << rule.op << ": nobody counted it by hand";
  EXPECT_EQ(counted.size(), cost_table().size());
}

TEST(Unit_14_2, AnOpWithoutARuleIsUnknownAndNotFree) {
  EXPECT_EQ(find_rule("cube"), nullptr);
  const Cost cost = cost_of(forward("cube", {{2}}, {2}));
  EXPECT_FALSE(cost.flops.has_value());
  EXPECT_FALSE(cost.bytes.has_value());
}

TEST(Unit_14_2, OneListIsEnoughToBeKnown) {
  const CostRule only_forward{.op = "there", .forward = {2}}, only_backward{.op = "back", .backward = {3}};
  EXPECT_EQ(flops_of(only_forward, forward("there", {{5}}, {5})), 10);
  EXPECT_EQ(flops_of(only_forward, backward("there", {{5}}, {5}, {true})), 0);
  EXPECT_EQ(flops_of(only_backward, forward("back", {{5}}, {5})), 0);
  EXPECT_EQ(flops_of(only_backward, backward("back", {{5}}, {5}, {true})), 15);
}

TEST(Unit_14_2, ARuleIsFoundByItsWholeName) {
  ASSERT_NE(find_rule("max"), nullptr);
  EXPECT_EQ(find_rule("max")->op, "max");
  EXPECT_EQ(find_rule("soft"), nullptr);
  EXPECT_EQ(find_rule(""), nullptr);
}

TEST(Unit_14_2, ANameIsItsText) {  // not the place where it stands
  char name[] = "exp";
  EXPECT_EQ(cost_of(forward(name, {{2, 3}}, {2, 3})).flops, 6);
  std::copy_n("abs", 3, name);
  ASSERT_NE(find_rule(name), nullptr);
  EXPECT_EQ(find_rule(name)->op, "abs");
  std::copy_n("???", 3, name);
  EXPECT_EQ(find_rule(name), nullptr);
  const std::string_view whole = "max_pool2d";
  EXPECT_EQ(find_rule(whole)->op, whole);
  EXPECT_EQ(find_rule(whole.substr(0, 3))->op, "max");
  EXPECT_EQ(find_rule(whole.substr(0, 4)), nullptr);
}

TEST(Unit_14_2, AnOpThatOnlyMovesIsKnownToComputeNothing) {
  const Cost cost = cost_of(forward("permute", {{2, 3}}, {3, 2}));
  ASSERT_TRUE(cost.flops.has_value());
  EXPECT_EQ(*cost.flops, 0);
  EXPECT_EQ(cost_of(forward("reshape", {{2, 3}}, {6})).bytes, 0) << "nothing is moved either";
}

TEST(Unit_14_2, GradientsThatNobodyWantsCostNothing) {
  EXPECT_EQ(cost_of(backward("mul", {{2, 3}, {2, 3}}, {2, 3}, {true, false})).flops, 6);
  EXPECT_EQ(cost_of(backward("div", {{2, 3}, {2, 3}}, {2, 3}, {false, true})).flops, 24);
  EXPECT_EQ(cost_of(backward("div", {{2, 3}, {2, 3}}, {2, 3}, {true, false})).flops, 6);
  EXPECT_EQ(cost_of(backward("layer_norm", {{2, 3}, {3}, {3}}, {2, 3}, {true, false, false})).flops, 54);
}

TEST(Unit_14_2, BytesBackwardDependOnWhatWasSavedAndWanted) {
  const Shapes inputs{{2, 3}, {3}};
  const auto bytes = [&](std::vector<bool> needs, Save save) {
    return *cost_of(backward("mul", inputs, {2, 3}, std::move(needs), save)).bytes / real_bytes;
  };
  EXPECT_EQ(bytes({false, true}, Save::nothing), 6 + 3);
  EXPECT_EQ(bytes({true, false}, Save::inputs), 6 + 9 + 6);
  EXPECT_EQ(bytes({true, true}, Save::output), 6 + 6 + 9);
  EXPECT_EQ(bytes({true, true}, Save::all), 6 + 6 + 9 + 9);
}

TEST(Unit_14_2, AnOpMayHaveMoreInputsThanItsRuleHasNumbers) {
  EXPECT_EQ(cost_of(forward("concat", {{2, 1}, {2, 1}, {2, 1}}, {2, 3})).flops, 0);
  EXPECT_EQ(*cost_of(forward("concat", {{2, 1}, {2, 1}, {2, 1}}, {2, 3})).bytes, 12 * real_bytes);
  EXPECT_EQ(cost_of(forward("layer_norm", {{2, 3}}, {2, 3})).flops, 30) << "without weight and bias";
}

TEST(Unit_14_2, WhatTheListsDoNotNameAddsNothing) {
  const CostRule of_output{.op = "own", .forward = {2, 3}, .backward = {5}};
  const CostRule of_input{.op = "own", .measure = Measure::input, .forward = {2}, .backward = {5, 7}};
  const Shapes inputs{{4, 6}, {4}, {4}};
  EXPECT_EQ(flops_of(of_output, forward("own", inputs, {4})), 4 * (2 + 3));
  EXPECT_EQ(flops_of(of_output, forward("own", {inputs[0]}, {4})), 4 * 2) << "an input that is not there";
  EXPECT_EQ(flops_of(of_output, backward("own", inputs, {4}, {true, true, true})), 4 * 5);
  EXPECT_EQ(flops_of(of_output, backward("own", inputs, {4}, {false, true, true})), 0);
  EXPECT_EQ(flops_of(of_input, forward("own", inputs, {4})), 24 * 2);
  EXPECT_EQ(flops_of(of_input, backward("own", inputs, {4}, {true, true, true})), 24 * (5 + 7));
  EXPECT_EQ(flops_of(of_input, backward("own", inputs, {4}, {false, true, true})), 24 * 7);
}

TEST(Unit_14_2, SomeOpsAreMeasuredByWhatTheyRead) {
  EXPECT_EQ(cost_of(forward("sum", {{100, 3}}, {})).flops, 300);
  EXPECT_EQ(cost_of(forward("cross_entropy", {{5, 100}}, {5})).flops, 4 * 500);
}

TEST(Unit_14_2, CountsGoBeyond32Bits) {
  const Shape large{65536, 65536};
  const Cost forth = cost_of(forward("add", {large, large}, large));
  EXPECT_EQ(forth.flops, large.numel());
  EXPECT_EQ(forth.bytes, 3 * large.numel() * real_bytes);
  const Cost back = cost_of(backward("exp", {large}, large, {true}, Save::output));
  EXPECT_EQ(back.flops, large.numel());
  EXPECT_EQ(back.bytes, 3 * large.numel() * real_bytes);
}

}  // namespace
}  // namespace rushlight::test
