// GRPO: advantages, the clipped ratio, rollouts, errors.
#include "05_autograd/autograd.hpp"
#include "13_transformers/sampling.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_20_9, AdvantagesCompareWithinARow) {
  const Array rewards({2, 4}, {1, 0, 0, 1, 3, 1, 1, 1});
  const Array found = group_advantages(rewards);
  const double first = 0.5 / (std::sqrt(1.0 / 3) + 1e-4), deviation = std::sqrt((2.25 + 3 * 0.25) / 3) + 1e-4;
  EXPECT_TRUE(
      near(found, {2, 4},
           {first, -first, -first, first, 1.5 / deviation, -0.5 / deviation, -0.5 / deviation, -0.5 / deviation}));
}

TEST(Unit_20_9, EqualRewardsGiveNoAdvantage) {
  EXPECT_TRUE(near(group_advantages(Array({2, 3}, {1, 1, 1, 0, 0, 0})), {2, 3}, Doubles(6, 0), exactly));
}

TEST(Unit_20_9, AdvantagesDoNotKnowTheScaleOfARow) {
  const Array rewards = randn({3, 5}, 1);
  EXPECT_TRUE(near(group_advantages(rewards * Real(10) + Real(7)), group_advantages(rewards), {2e-3, 1e-4}));
}

TEST(Unit_20_9, AdvantageErrors) {
  EXPECT_THROWS_WITH(group_advantages(zeros({4})), ShapeError, "(4,)");
  EXPECT_THROWS_WITH(group_advantages(zeros({4, 1})), ShapeError, "at least two");
}

// Two texts of three tokens, of which the first was the prompt; of the second text one token was drawn.
Rollout drawn() {
  return {.ids = Indices({2, 3}, {0, 1, 2, 0, 2, 1}),
          .mask = truth({2, 3}, {0, 1, 1, 0, 1, 0}),
          .logprobs = Array({2, 2}, {-1, -2, -1.5, 0})};
}

const Array advantages({2}, {2, -1});

double plain_gain(double ratio, double advantage, double clip) {
  return std::min(ratio * advantage, std::min(std::max(ratio, 1 - clip), 1 + clip) * advantage);
}

TEST(Unit_20_9, LossIsItsFormula) {
  const Array now({2, 2}, {-0.5, -2.1, -2.5, -7});
  const double r0 = std::exp(0.5), r1 = std::exp(-0.1), r2 = std::exp(-1.0);
  for (const double clip : {0.2, 0.7}) {
    const double first = (plain_gain(r0, 2, clip) + plain_gain(r1, 2, clip)) / 2, second = plain_gain(r2, -1, clip);
    const GrpoLoss found = grpo_loss(now, drawn(), advantages, {.clip = clip});
    EXPECT_TRUE(near(found.loss.value(), Shape{}, {-(first + second) / 2})) << "clip " << clip;
    EXPECT_EQ(found.clip_fraction, clip == 0.2 ? 2.0 / 3 : 0) << "of the tokens that were drawn";
    EXPECT_EQ(found.kl, 0);
  }
}

TEST(Unit_20_9, TheClipFractionCountsEveryRatioOutside) {  // whether the clip changes what is earned or not
  for (const Real change : {Real(0.5), Real(-0.5)}) {
    for (const Real advantage : {1, -1, 0}) {
      const Array each({2}, {advantage, advantage});
      const GrpoLoss found = grpo_loss(drawn().logprobs + change, drawn(), each);
      EXPECT_EQ(found.clip_fraction, 1) << "log-probability " << change << ", advantage " << advantage;
    }
  }
  EXPECT_EQ(grpo_loss(drawn().logprobs + Real(0.1), drawn(), advantages).clip_fraction, 0);
}

TEST(Unit_20_9, ATextOfWhichNothingWasDrawnIsWorthNothing) {
  Rollout odd = drawn();
  odd.mask = truth({2, 3}, {0, 1, 1, 0, 0, 0});
  const Array now({2, 2}, {-1, -2, -9, -9}), reference({2, 2}, {-0.5, -2, 7, 7});
  const GrpoLoss found = grpo_loss(now, odd, advantages, {}, reference);
  EXPECT_TRUE(near(found.loss.value(), Shape{}, {-(2.0 + 0) / 2})) << "but it is one of the two texts";
  EXPECT_NEAR(found.kl, (std::exp(0.5) - 1.5) / 2 / 2, 1e-6);
}

