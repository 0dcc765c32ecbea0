// The losses of this module on the models and optimizers of the modules before.
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "13_transformers/transformer.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

GPT small_gpt(std::uint64_t seed, double dropout = 0) {
  Generator g(seed);
  return GPT({.vocabulary = 32, .context = 8, .width = 8, .layers = 1, .heads = 2, .dropout = dropout}, g);
}

TinyLM small_lm(std::uint64_t seed, std::int64_t vocabulary = 32) {
  Generator g(seed);
  return TinyLM({.vocabulary = vocabulary, .hidden = 8}, g);
}

// The k-th of all texts of 3 tokens out of 4 that begin with token 2, and the other 15.
Indices every_text() {
  Indices ids(Shape{16, 3});
  for (std::int32_t k = 0; k < 16; ++k) {
    ids.mutable_data()[3 * k] = 2, ids.mutable_data()[3 * k + 1] = k / 4, ids.mutable_data()[3 * k + 2] = k % 4;
  }
  return ids;
}

TEST(Progressive_20_2, CL14_AllTextsTogetherHaveProbabilityOne) {
  Generator g(1);
  GPT gpt({.vocabulary = 4, .context = 3, .width = 4, .layers = 1, .heads = 2}, g);
  for (Tensor& parameter : gpt.parameters()) parameter.set_value(parameter.value() * Real(20));  // far from uniform
  TinyLM tiny({.vocabulary = 4, .hidden = 3}, g);
  const Indices ids = every_text();
  for (const LanguageModel& model : {LanguageModel(std::ref(gpt)), LanguageModel(std::ref(tiny))}) {
    const Array logprobs = sequence_logprobs(model(ids).logits, ids).value();
    double total = 0, most = 0;
    for (const Real each : logprobs.data()) {
      total += std::exp(static_cast<double>(each));
      most = std::max(most, std::exp(static_cast<double>(each)));
    }
    EXPECT_NEAR(total, 1, 1e-5);
    EXPECT_GT(most, 0.08) << "a uniform model would prove little";
  }
}

// Every parameter of the model by name: there, finite, and not zero.
void expect_reaches(Module& model, const Tensor& loss) {
  model.zero_grad();
  loss.backward();
  for (const auto& [name, parameter] : model.named_parameters()) {
    if (name.ends_with("attn.k.bias")) continue;  // its true gradient is zero
    EXPECT_TRUE(grad_ok(parameter.grad(), parameter.shape(), 1e-9)) << name;
  }
}

TEST(Progressive_20_3, CL10_JsdReachesAWholeTransformer) {
  GPT student = small_gpt(1), teacher = small_gpt(2);
  const Indices ids = make_toy_batch().input_ids;
  const Tensor target = teacher(ids);
  for (const double beta : {0.0, 0.5, 1.0}) {
    expect_reaches(student, generalized_jsd_loss(student(ids), target, {}, {.beta = beta}));
  }
  EXPECT_TRUE(named_grad_snapshot(teacher).empty()) << "the teacher is a constant";
}

TEST(Progressive_20_5, CL13_EntropyOpdReachesAWholeTransformer) {
  GPT student = small_gpt(1), teacher = small_gpt(2);
  const Indices ids = make_toy_batch().input_ids;
  const Tensor target = teacher(ids);
  for (const EntropyMode mode : {EntropyMode::blend, EntropyMode::gate}) {
    expect_reaches(student, entropy_aware_opd_loss(student(ids), target, {}, {.mode = mode}));
  }
  EXPECT_TRUE(named_grad_snapshot(teacher).empty());
}

