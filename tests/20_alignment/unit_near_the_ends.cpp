// What is special at one number is not special beside it: options close to an end, losses below 0, gradients that are all
// zeros, truth values that are not 1.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

// --- 20.1 ----------------------------------------------------------------------------------------------------------

TEST(Unit_20_1, CL17_ZeroIsAGradient) {
  Generator g(1);
  TinyLM model({.vocabulary = 3, .hidden = 2}, g);
  for (Tensor& parameter : model.parameters()) parameter.set_grad(zeros(parameter.shape()));
  const auto snapshot = named_grad_snapshot(model);
  ASSERT_EQ(snapshot.size(), 5u) << "it has arrived, whatever it is";
  for (const auto& [name, gradient] : snapshot) EXPECT_EQ(largest(gradient), 0) << name;
  EXPECT_TRUE(grads_finite(model));
  EXPECT_EQ(grad_abs_sum(model), 0);
}

TEST(Unit_20_1, CL17_ASnapshotTakesBrokenGradientsToo) {
  Generator g(1);
  TinyLM model({.vocabulary = 3, .hidden = 2}, g);
  model.fc.bias.set_grad(Array({2}, {static_cast<Real>(not_a_number), 1}));
  const auto snapshot = named_grad_snapshot(model);
  ASSERT_TRUE(snapshot.contains("fc.bias"));
  EXPECT_TRUE(std::isnan(snapshot.at("fc.bias").data()[0]));
  EXPECT_TRUE(std::isnan(grad_abs_sum(model)));
}

// --- 20.3 ----------------------------------------------------------------------------------------------------------

double plain_jsd(const Doubles& log_s, const Doubles& log_p, double beta) {
  Doubles log_m;
  for (std::size_t v = 0; v < log_s.size(); ++v) {
    log_m.push_back(std::log((1 - beta) * std::exp(log_s[v]) + beta * std::exp(log_p[v])));
  }
  return beta * plain_kl(log_p, log_m) + (1 - beta) * plain_kl(log_s, log_m);
}

TEST(Unit_20_3, CL10_BesideItsEndsBetaFollowsTheFormula) {
  const Array student = randn({1, 1, 5}, 41), teacher = randn({1, 1, 5}, 42);
  for (const double tau : {0.5, 1.0, 3.0}) {
    const Doubles log_s = plain_log_softmax(row_of(student, 0), tau),
                  log_p = plain_log_softmax(row_of(teacher, 0), tau);
    for (const double beta : {1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.95, 0.99, 0.999, 1 - 1e-4, 1 - 1e-6}) {
      const Tensor loss = generalized_jsd_loss(student, teacher, {}, {.beta = beta, .temperature = tau});
      EXPECT_NEAR(loss.item(), plain_jsd(log_s, log_p, beta), 2e-6) << "beta " << beta << ", temperature " << tau;
    }
  }
}

TEST(Unit_20_3, CL10_AnyNumberOfTokensMayBeKept) {
  const Array student = randn({1, 1, 200}, 43), teacher = randn({1, 1, 200}, 44);
  const Array sorted = gather(teacher, -1, top_k_indices(teacher, 200));
  for (std::int64_t i = 1; i < 200; ++i) EXPECT_GE(sorted.data()[i - 1], sorted.data()[i]);
  for (const std::int64_t k : {1, 50, 100, 128, 199, 200, 1000}) {
    const Indices places = top_k_indices(teacher, k);
    const Doubles log_s = plain_log_softmax(row_of(gather(student, -1, places), 0));
    const Doubles log_p = plain_log_softmax(row_of(gather(teacher, -1, places), 0));
    EXPECT_EQ(places.shape(), (Shape{1, 1, std::min<std::int64_t>(k, 200)}));
    EXPECT_NEAR(generalized_jsd_loss(student, teacher, {}, {.top_k = k}).item(), plain_jsd(log_s, log_p, 0.5), 2e-6)
        << "top_k " << k;
  }
}

// --- 20.4 ----------------------------------------------------------------------------------------------------------

