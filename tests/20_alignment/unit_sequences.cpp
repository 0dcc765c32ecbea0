// What counts, what must leave no trace, and how likely the next tokens are.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

const Mask some = truth({2, 3}, {1, 0, 1, 0, 0, 1});
const Mask none = truth({2, 3}, {0, 0, 0, 0, 0, 0});

TEST(Unit_20_2, CL05_CountTrue) {
  EXPECT_EQ(count_true(some), 3);
  EXPECT_EQ(count_true(none), 0);
  EXPECT_EQ(count_true(truth({3}, {2, 0, 255})), 2) << "whatever is not 0 is true";
  for (const std::int64_t count : {255, 256, 257, 65536}) {
    EXPECT_EQ(count_true(truth({count}, std::vector<std::uint8_t>(static_cast<std::size_t>(count), 1))), count);
  }
}

TEST(Unit_20_2, CL06_KeepTokensLeavesNoTrace) {
  Array logits = randn({2, 3, 4}, 1);
  const Array whole = logits.clone();
  for (int i = 4; i < 8; ++i) logits.mutable_data()[i] = static_cast<Real>(i % 2 == 0 ? not_a_number : infinity);
  const auto [value, gradient] = at(
      [](const Tensor& x) {
        return sum(keep_tokens(x, some) * Tensor(cotangent({2, 3, 4})));
      },
      logits);
  EXPECT_TRUE(std::isfinite(value));
  const Array kept = keep_tokens(logits, some).value(), c = cotangent({2, 3, 4});
  for (int i = 0; i < 24; ++i) {
    const bool counts = some.data()[static_cast<std::size_t>(i / 4)] != 0;
    EXPECT_EQ(kept.data()[i], counts ? whole.data()[i] : 0) << "value " << i << (counts ? "" : " does not count");
    EXPECT_EQ(gradient.data()[i], counts ? c.data()[i] : 0) << "gradient " << i << (counts ? "" : " does not count");
  }
  EXPECT_TRUE(same_bits(keep_tokens(whole, {}).value(), whole)) << "no mask: everything counts";
}

TEST(Unit_20_2, CL05_MaskedMean) {
  const Array x({2, 3}, {1, 2, 4, 8, 16, 32});
  EXPECT_TRUE(near(masked_mean(x, some).value(), Shape{}, {37.0 / 3}));
  EXPECT_TRUE(near(masked_mean(x, {}).value(), Shape{}, {63.0 / 6})) << "no mask: the mean of all";
  const auto [value, gradient] = at([](const Tensor& in) { return masked_mean(in, some); }, x);
  EXPECT_TRUE(near(gradient, {2, 3}, {1.0 / 3, 0, 1.0 / 3, 0, 0, 1.0 / 3}));
}

TEST(Unit_20_2, CL05_MaskedMeanOfNothingIsZero) {
  Array x({2, 3}, {1, 2, 4, 8, 16, 32});
  x.mutable_data()[1] = static_cast<Real>(not_a_number);
  const auto [value, gradient] = at([](const Tensor& in) { return masked_mean(in, none); }, x);
  EXPECT_EQ(value, 0);
  EXPECT_FALSE(std::signbit(value)) << "0, not -0";
  EXPECT_TRUE(same_bits(gradient, zeros({2, 3})));
}