// Distillation by TAID with its scheduler, as it is meant to be used: the student comes to say what its teacher says.
TEST(Progressive_20_4, CL12_AStudentLearnsWhatItsTeacherSays) {
  TinyLM student = small_lm(1), teacher = small_lm(2);
  const Indices ids = make_toy_batch().input_ids;
  const Tensor target = teacher.forward(ids).detach();
  const auto distance = [&] { return generalized_jsd_loss(student.forward(ids), target).item(); };
  const double before = distance();
  Adam optimizer(student.parameters(), {.lr = 3e-2});
  TAIDScheduler scheduler({.steps = 60, .alpha = 0.05});
  for (int step = 0; step < 60; ++step) {
    optimizer.zero_grad();
    const Tensor loss = taid_loss(student.forward(ids), target, scheduler.t());
    loss.backward();
    optimizer.step();
    scheduler.update(static_cast<double>(loss.item()), step);
  }
  EXPECT_GT(before, 0.2);
  EXPECT_LT(distance(), before / 20);
  EXPECT_GT(scheduler.t(), 0.98);
}

struct Pairs {
  Indices chosen, rejected;
  Array reference_chosen, reference_rejected;
};

// Texts of which the chosen ones avoid what the rejected ones contain.
Pairs made_pairs(TinyLM& reference) {
  Generator g(5);
  Pairs pairs{Indices(Shape{8, 6}), Indices(Shape{8, 6}), {}, {}};
  for (std::int32_t& id : pairs.chosen.mutable_data()) id = static_cast<std::int32_t>(g.below(16));
  for (std::int32_t& id : pairs.rejected.mutable_data()) id = static_cast<std::int32_t>(8 + g.below(16));
  pairs.reference_chosen = sequence_logprobs(reference.forward(pairs.chosen), pairs.chosen).value();
  pairs.reference_rejected = sequence_logprobs(reference.forward(pairs.rejected), pairs.rejected).value();
  return pairs;
}

TEST(Progressive_20_6, CL15_DpoPrefersWhatWasChosen) {
  TinyLM policy = small_lm(3), reference = small_lm(3);
  const Pairs pairs = made_pairs(reference);
  Adam optimizer(policy.parameters(), {.lr = 1e-2});
  PreferenceLoss last;
  for (int step = 0; step < 30; ++step) {
    last = dpo_loss(sequence_logprobs(policy.forward(pairs.chosen), pairs.chosen),
                    sequence_logprobs(policy.forward(pairs.rejected), pairs.rejected), pairs.reference_chosen,
                    pairs.reference_rejected);
    if (step == 0) EXPECT_NEAR(last.loss.item(), std::log(2.0), 1e-5);
    optimizer.zero_grad();
    last.loss.backward();
    optimizer.step();
  }
  EXPECT_EQ(last.accuracy, 1);
  EXPECT_LT(last.loss.item(), 0.45);
  EXPECT_GT(mean(last.margins).item(), 0.5);
}

TEST(Progressive_20_7, SimpoPrefersWhatWasChosenWithoutAReference) {
  TinyLM policy = small_lm(3);
  const Pairs pairs = made_pairs(policy);
  const Array lengths = Array::full({8}, 5);
  Adam optimizer(policy.parameters(), {.lr = 1e-2});
  double before = 0;
  PreferenceLoss last;
  for (int step = 0; step < 40; ++step) {
    last = simpo_loss(sequence_logprobs(policy.forward(pairs.chosen), pairs.chosen),
                      sequence_logprobs(policy.forward(pairs.rejected), pairs.rejected), lengths, lengths);
    if (step == 0) before = last.loss.item();
    optimizer.zero_grad();
    last.loss.backward();
    optimizer.step();
  }
  EXPECT_EQ(last.accuracy, 1);
  EXPECT_LT(last.loss.item(), before / 2);
}

