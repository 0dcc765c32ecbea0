// Attention tile by tile, against attention row by row in double: sizes around the tile, masks that are cut by it, and
// rows that the running maximum has to be right for.
#include <sys/resource.h>

#include "attention_oracle.hpp"

namespace rushlight::test {
namespace {

constexpr std::int64_t around_the_tile[] = {
    1, 2, attention_tile - 1, attention_tile, attention_tile + 1, 2 * attention_tile + 2};

void expect_sizes(bool causal) {
  std::uint64_t seed = 1;
  for (const std::int64_t queries : around_the_tile) {
    for (const std::int64_t keys : around_the_tile) {
      expect_attention(attention_inputs({.T = queries, .S = keys}, seed), {.causal = causal, .scale = Real(0.6)});
      ASSERT_FALSE(testing::Test::HasFailure()) << queries << " queries, " << keys << " keys";
      seed += 4;
    }
  }
}

TEST(Unit_18_8, SizesAroundTheTile) { expect_sizes(false); }
TEST(Unit_18_8, SizesAroundTheTileCausal) { expect_sizes(true); }

TEST(Unit_18_8, WithoutKeysOrQueries) {
  const Array q = randn({1, 2, 3, 4}, 1), none = randn({1, 2, 0, 4}, 2);
  const AttentionForward blind = tiled_attention_forward(q, none, none, {});
  EXPECT_TRUE(near(blind.out, {1, 2, 3, 4}, Doubles(24, 0), exactly));
  Doubles nothing_seen;
  for (int query = 0; query < 6; ++query) nothing_seen.insert(nothing_seen.end(), {-inf, 0});
  EXPECT_TRUE(near(blind.statistics, {1, 2, 3, 2}, nothing_seen, exactly));
  EXPECT_EQ(tiled_attention_forward(none, q, q, {}).out.shape(), Shape({1, 2, 0, 4}));
  const Arrays gradients = tiled_attention_backward(q, q, none, none, blind.out, blind.statistics, {});
  EXPECT_TRUE(near(gradients[0], {1, 2, 3, 4}, Doubles(24, 0), exactly));
  EXPECT_EQ(gradients[1].shape(), Shape({1, 2, 0, 4}));
}

TEST(Unit_18_8, ByHand) {  // scores 0 and log 3: the weights are 1/4 and 3/4
  const Real log3 = static_cast<Real>(std::log(3.0));
  const Array q({1, 1, 1, 1}, {2}), k({1, 1, 2, 1}, {0, log3}), v({1, 1, 2, 2}, {4, 0, 8, 20});
  const AttentionForward result = tiled_attention_forward(q, k, v, {.scale = Real(0.5)});
  EXPECT_TRUE(near(result.out, {1, 1, 1, 2}, {7, 15}));
  EXPECT_TRUE(near(result.statistics, {1, 1, 1, 2}, {std::log(3.0), std::log(4.0 / 3)}));
}

TEST(Unit_18_8, HeadsBatchesAndGroups) {
  std::uint64_t seed = 200;
  for (const std::int64_t groups : {1, 2, 4}) {
    for (const bool causal : {false, true}) {
      const AttentionSizes n{.B = 2, .H = 4, .G = groups, .T = causal ? 66 : 3, .S = causal ? 5 : 67};
      expect_attention(attention_inputs(n, seed), {.causal = causal, .scale = Real(0.4)});
      ASSERT_FALSE(HasFailure()) << groups << " groups" << (causal ? ", causal" : "");
      seed += 4;
    }
  }
}

TEST(Unit_18_8, ValuesMayBeWiderThanKeys) {
  expect_attention(attention_inputs({.H = 2, .G = 2, .T = 66, .S = 70, .K = 1, .V = 9}, 300), {.scale = 1});
  expect_attention(attention_inputs({.H = 2, .G = 1, .T = 66, .S = 70, .K = 9, .V = 1}, 304), {.scale = Real(0.3)});
}

// --- masks
// ------------------------------------------------------------------------------------------------------------

TEST(Unit_18_8, MasksOfEveryShape) {
  const AttentionInputs in = attention_inputs({.B = 2, .H = 2, .T = 66, .S = 70}, 400);
  std::uint64_t seed = 410;
  bool causal = false;
  for (const Shape& shape :
       {Shape{70}, Shape{1, 70}, Shape{66, 1}, Shape{66, 70}, Shape{2, 66, 70}, Shape{2, 1, 70}, Shape{2, 1, 1, 70},
        Shape{2, 1, 66, 70}, Shape{1, 2, 1, 70}, Shape{2, 2, 66, 70}, Shape{2, 2, 66, 70}}) {
    expect_attention(in, {.mask = random_mask(shape, seed++), .causal = causal, .scale = Real(0.5)});
    ASSERT_FALSE(HasFailure()) << "mask " << shape.str() << (causal ? ", causal" : "");
    causal = !causal;
  }
}

TEST(Unit_18_8, AMaskOfOneNumberIsForAll) {
  const AttentionInputs in = attention_inputs({.T = 3, .S = 66}, 440);
  expect_attention(in, {.mask = Mask({1, 1, 1, 1}, {1}), .scale = 1});
  expect_attention(in, {.mask = Mask({1}, {0}), .scale = 1});
}

TEST(Unit_18_8, ARowThatSeesNothing) {  // of the three, one sees nothing in the first tile, one nothing at all
  const AttentionSizes n{.T = 3, .S = 130, .K = 2, .V = 2};
  const AttentionInputs in = attention_inputs(n, 500);
  Mask mask({3, 130});
  for (int s = 0; s < 130; ++s) {
    mask.mutable_data()[s] = 1;
    mask.mutable_data()[130 + s] = s >= 100;
  }
  const AttentionCall call{.mask = mask, .scale = 1};
  expect_attention(in, call);
  const AttentionForward result = tiled_attention_forward(in.q, in.k, in.v, call);
  const Arrays gradients = tiled_attention_backward(in.grad, in.q, in.k, in.v, result.out, result.statistics, call);
  EXPECT_EQ(result.statistics.data()[2 * 2], -inf);
  for (const int i : {4, 5}) {
    EXPECT_EQ(result.out.data()[i], 0);
    EXPECT_EQ(gradients[0].data()[i], 0);
  }
}

TEST(Unit_18_8, MoreQueriesThanKeysCausal) {  // the first T - S see nothing, whole tiles of them
  const AttentionInputs in = attention_inputs({.T = 200, .S = 5}, 510);
  const AttentionCall call{.causal = true, .scale = 1};
  expect_attention(in, call);
  const AttentionForward result = tiled_attention_forward(in.q, in.k, in.v, call);
  for (int t = 0; t < 195; ++t) {
    ASSERT_EQ(result.statistics.data()[2 * t], -inf) << t;
    ASSERT_EQ(result.out.data()[2 * t], 0) << t;
  }
  EXPECT_TRUE(std::isfinite(result.statistics.data()[2 * 195]));
}

TEST(Unit_18_8, WhatIsBehindAMaskDoesNotLeak) {
  const AttentionSizes n{.T = 4, .S = 70, .K = 2, .V = 2};
  AttentionInputs in = attention_inputs(n, 520);
  Mask mask({70});
  for (int s = 0; s < 70; ++s) mask.mutable_data()[s] = s != 3 && s != 66;
  const AttentionCall call{.mask = mask, .scale = 1};
  const AttentionForward expected = tiled_attention_forward(in.q, in.k, in.v, call);
  in.k.mutable_data()[3 * 2] = nan;
  in.k.mutable_data()[66 * 2 + 1] = inf;
  const AttentionForward actual = tiled_attention_forward(in.q, in.k, in.v, call);
  EXPECT_TRUE(near(actual.out, expected.out));
  EXPECT_TRUE(near(actual.statistics, expected.statistics));
  EXPECT_TRUE(std::isfinite(actual.out.data()[0]));
}

TEST(Unit_18_8, ANanThatIsSeenComesOut) {
  AttentionInputs in = attention_inputs({.T = 70, .S = 70, .K = 1, .V = 1}, 530);
  in.k.mutable_data()[66] = nan;
  const AttentionForward result = tiled_attention_forward(in.q, in.k, in.v, {.causal = true, .scale = 1});
  for (int t = 0; t < 70; ++t) EXPECT_EQ(std::isnan(result.out.data()[t]), t >= 66) << t;
}

// --- the running maximum
// ------------------------------------------------------------------------------------------------

// Scores that only depend on the key: q = 1, k = score.
AttentionInputs with_scores(const std::vector<Real>& scores, std::uint64_t seed) {
  const std::int64_t keys = static_cast<std::int64_t>(scores.size());
  AttentionInputs in = attention_inputs({.T = 2, .S = keys, .K = 1, .V = 3}, seed);
  in.q = ones({1, 1, 2, 1});
  in.k = Array({1, 1, keys, 1}, scores);
  return in;
}

TEST(Unit_18_8, ScoresThatGrowAlongTheKeys) {
  std::vector<Real> growing, falling, jumping;
  for (int s = 0; s < 300; ++s) {
    growing.push_back(static_cast<Real>(s) / 16);
    falling.push_back(static_cast<Real>(-s) / 16);
    jumping.push_back(static_cast<Real>(s * 37 % 100) / 8);
  }
  for (const std::vector<Real>& scores : {growing, falling, jumping}) {
    expect_attention(with_scores(scores, 600), {.scale = 1});
    ASSERT_FALSE(HasFailure()) << "scores from " << scores.front() << " to " << scores.back();
  }
}

TEST(Unit_18_8, AllTilesCountAlike) {  // equal scores: the mean of all values
  std::vector<Real> values;
  for (int s = 0; s < 200; ++s) values.push_back(static_cast<Real>(s));
  const AttentionForward result = tiled_attention_forward(ones({1, 1, 1, 1}), Array::full({1, 1, 200, 1}, 5),
                                                          Array({1, 1, 200, 1}, values), {.scale = 1});
  EXPECT_TRUE(near(result.out, {1, 1, 1, 1}, {99.5}));
  EXPECT_TRUE(near(result.statistics, {1, 1, 1, 2}, {5, std::log(200.0)}));
}

TEST(Unit_18_8, ScoresFarOut) {  // one key is looked at, wherever its tile is; nothing overflows
  for (const int winner : {0, 70, 129}) {
    std::vector<Real> scores(130, Real(-1e4));
    scores[winner] = Real(1e4);
    const AttentionInputs in = with_scores(scores, 610);
    const AttentionForward result = tiled_attention_forward(in.q, in.k, in.v, {.scale = 1});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(result.out.data()[i], in.v.data()[winner * 3 + i]);
    EXPECT_EQ(result.statistics.data()[0], Real(1e4));
    const Arrays gradients =
        tiled_attention_backward(in.grad, in.q, in.k, in.v, result.out, result.statistics, {.scale = 1});
    for (const Array& each : gradients) {
      for (const Real value : each.data()) ASSERT_TRUE(std::isfinite(value));
    }
    for (int i = 0; i < 3; ++i) {
      EXPECT_NEAR(gradients[2].data()[winner * 3 + i], in.grad.data()[i] + in.grad.data()[3 + i], 1e-6);
    }
  }
}

// Scores of 10,000 and a little, each exact in a float: what is between them decides, and the backward pass must have all
// its digits.
TEST(Unit_18_8, LargeScoresKeepTheirDigits) {
  const std::int64_t T = 5, S = 70;
  AttentionInputs in{Array::full({1, 1, T, 1}, 100), Array({1, 1, S, 1}), randn({1, 1, S, 2}, 1),
                     randn({1, 1, T, 2}, 2)};
  for (std::int64_t s = 0; s < S; ++s) {
    in.k.mutable_data()[s] = static_cast<Real>(100 + static_cast<double>(s % 7) / 512);
  }
  const PlainAttention expected = plain_attention(in, {});
  const AttentionForward actual = tiled_attention_forward(in.q, in.k, in.v, {});
  EXPECT_TRUE(near(actual.out, in.grad.shape(), expected.out, forward_tolerance));
  const Arrays gradients = tiled_attention_backward(in.grad, in.q, in.k, in.v, actual.out, actual.statistics, {});
  EXPECT_TRUE(near(gradients[2], in.v.shape(), expected.dv, {4e-6, 1e-6}));
}

TEST(Unit_18_8, AScoreOfMinusInfinityCountsAsMasked) {
  std::vector<Real> scores(130, -inf);
  const AttentionForward blind = [&] {
    const AttentionInputs in = with_scores(scores, 620);
    return tiled_attention_forward(in.q, in.k, in.v, {.scale = 1});
  }();
  EXPECT_TRUE(near(blind.out, {1, 1, 2, 3}, Doubles(6, 0), exactly));
  scores[100] = 2;
  const AttentionInputs in = with_scores(scores, 620);
  const AttentionForward one = tiled_attention_forward(in.q, in.k, in.v, {.scale = 1});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(one.out.data()[i], in.v.data()[300 + i]);
  EXPECT_EQ(one.statistics.data()[0], 2);
}

// --- as a whole
// -------------------------------------------------------------------------------------------------------

TEST(Unit_18_8, DoesNotDependOnTheThreads) {
  const AttentionSizes n{.H = 12, .G = 1, .T = 130, .S = 140, .K = 16, .V = 16};
  const AttentionInputs in = attention_inputs(n, 700);
  const Arrays before{in.q.clone(), in.k.clone(), in.v.clone(), in.grad.clone()};
  const AttentionCall call{.causal = true, .scale = Real(0.25)};
  expect_same_bits_for_any_threads(
      [&] {
        const AttentionForward f = tiled_attention_forward(in.q, in.k, in.v, call);
        Arrays all = tiled_attention_backward(in.grad, in.q, in.k, in.v, f.out, f.statistics, call);
        all.push_back(f.out);
        all.push_back(f.statistics);
        return all;
      },
      5);
  EXPECT_TRUE(same_bits(in.q, before[0]));
  EXPECT_TRUE(same_bits(in.k, before[1]));
  EXPECT_TRUE(same_bits(in.v, before[2]));
  EXPECT_TRUE(same_bits(in.grad, before[3]));
}

// The most memory that this process has had, in bytes.
std::int64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * std::int64_t{1024};
}

TEST(Unit_18_8, ThePatternIsNeverThereAsAWhole) {
  constexpr std::int64_t length = 2048;
  const AttentionInputs warm = attention_inputs({.T = 130, .S = 130, .K = 8, .V = 8}, 710);
  expect_attention(warm, {.scale = Real(0.3)});
  const AttentionInputs in = attention_inputs({.T = length, .S = length, .K = 8, .V = 8}, 720);
  const std::int64_t before = peak_memory();
  const AttentionCall call{.causal = true, .scale = Real(0.3)};
  const AttentionForward f = tiled_attention_forward(in.q, in.k, in.v, call);
  const Arrays gradients = tiled_attention_backward(in.grad, in.q, in.k, in.v, f.out, f.statistics, call);
  const std::int64_t grown = peak_memory() - before, pattern = length * length * std::int64_t{sizeof(Real)};
  EXPECT_LT(grown, pattern / 3) << "a pattern of " << length << " x " << length << " takes " << pattern << " bytes";
  EXPECT_TRUE(grad_ok(gradients[0], in.q.shape()));
}

TEST(Unit_18_8, TheOpCallsTheKernelWhereItMay) {
  const Tensor q(randn({1, 2, 5, 4}, 730), true), k(randn({1, 2, 5, 4}, 731)), v(randn({1, 2, 5, 4}, 732));
  const auto op = [&](const AttentionOptions& options) {
    return std::string(scaled_dot_product_attention(q, k, v, options).node()->op);
  };
  const std::string composed = op({});
  EXPECT_NE(composed, "attention");
  const Accelerated one({"attention"});
  EXPECT_EQ(op({}), "attention");
  EXPECT_EQ(op({.mask = random_mask({5}, 733), .causal = true, .scale = 2}), "attention");
  Generator generator(1);
  EXPECT_EQ(op({.bias = Tensor(randn({5, 5}, 734))}), composed);
  EXPECT_EQ(op({.dropout = 0.5, .generator = &generator}), composed);
  EXPECT_EQ(op({.on_scores = [](const Tensor& x) { return x; }}), composed);
  EXPECT_EQ(op({.on_pattern = [](const Tensor& x) { return x; }}), composed);
}

TEST(Unit_18_8, EqualsTheOneItReplaces) {
  const Tensor q(randn({2, 4, 70, 8}, 740)), k(randn({2, 2, 90, 8}, 741)), v(randn({2, 2, 90, 8}, 742));
  const AttentionOptions options{.mask = random_mask({2, 1, 1, 90}, 743), .causal = true};
  const Array composed = scaled_dot_product_attention(q, k, v, options).value();
  const Accelerated one({"attention"});
  EXPECT_TRUE(near(scaled_dot_product_attention(q, k, v, options).value(), composed, forward_tolerance));
}

}  // namespace
}  // namespace rushlight::test