TEST(Unit_20_9, FirstStepIsWorthNothingAndPullsAllTheSame) {  // ratio 1: the gradient of -mean A·log p
  const auto [value, gradient] =
      at([](const Tensor& now) { return grpo_loss(now, drawn(), advantages).loss; }, drawn().logprobs);
  EXPECT_NEAR(value, -(2.0 - 1) / 2, 1e-6);
  EXPECT_TRUE(near(gradient, {2, 2}, {-0.5, -0.5, 0.5, 0}, gradient_tolerance));
}

TEST(Unit_20_9, BeyondTheClipNothingIsEarned) {
  const auto gradient = [](Real change, Real advantage) {
    const Rollout one{.ids = Indices(Shape{1, 2}), .mask = truth({1, 2}, {0, 1}), .logprobs = Array({1, 1}, {-1})};
    return at([&](const Tensor& now) { return grpo_loss(now, one, Array({1}, {advantage})).loss; },
              Array({1, 1}, {Real(-1) + change}))
        .gradient.data()[0];
  };
  EXPECT_EQ(gradient(Real(0.5), 1), 0) << "good, and likelier already";
  EXPECT_EQ(gradient(Real(-0.5), -1), 0) << "bad, and less likely already";
  EXPECT_NEAR(gradient(Real(-0.5), 1), -std::exp(-0.5), 1e-5) << "good, but less likely: pull";
  EXPECT_NEAR(gradient(Real(0.5), -1), std::exp(0.5), 1e-5) << "bad, but likelier: push";
}

TEST(Unit_20_9, DistanceToTheReference) {
  const Array now({2, 2}, {-1, -2, -1.5, 0}), reference({2, 2}, {-0.5, -2.4, -1.5, 9});
  const auto distance = [](double d) { return std::exp(d) - d - 1; };
  const double kl = ((distance(0.5) + distance(-0.4)) / 2 + 0) / 2;
  const GrpoLoss with = grpo_loss(now, drawn(), advantages, {.kl_weight = 0.3}, reference);
  const GrpoLoss without = grpo_loss(now, drawn(), advantages, {}, reference);
  EXPECT_NEAR(with.kl, kl, 1e-6);
  EXPECT_NEAR(without.kl, kl, 1e-6) << "reported also where it has no weight";
  EXPECT_NEAR(with.loss.item() - without.loss.item(), 0.3 * kl, 1e-6);
}

TEST(Unit_20_9, WhatWasNotDrawnLeavesNoTrace) {
  Rollout odd = drawn();
  Array now({2, 2}, {-1, -2, -1.5, 0});
  const double whole = grpo_loss(now, odd, advantages).loss.item();
  now.mutable_data()[3] = static_cast<Real>(not_a_number);
  odd.logprobs.mutable_data()[3] = static_cast<Real>(-infinity);
  const auto [value, gradient] = at([&](const Tensor& x) { return grpo_loss(x, odd, advantages).loss; }, now);
  EXPECT_EQ(value, whole);
  EXPECT_TRUE(all_finite(gradient));
  EXPECT_EQ(gradient.data()[3], 0);
}

TEST(Unit_20_9, LossErrors) {
  const Array now = zeros({2, 2});
  EXPECT_THROWS_WITH(grpo_loss(zeros({2, 3}), drawn(), advantages), ShapeError, "grpo_loss", "logprobs", "(2, 3)");
  EXPECT_THROWS_WITH(grpo_loss(now, drawn(), zeros({3})), ShapeError, "advantages", "(3,)");
  EXPECT_THROWS_WITH(grpo_loss(now, drawn(), advantages, {}, zeros({2})), ShapeError, "reference");
  EXPECT_THROWS_WITH(grpo_loss(now, drawn(), advantages, {.clip = 0}), ValueError, "clip");
  EXPECT_THROWS_WITH(grpo_loss(now, drawn(), advantages, {.kl_weight = -1}), ValueError, "kl_weight");
  EXPECT_THROWS_WITH(grpo_loss(now, drawn(), advantages, {.kl_weight = 1}), ValueError, "reference", "missing");
  Rollout odd = drawn();
  odd.logprobs = zeros({2, 3});
  EXPECT_THROWS_WITH(grpo_loss(now, odd, advantages), ShapeError, "drawn.logprobs");
}

// --- rollouts --------------------------------------------------------------------------------------------------------