TEST(Progressive_20_8, CL08_AChannelThatIsOffDrawsNoDropout) {
  const ComposeBatch batch = make_toy_batch();
  const auto states_after = [&](const std::function<void(GPT&)>& run) {
    GPT gpt = small_gpt(4, 0.3);
    run(gpt);
    std::vector<Generator::State> states;
    for (const auto& [name, generator] : gpt.named_generators()) states.push_back(generator->state());
    return states;
  };
  const auto once = states_after([&](GPT& gpt) { gpt(batch.input_ids); });
  ASSERT_FALSE(once.empty());
  EXPECT_EQ(states_after([&](GPT& gpt) { compose_loss(gpt, batch, {}); }), once)
      << "a forward pass of a channel that is off would shift every later mask";
  EXPECT_NE(states_after([&](GPT& gpt) { compose_loss(gpt, batch, {.alpha_sdpo = 1}); }), once);
}

TEST(Progressive_20_8, CL18_AllThreeChannelsReachAWholeTransformer) {
  GPT gpt = small_gpt(5);
  const ComposeBatch batch = make_toy_batch();
  const auto snapshot = [&](const ComposeConfig& config) {
    gpt.zero_grad();
    compose_loss(gpt, batch, config).total.backward();
    return named_grad_snapshot(gpt);
  };
  const auto plain = snapshot({});
  for (const ComposeConfig& config : {ComposeConfig{.alpha_sdpo = 1}, ComposeConfig{.beta_replay = 1}}) {
    for (const auto& [name, gradient] : snapshot(config)) {
      if (name.ends_with("attn.k.bias")) continue;
      EXPECT_GT(largest(gradient - plain.at(name)), 1e-8) << name << ": the channel sends nothing here";
    }
  }
}

TEST(Progressive_20_8, CL04_AllThreeTrainTogether) {
  TinyLM model = small_lm(6);
  const ComposeBatch batch = make_toy_batch();
  const ComposeConfig config{.alpha_sdpo = 0.5, .beta_replay = 0.5};
  Adam optimizer(model.parameters(), {.lr = 1e-2});
  std::vector<ComposedLoss> seen;
  for (int step = 0; step < 40; ++step) {
    seen.push_back(compose_loss(model, batch, config));
    optimizer.zero_grad();
    seen.back().total.backward();
    optimizer.step();
  }
  EXPECT_LT(seen.back().lm_ce.item(), seen.front().lm_ce.item());
  EXPECT_LT(seen.back().trace_replay_dpo.item(), seen.front().trace_replay_dpo.item());
  EXPECT_LT(seen.back().total.item(), seen.front().total.item());
}

// Sums of two digits. This model sees one token only, so it cannot add; it can learn which digits sums are made of.
TEST(Progressive_20_9, GrpoRaisesACheckedReward) {
  TinyLM policy = small_lm(7, sums::vocabulary);
  Adam optimizer(policy.parameters(), {.lr = 2e-2});
  Generator questions(8), draws(9);
  const auto reward_of = [&](const Rollout& drawn) {
    return static_cast<double>(mean(sums::rewards(drawn.ids)).item());
  };
  const auto measured = [&] {
    Generator asked(10), answered(11);
    return reward_of(rollout(std::ref(policy), sums::prompts(200, 1, asked), sums::answer_tokens, answered));
  };
  const double before = measured();
  for (int step = 0; step < 40; ++step) {
    const Rollout drawn = rollout(std::ref(policy), sums::prompts(8, 8, questions), sums::answer_tokens, draws);
    const Array advantages = group_advantages(sums::rewards(drawn.ids).with_shape({8, 8})).with_shape({64});
    for (int pass = 0; pass < 2; ++pass) {
      const Tensor logprobs = token_logprobs(policy.forward(drawn.ids), drawn.ids, drawn.mask);
      const GrpoLoss found = grpo_loss(logprobs, drawn, advantages);
      if (pass == 0) EXPECT_EQ(found.clip_fraction, 0) << "the policy that drew has a ratio of 1";
      optimizer.zero_grad();
      found.loss.backward();
      optimizer.step();
    }
  }
  EXPECT_LT(before, 0.15);
  EXPECT_GT(measured(), 2 * before);
}

}  // namespace
}  // namespace rushlight::test
