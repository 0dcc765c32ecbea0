// From scores to the pattern: masks, bias, hooks and dropout.
#include "oracle.hpp"

namespace rushlight::test {
namespace {

// A (B, H, T, S) of scores, with one key each: the oracle then sees q·k = the score itself.
std::vector<double> plain_pattern(const Array& scores, const PlainOptions& options) {
  std::vector<double> pattern;
  const Shape& shape = scores.shape();
  for (std::int64_t row = 0; row < scores.size() / shape[3]; ++row) {
    const std::int64_t t = row % shape[2], h = row / shape[2] % shape[1], b = row / shape[2] / shape[1];
    double total = 0;
    for (std::int64_t s = 0; s < shape[3]; ++s) {
      const double score = scores.data()[row * shape[3] + s] + options.bias(b, h, t, s);
      pattern.push_back(options.may_see(b, h, t, s) ? std::exp(score) : 0);
      total += pattern.back();
    }
    for (std::int64_t s = 0; s < shape[3]; ++s) pattern[row * shape[3] + s] /= total == 0 ? 1 : total;
  }
  return pattern;
}

MaySee earlier(
    std::int64_t queries, std::int64_t keys, const MaySee& also = [](auto, auto, auto, auto) { return true; }) {
  return [=](auto b, auto h, auto t, auto s) { return s <= t + keys - queries && also(b, h, t, s); };
}

TEST(Unit_12_4, SoftmaxOfTheScores) {
  const Array scores = randn({2, 3, 4, 5}, 1);
  EXPECT_TRUE(near(attention_pattern(scores).value(), scores.shape(), plain_pattern(scores, {}), attention_tolerance));
}

TEST(Unit_12_4, MasksOfEveryShape) {
  const Array scores = randn({2, 3, 4, 5}, 2);
  std::uint64_t seed = 1;
  for (const Shape& shape :
       {Shape{2, 3, 4, 5}, Shape{4, 5}, Shape{2, 1, 1, 5}, Shape{3, 1, 5}, Shape{4, 1}, Shape{5}, Shape{1}, Shape{}}) {
    const Mask mask = random_mask(shape, seed++);
    const std::vector<double> expected = plain_pattern(scores, {.may_see = seen_through(mask)});
    EXPECT_TRUE(near(attention_pattern(scores, {.mask = mask}).value(), scores.shape(), expected, attention_tolerance))
        << shape.str();
  }
}

TEST(Unit_12_4, CausalAloneAndWithAMask) {
  for (const std::int64_t queries : {5, 2, 7}) {
    const Array scores = randn({2, 2, queries, 5}, 3);
    EXPECT_TRUE(near(attention_pattern(scores, {.causal = true}).value(), scores.shape(),
                     plain_pattern(scores, {.may_see = earlier(queries, 5)}), attention_tolerance));
    for (const Mask& mask : {padding_mask(Indices({2}, {4, 2}), 5), random_mask({queries, 5}, 5),
                             random_mask({queries, 1}, 6), mask_of({5}, {1, 0, 1, 1, 0}), mask_of({}, {0})}) {
      const std::vector<double> expected = plain_pattern(scores, {.may_see = earlier(queries, 5, seen_through(mask))});
      EXPECT_TRUE(near(attention_pattern(scores, {.mask = mask, .causal = true}).value(), scores.shape(), expected,
                       attention_tolerance))
          << mask.shape().str() << " and causal";
    }
  }
}

TEST(Unit_12_4, BiasIsAddedBeforeTheSoftmax) {
  const Array scores = randn({2, 3, 4, 5}, 4);
  for (const Shape& shape : {Shape{2, 3, 4, 5}, Shape{3, 1, 5}, Shape{5}}) {
    const Array bias = randn(shape, 5);
    const Mask mask = random_mask({4, 5}, 6);
    EXPECT_TRUE(near(attention_pattern(scores, {.bias = bias}).value(), scores.shape(),
                     plain_pattern(scores, {.bias = biased_by(bias)}), attention_tolerance));
    EXPECT_TRUE(near(attention_pattern(scores, {.mask = mask, .bias = bias}).value(), scores.shape(),
                     plain_pattern(scores, {.may_see = seen_through(mask), .bias = biased_by(bias)}),
                     attention_tolerance));
  }
}

// 0 where the mask is true and -inf where it is false: the additive form of the same mask. The last row sees nothing.
TEST(Unit_12_4, AdditiveAndBooleanMasksAgree) {
  const Array scores = randn({1, 2, 3, 4}, 7);
  const Mask mask = mask_of({3, 4}, {1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0});
  const Array additive = where(mask, Array::scalar(0), Array::scalar(static_cast<Real>(-infinity)));
  const Array boolean = attention_pattern(scores, {.mask = mask}).value();
  EXPECT_TRUE(near(attention_pattern(scores, {.bias = additive}).value(), boolean, attention_tolerance));
  for (int head = 0; head < 2; ++head) {
    for (int s = 0; s < 4; ++s) EXPECT_EQ(boolean.data()[head * 12 + 8 + s], 0);
  }
}

TEST(Unit_12_4, TheScoresHookSeesWhatIsMasked) {
  Array seen;
  const Array scores({1, 1, 2, 2}, {1, 2, 3, 4}), bias({2}, {10, 20});
  attention_pattern(scores, {.bias = bias, .causal = true, .on_scores = [&](const Tensor& x) {
                               seen = x.value();
                               return x;
                             }});
  EXPECT_TRUE(near(seen, {1, 1, 2, 2}, {11, -infinity, 13, 24}, exactly));
}

TEST(Unit_12_4, AHookThatLooksChangesNothing) {
  const Array scores = randn({2, 2, 3, 3}, 8);
  const auto look = [](const Tensor& x) { return x; };
  const Mask mask = random_mask({2, 1, 3, 3}, 4);
  const Array expected = attention_pattern(scores, {.mask = mask}).value();
  EXPECT_TRUE(
      same_bits(attention_pattern(scores, {.mask = mask, .on_scores = look, .on_pattern = look}).value(), expected));
}

TEST(Unit_12_4, AHookReplacesTheScoresAndTheMaskHolds) {
  const auto level = [](const Tensor& x) { return Tensor(zeros(x.shape())); };
  const Array pattern = attention_pattern(randn({1, 1, 3, 3}, 9), {.causal = true, .on_scores = level}).value();
  EXPECT_TRUE(near(pattern, {1, 1, 3, 3}, {1, 0, 0, 0.5, 0.5, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0}));
}

TEST(Unit_12_4, AHookMayHideKeysOfItsOwn) {
  const auto hide_all_but_first = [](const Tensor& x) {
    return where(mask_of({2}, {1, 0}), x, Tensor(static_cast<Real>(-infinity)));
  };
  const auto hide_all = [](const Tensor& x) { return Tensor(Array::full(x.shape(), static_cast<Real>(-infinity))); };
  const Array scores = randn({1, 1, 2, 2}, 10);
  EXPECT_TRUE(near(attention_pattern(scores, {.on_scores = hide_all_but_first}).value(), {1, 1, 2, 2}, {1, 0, 1, 0}));
  EXPECT_TRUE(near(attention_pattern(scores, {.on_scores = hide_all}).value(), zeros({1, 1, 2, 2}), exactly));
}

TEST(Unit_12_4, AHookSeesAndReplacesThePattern) {
  Array seen;
  const Array scores({1, 1, 1, 2}, {0, static_cast<Real>(std::log(3.0))});
  const Array pattern = attention_pattern(scores, {.on_pattern =
                                                       [&](const Tensor& x) {
                                                         seen = x.value();
                                                         return Tensor(Array({1, 1, 1, 2}, {7, 8}));
                                                       }})
                            .value();
  EXPECT_TRUE(near(seen, {1, 1, 1, 2}, {0.25, 0.75}));
  EXPECT_TRUE(near(pattern, {1, 1, 1, 2}, {7, 8}, exactly));
}

TEST(Unit_12_4, DropoutScalesThePatternAndTheHookSeesIt) {
  Generator g(11);
  Array seen;
  const Array scores = randn({4, 4, 8, 8}, 12);
  const Array clean = attention_pattern(scores).value();
  const Array pattern = attention_pattern(scores, {.dropout = 0.5,
                                                   .generator = &g,
                                                   .on_pattern =
                                                       [&](const Tensor& x) {
                                                         seen = x.value();
                                                         return x;
                                                       }})
                            .value();
  EXPECT_TRUE(same_bits(seen, pattern)) << "on_pattern comes after dropout";
  int dropped = 0;
  for (std::int64_t i = 0; i < pattern.size(); ++i) {
    if (pattern.data()[i] == 0)
      ++dropped;
    else
      ASSERT_NEAR(pattern.data()[i], 2 * clean.data()[i], 1e-6);
  }
  EXPECT_NEAR(dropped, 512, 100) << "of 1024";
}

TEST(Unit_12_4, DropoutDrawsFromItsOwnGenerator) {
  Generator a(13), b(13);
  const Array scores = randn({1, 2, 8, 8}, 14);
  const auto drop = [&](Generator& g) { return attention_pattern(scores, {.dropout = 0.3, .generator = &g}).value(); };
  const Array first = drop(a);
  EXPECT_TRUE(same_bits(drop(b), first));
  EXPECT_FALSE(same_bits(drop(a), first)) << "a second pass draws a second mask";
  const Generator::State before = a.state();
  attention_pattern(scores, {.dropout = 0, .generator = &a});
  EXPECT_EQ(a.state(), before) << "without dropout nothing is drawn";
}

TEST(Unit_12_4, Errors) {
  const Tensor scores = zeros({2, 3, 4, 5});
  Generator g(1);
  EXPECT_THROWS_WITH(attention_pattern(scores, {.mask = Mask(Shape{5, 4})}), ShapeError, "(5, 4)", "(2, 3, 4, 5)");
  EXPECT_THROWS_WITH(attention_pattern(zeros({1, 3, 4, 5}), {.mask = Mask(Shape{2, 1, 1, 5})}), ShapeError, "mask",
                     "(2, 1, 1, 5)");
  EXPECT_THROWS_WITH(attention_pattern(zeros({1, 3, 4, 5}), {.bias = zeros({2, 1, 1, 5})}), ShapeError, "bias",
                     "(2, 1, 1, 5)");
  EXPECT_THROWS_WITH(attention_pattern(zeros({4, 5})), ShapeError, "(4, 5)", "(B, H, T, S)");
  EXPECT_THROWS_WITH(attention_pattern(scores, {.dropout = 0.1}), ValueError, "dropout", "generator");
  for (const double p : {1.0, -0.1, not_a_number}) {
    EXPECT_THROWS_WITH(attention_pattern(scores, {.dropout = p, .generator = &g}), ValueError, "dropout");
  }
  const auto shrink = [](const Tensor& x) { return slice(x, 0, {0, 1}); };
  const auto lose = [](const Tensor&) { return Tensor(); };
  EXPECT_THROWS_WITH(attention_pattern(scores, {.on_scores = shrink}), ShapeError, "on_scores", "(1, 3, 4, 5)");
  EXPECT_THROWS_WITH(attention_pattern(scores, {.on_pattern = lose}), ShapeError, "on_pattern", "nothing");
}

TEST(Unit_12_4, TheScoresAreLeftAlone) {
  const Array before = randn({1, 2, 3, 3}, 15);
  const Tensor scores(before.clone(), true);
  Generator g(1);
  const Tensor pattern =
      attention_pattern(scores, {.bias = ones({3}), .causal = true, .dropout = 0.5, .generator = &g});
  EXPECT_TRUE(same_bits(scores.value(), before));
  ASSERT_TRUE(pattern.requires_grad());
  EXPECT_TRUE(Tape(pattern, cotangent(pattern.shape())).reached(scores));
}

}  // namespace
}  // namespace rushlight::test