TEST(Unit_20_2, CL05_MaskErrors) {
  EXPECT_THROWS_WITH(keep_tokens(zeros({2, 4}), {}), ShapeError, "logits", "(B, T, V)");
  EXPECT_THROWS_WITH(keep_tokens(zeros({2, 4, 5}), some), ShapeError, "mask", "(2, 3)", "(2, 4)");
  EXPECT_THROWS_WITH(masked_mean(zeros({3, 2}), some), ShapeError, "mask", "(2, 3)");
  EXPECT_THROWS_WITH(next_mask(truth({3}, {1, 1, 1})), ShapeError, "(3,)");
  EXPECT_THROWS_WITH(next_mask(Mask(Shape{2, 0})), ShapeError, "(2, 0)");
  EXPECT_THROWS_WITH(sequence_lengths(Mask(Shape{2, 0})), ShapeError);
  const Array no_tokens = zeros({2, 0, 4});
  const Indices no_ids(Shape{2, 0});
  EXPECT_THROWS_WITH(token_logprobs(no_tokens, no_ids), ShapeError);
  EXPECT_THROWS_WITH(lm_ce_loss(no_tokens, no_ids), ShapeError);
  EXPECT_THROWS_WITH(sequence_logprobs(no_tokens, no_ids), ShapeError);
  const Array logits = zeros({2, 3, 4});
  const Indices ids(Shape{2, 3}), short_ids(Shape{2, 2});
  EXPECT_THROWS_WITH(lm_ce_loss(zeros({6, 4}), ids), ShapeError, "logits");
  EXPECT_THROWS_WITH(lm_ce_loss(logits, short_ids), ShapeError, "ids", "(2, 2)", "(2, 3)");
  EXPECT_THROWS_WITH(sequence_logprobs(logits, ids, truth({1, 3}, {1, 1, 1})), ShapeError, "mask");
  EXPECT_THROWS_WITH(token_logprobs(logits, Indices({2, 3}, {0, 0, 4, 0, 0, 0})), IndexError, "label 4");
  EXPECT_THROWS_WITH(token_logprobs(logits, Indices({2, 3}, {0, 0, 0, 0, -1, 0})), IndexError, "-1", "text 1");
}

TEST(Unit_20_2, CL05_NextMaskDropsTheFirstToken) {
  EXPECT_TRUE(same(next_mask(truth({2, 3}, {1, 0, 1, 1, 1, 0})), {2, 2}, {0, 1, 1, 0}));
  EXPECT_TRUE(same(next_mask(truth({2, 1}, {1, 1})), {2, 0}, {}));
  EXPECT_TRUE(near(sequence_lengths(truth({2, 3}, {1, 0, 1, 1, 1, 1})), Shape{2}, {1, 2}, exactly));
}

const Array logits = randn({2, 4, 3}, 2);
const Indices ids({2, 4}, {0, 2, 1, 1, 2, 0, 0, 1});
const Mask counted = truth({2, 4}, {1, 1, 0, 1, 1, 0, 0, 0});

// log p of token t + 1 by row t, in plain loops.
double plain_logprob(const Array& scores, const Indices& tokens, std::int64_t b, std::int64_t t) {
  const std::int64_t length = tokens.shape()[1];
  return plain_log_softmax(row_of(scores, b * length + t))[tokens.data()[b * length + t + 1]];
}

TEST(Unit_20_2, CL14_TokenLogprobsLookOneTokenAhead) {
  Doubles all, masked;
  for (int b = 0; b < 2; ++b) {
    for (int t = 0; t < 3; ++t) {
      all.push_back(plain_logprob(logits, ids, b, t));
      masked.push_back(counted.data()[4 * b + t + 1] != 0 ? all.back() : 0);
    }
  }
  EXPECT_TRUE(near(token_logprobs(logits, ids).value(), {2, 3}, all));
  EXPECT_TRUE(near(token_logprobs(logits, ids, counted).value(), {2, 3}, masked));
}

TEST(Unit_20_2, CL14_SequenceLogprobsAreSums) {
  Doubles all(2, 0.0);
  for (int b = 0; b < 2; ++b) {
    for (int t = 0; t < 3; ++t) all[b] += plain_logprob(logits, ids, b, t);
  }
  EXPECT_TRUE(near(sequence_logprobs(logits, ids).value(), Shape{2}, all));
  const double two = plain_logprob(logits, ids, 0, 0) + plain_logprob(logits, ids, 0, 2);
  EXPECT_TRUE(near(sequence_logprobs(logits, ids, counted).value(), Shape{2}, {two, 0}));
}