TEST(Unit_20_9, RolloutContinuesThePrompts) {
  Generator g(1);
  TinyLM model({.vocabulary = 6, .hidden = 3}, g);
  const Indices prompts({3, 2}, {0, 1, 2, 3, 4, 5});
  Generator draws(2);
  const Rollout found = rollout(std::ref(model), prompts, 3, draws);
  EXPECT_EQ(found.ids.shape(), (Shape{3, 5}));
  EXPECT_TRUE(same(found.mask, {3, 5}, {0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1}));
  for (int b = 0; b < 3; ++b) {
    for (int t = 0; t < 2; ++t) EXPECT_EQ(found.ids.data()[5 * b + t], prompts.data()[2 * b + t]);
  }
  EXPECT_TRUE(near(found.logprobs, token_logprobs(model.forward(found.ids), found.ids, found.mask).value(), exactly));
  EXPECT_EQ(found.logprobs.data()[0], 0) << "nothing was drawn there";
  EXPECT_EQ(model.forward_calls, 4) << "one for each token, and one for the log-probabilities";
}

TEST(Unit_20_9, RolloutDrawsFromTheModel) {  // a text that can only go on in one way
  const LanguageModel counting = [](const Indices& ids) {
    EXPECT_FALSE(grad_enabled());
    Array logits = Array::full({ids.shape()[0], ids.shape()[1], 4}, -100);
    for (std::int64_t i = 0; i < ids.size(); ++i) logits.mutable_data()[4 * i + (ids.data()[i] + 1) % 4] = 100;
    return Tensor(logits);
  };
  Generator draws(3);
  const Rollout found = rollout(counting, Indices({2, 1}, {1, 3}), 3, draws);
  EXPECT_TRUE(same(found.ids, {2, 4}, {1, 2, 3, 0, 3, 0, 1, 2}));
  EXPECT_TRUE(grad_enabled());
}

TEST(Unit_20_9, RolloutFollowsTheProbabilities) {
  const LanguageModel biased = [](const Indices& ids) {
    Array logits = zeros({ids.shape()[0], ids.shape()[1], 2});
    for (std::int64_t i = 0; i < ids.size(); ++i) logits.mutable_data()[2 * i] = static_cast<Real>(std::log(3.0));
    return Tensor(logits);
  };
  Generator draws(4);
  const Rollout found = rollout(biased, Indices(Shape{2000, 1}), 1, draws);
  double zeros_drawn = 0;
  for (int b = 0; b < 2000; ++b) zeros_drawn += found.ids.data()[2 * b + 1] == 0 ? 1 : 0;
  EXPECT_NEAR(zeros_drawn / 2000, 0.75, 0.04);
  EXPECT_NEAR(found.logprobs.data()[0], found.ids.data()[1] == 0 ? std::log(0.75) : std::log(0.25), 1e-6);
}

// Each text has a distribution of its own, so that whoever draws in another order draws something else.
TEST(Unit_20_9, RolloutDrawsTokenByTokenAndTextByText) {
  const LanguageModel model = [](const Indices& ids) {
    const std::int64_t texts = ids.shape()[0], tokens = ids.shape()[1];
    const Array rows = randn({texts, 1, 300}, 5);
    return Tensor(broadcast_to(rows, {texts, tokens, 300}));
  };
  Generator draws(6), again(6);
  const Rollout found = rollout(model, Indices(Shape{40, 1}), 3, draws);
  const Array rows = randn({40, 1, 300}, 5);
  for (std::int64_t token = 1; token <= 3; ++token) {
    for (std::int64_t text = 0; text < 40; ++text) {
      const Array row = slice(rows, 0, {text, text + 1}).with_shape({300});
      EXPECT_EQ(found.ids.data()[4 * text + token], sample(sampling_probabilities(row), again))
          << text << ", " << token;
    }
  }
  EXPECT_EQ(draws.state(), again.state());
}

TEST(Unit_20_9, RolloutErrors) {
  Generator g(1);
  TinyLM model({.vocabulary = 6, .hidden = 3}, g);
  EXPECT_THROWS_WITH(rollout(std::ref(model), Indices(Shape{3}), 1, g), ShapeError, "prompts", "(3,)");
  EXPECT_THROWS_WITH(rollout(std::ref(model), Indices(Shape{3, 0}), 1, g), ShapeError, "P >= 1");
  EXPECT_THROWS_WITH(rollout(std::ref(model), Indices(Shape{3, 1}), 0, g), ValueError, "tokens");
}

}  // namespace
}  // namespace rushlight::test