TEST(Unit_20_4, CL11_BesideItsEndsTheTargetIsTheMixture) {
  const Array student = randn({1, 1, 5}, 45), teacher = randn({1, 1, 5}, 46);
  const auto s = row_of(student, 0), other = row_of(teacher, 0);
  const Doubles log_s = plain_log_softmax(s);
  for (const double t : {1e-3, 0.01, 0.05, 0.95, 0.99, 0.999}) {
    std::vector<Real> mixed;
    for (std::size_t v = 0; v < 5; ++v) mixed.push_back(static_cast<Real>((1 - t) * s[v] + t * other[v]));
    const Doubles log_p = plain_log_softmax(mixed);
    const auto [value, gradient] = at([&](const Tensor& x) { return taid_loss(x, teacher, t); }, student);
    double expected = 0;
    for (std::size_t v = 0; v < 5; ++v) {
      expected -= std::exp(log_p[v]) * log_s[v];
      EXPECT_NEAR(gradient.data()[v], std::exp(log_s[v]) - std::exp(log_p[v]), 2e-6) << "t = " << t;
    }
    EXPECT_NEAR(value, expected, 2e-6) << "t = " << t;
  }
}

// By the rule as it stands in the header, one step.
double plain_step(const TAIDSchedulerOptions& o, TAIDScheduler::State& state, double loss, double step) {
  const double previous = *state.previous_loss, change = (previous - loss) / (previous + 1e-15);
  state.momentum = o.beta * state.momentum + (1 - o.beta) * change;
  state.previous_loss = loss;
  const double line = o.t_start + (o.t_end - o.t_start) * step / static_cast<double>(o.steps);
  const double ahead = state.t + o.alpha / (1 + std::exp(-state.momentum)) * (1 - state.t);
  return state.t = std::min(o.t_end, std::max(line, ahead));
}

TEST(Unit_20_4, CL12_LossesMayBeOfAnySignAndSize) {  // a loss with a reward in it is below 0
  const Doubles losses{-1, -1.2, -0.8, -2, -1e-3, 0.5, -0.3, 0, -0.1, 1e6, -1e6, 1e-9, 1e9, 2};
  for (const double beta : {0.0, 0.5, 0.99}) {
    const TAIDSchedulerOptions options{.steps = 1000, .alpha = 0.1, .beta = beta};
    TAIDScheduler scheduler(options);
    TAIDScheduler::State expected{.t = 0.4, .previous_loss = losses[0]};
    EXPECT_EQ(scheduler.update(losses[0], 0), 0.4) << "the first loss is only noted";
    for (std::size_t step = 1; step < losses.size(); ++step) {
      const double t = plain_step(options, expected, losses[step], static_cast<double>(step));
      EXPECT_NEAR(scheduler.update(losses[step], static_cast<std::int64_t>(step)), t, 1e-12) << "step " << step;
      EXPECT_NEAR(scheduler.state().momentum, expected.momentum, 1e-9 * std::abs(expected.momentum) + 1e-12) << step;
      EXPECT_EQ(scheduler.state().previous_loss, losses[step]);
    }
  }
}

// --- 20.5 ----------------------------------------------------------------------------------------------------------

TEST(Unit_20_5, CL13_TheShareOfTheForwardSideIsTheEntropys) {
  const Array student = randn({1, 1, 5}, 47), teacher = randn({1, 1, 5}, 48);
  const Doubles log_s = plain_log_softmax(row_of(student, 0)), log_p = plain_log_softmax(row_of(teacher, 0));
  double entropy = 0;
  for (const double each : log_p) entropy -= std::exp(each) * each;
  for (const double h_max : {1e-3, 0.5 * entropy, 0.99 * entropy, 1.01 * entropy, 2 * entropy, 100.0, 1e6}) {
    const double w = std::min(entropy / h_max, 1.0);
    EXPECT_NEAR(entropy_aware_opd_loss(student, teacher, {}, {.h_max = h_max}).item(),
                w * plain_kl(log_p, log_s) + (1 - w) * plain_kl(log_s, log_p), 2e-6)
        << "h_max " << h_max;
  }
}

// --- the rest ------------------------------------------------------------------------------------------------------

TEST(Unit_20_2, CL06_WhereNothingCountsNothingIsKept) {
  const Array logits = Array::full({2, 3, 4}, static_cast<Real>(not_a_number));
  EXPECT_TRUE(same_bits(keep_tokens(logits, Mask(Shape{2, 3})).value(), zeros({2, 3, 4})));
}

TEST(Unit_20_3, CL10_NearlyEqualIsNotEqual) {
  const Real one = 1, more = std::nextafter(one, Real{2});
  EXPECT_TRUE(same(top_k_indices(Array({4}, {one, more, one, more}), 3), {3}, {1, 3, 0}));
}

TEST(Unit_20_4, CL12_TheFirstLossOfAStateIsOnlyNotedToo) {
  TAIDScheduler scheduler({.steps = 10, .alpha = 0.5, .beta = 0.5});
  scheduler.set_state({.t = 0.6, .momentum = 0.25});
  EXPECT_EQ(scheduler.update(2, 5), 0.6);
  EXPECT_EQ(scheduler.state().momentum, 0.25);
  EXPECT_EQ(scheduler.state().previous_loss, 2.0);
}