TEST(Unit_20_2, CL14_GoldenSequenceLogprobs) {
  const json all = golden_20("dpo"), &first = all.at("cases").at(0);
  for (const std::string side : {"chosen", "rejected"}) {
    const Tensor found = sequence_logprobs(array_of(all.at(side + "_logits")), ids_of(all.at(side + "_ids")),
                                           mask_of(all.at(side + "_mask")));
    EXPECT_TRUE(near_golden(found.value(), first.at("policy_" + side + "_logp"), value_tolerance)) << side;
  }
}

TEST(Unit_20_2, CL05_GoldenLmCe) {
  const json all = golden("lm_ce.json");
  const Array scores = array_of(all.at("logits"));
  const Indices tokens = ids_of(all.at("ids"));
  const auto [value, gradient] =
      at([&](const Tensor& x) { return lm_ce_loss(x, tokens, mask_of(all.at("mask"))); }, scores);
  EXPECT_NEAR(value, all.at("loss"), double_precision ? 1e-10 : 3e-6);
  EXPECT_TRUE(near_golden(gradient, all.at("grad_logits"), gradient_tolerance));
}

TEST(Unit_20_2, CL05_EmptyMaskIsExactlyZero) {
  const json all = golden("lm_ce.json");
  const Array scores = array_of(all.at("logits"));
  const Indices tokens = ids_of(all.at("ids"));
  const Shape shape = tokens.shape();
  Mask first_only(shape);
  for (std::int64_t b = 0; b < shape[0]; ++b) first_only.mutable_data()[b * shape[1]] = 1;
  for (const Mask& empty : {Mask(shape), first_only}) {
    const auto [value, gradient] = at([&](const Tensor& x) { return lm_ce_loss(x, tokens, empty); }, scores);
    EXPECT_EQ(value, 0);
    EXPECT_FALSE(std::signbit(value)) << "0, not -0";
    EXPECT_TRUE(near(gradient, scores.shape(), Doubles(scores.size(), 0), exactly));
  }
}

TEST(Unit_20_2, CL05_MeanOverTheTokensThatCount) {
  const double expected = -(plain_logprob(logits, ids, 0, 0) + plain_logprob(logits, ids, 0, 2)) / 2;
  EXPECT_TRUE(near(lm_ce_loss(logits, ids, counted).value(), Shape{}, {expected}));
  double total = 0;
  for (int b = 0; b < 2; ++b) {
    for (int t = 0; t < 3; ++t) total -= plain_logprob(logits, ids, b, t);
  }
  EXPECT_TRUE(near(lm_ce_loss(logits, ids).value(), Shape{}, {total / 6}));
}

TEST(Unit_20_2, CL05_OneTokenHasNoNext) {
  const auto [value, gradient] = at(
      [](const Tensor& x) {
        return lm_ce_loss(x, Indices(Shape{2, 1}));
      },
      randn({2, 1, 3}, 3));
  EXPECT_EQ(value, 0);
  EXPECT_TRUE(near(gradient, {2, 1, 3}, Doubles(6, 0), exactly));
}

TEST(Unit_20_2, CL05_WhatDoesNotCountMayBeBroken) {  // a NaN in the logits, an id that does not exist
  Array broken = logits.clone();
  for (int i = 3; i < 6; ++i) broken.mutable_data()[i] = static_cast<Real>(not_a_number);  // speaks about token 2
  const Indices odd({2, 4}, {0, 2, 77, 1, 2, -5, 0, 1});
  const auto [value, gradient] = at([&](const Tensor& x) { return lm_ce_loss(x, odd, counted); }, broken);
  EXPECT_NEAR(value, static_cast<double>(lm_ce_loss(logits, ids, counted).item()), 1e-6);
  EXPECT_TRUE(all_finite(gradient));
  const auto sums = at([&](const Tensor& x) { return sum(sequence_logprobs(x, odd, counted)); }, broken);
  EXPECT_NEAR(sums.value, static_cast<double>(sum(sequence_logprobs(logits, ids, counted)).item()), 1e-5);
  EXPECT_TRUE(all_finite(sums.gradient));
}

}  // namespace
}  // namespace rushlight::test