TEST(Unit_20_7, ATextOfOneTokenHasALengthOfOne) {
  const PreferenceLoss found = simpo_loss(Array({1}, {-3}), Array({1}, {-5}), ones({1}), ones({1}), {.beta = 2});
  EXPECT_TRUE(near(found.chosen_rewards, Shape{1}, {-6}));
  EXPECT_TRUE(near(found.rejected_rewards, Shape{1}, {-10}));
}

TEST(Unit_20_9, ASmallWeightIsAWeight) {
  const Rollout drawn{.ids = Indices(Shape{1, 2}), .mask = truth({1, 2}, {0, 1}), .logprobs = Array({1, 1}, {-1})};
  const auto loss = [&](double weight) {
    return grpo_loss(Tensor(Array({1, 1}, {-9})), drawn, zeros({1}), {.kl_weight = weight}, zeros({1, 1})).loss.item();
  };
  EXPECT_NEAR(loss(1e-4), 1e-4 * (std::exp(9.0) - 10), 1e-5) << "the reference is far away";
  EXPECT_EQ(loss(0), 0);
}

// --- whatever is not 0 is true ---------------------------------------------------------------------------------------

const Mask ones_and_zeros = truth({2, 3}, {1, 0, 1, 0, 1, 1}), other_truths = truth({2, 3}, {2, 0, 255, 0, 128, 7});

void expect_same_truth(const std::function<Array(const Mask&)>& with) {
  EXPECT_TRUE(near(with(other_truths), with(ones_and_zeros), exactly));
}

TEST(Unit_20_2, CL05_WhateverIsNotZeroIsTrue) {
  const Array logits = randn({2, 3, 4}, 51), tokens = randn({2, 3}, 52);
  const Indices ids({2, 3}, {0, 3, 1, 2, 2, 0});
  expect_same_truth([&](const Mask& m) { return keep_tokens(logits, m).value(); });
  expect_same_truth([&](const Mask& m) { return masked_mean(tokens, m).value(); });
  expect_same_truth([&](const Mask& m) { return token_logprobs(logits, ids, m).value(); });
  expect_same_truth([&](const Mask& m) { return lm_ce_loss(logits, ids, m).value(); });
  expect_same_truth([&](const Mask& m) { return sequence_logprobs(logits, ids, m).value(); });
  expect_same_truth([&](const Mask& m) { return sequence_lengths(m); });
}

TEST(Unit_20_3, CL05_WhateverIsNotZeroIsTrue) {
  const Array student = randn({2, 3, 4}, 53), teacher = randn({2, 3, 4}, 54);
  for (const TokenReduction reduction : {TokenReduction::batchmean, TokenReduction::sum, TokenReduction::none}) {
    expect_same_truth(
        [&](const Mask& m) { return generalized_jsd_loss(student, teacher, m, {.reduction = reduction}).value(); });
  }
}

TEST(Unit_20_4, CL05_WhateverIsNotZeroIsTrue) {
  const Array student = randn({2, 3, 4}, 53), teacher = randn({2, 3, 4}, 54);
  expect_same_truth([&](const Mask& m) { return taid_loss(student, teacher, 0.5, m).value(); });
}

TEST(Unit_20_5, CL05_WhateverIsNotZeroIsTrue) {
  const Array student = randn({2, 3, 4}, 53), teacher = randn({2, 3, 4}, 54);
  for (const EntropyMode mode : {EntropyMode::blend, EntropyMode::gate}) {
    expect_same_truth(
        [&](const Mask& m) { return entropy_aware_opd_loss(student, teacher, m, {.mode = mode}).value(); });
  }
}

TEST(Unit_20_9, CL05_WhateverIsNotZeroIsTrue) {
  const Array now = randn({2, 2}, 55), before = randn({2, 2}, 56), advantages = randn({2}, 57),
              reference = randn({2, 2}, 58);
  expect_same_truth([&](const Mask& m) {
    const Rollout drawn{.ids = Indices(Shape{2, 3}), .mask = m, .logprobs = before};
    const GrpoLoss found = grpo_loss(now, drawn, advantages, {.kl_weight = 0.1}, reference);
    return Array({3}, {found.loss.item(), static_cast<Real>(found.clip_fraction), static_cast<Real>(found.kl)});
  });
}

}  // namespace
}  // namespace rushlight::test
