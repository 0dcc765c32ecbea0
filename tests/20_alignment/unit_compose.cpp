// compose_loss: values, what is on and what is off, what a channel that is off must not do, errors.
#include "05_autograd/autograd.hpp"
#include "13_transformers/transformer.hpp"
#include "composing.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_20_8, CL04_GoldenValues) {
  ASSERT_EQ(compose_golden().at("cases").size(), 13u);
  for (const json& one : compose_golden().at("cases")) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const Composed found = composed(batch_of(one), config_of(one));
    const auto expect = [&](double actual, const char* name) {
      const double expected = one.at(name);
      EXPECT_NEAR(actual, expected, double_precision ? 1e-10 : 2e-6 * expected + 2e-7) << name;
    };
    expect(found.total, "total");
    expect(found.lm_ce, "lm_ce");
    expect(found.sdpo_jsd, "sdpo_jsd");
    expect(found.trace_replay_dpo, "trace_replay_dpo");
    EXPECT_EQ(found.forward_calls, one.at("forward_calls").get<std::int64_t>());
  }
}

TEST(Unit_20_8, CL04_TotalIsTheWeightedSum) {
  for (const auto& [alpha, beta] : {std::pair(0.3, 0.7), std::pair(-0.3, 0.7), std::pair(0.3, -0.7)}) {
    const Composed found = composed(golden_batch(), {.alpha_sdpo = alpha, .beta_replay = beta});
    EXPECT_NEAR(found.total, found.lm_ce + alpha * found.sdpo_jsd + beta * found.trace_replay_dpo, 1e-6);
    EXPECT_GT(found.sdpo_jsd, 1e-3);
    EXPECT_GT(found.trace_replay_dpo, 1e-3);
  }
}

TEST(Unit_20_8, CL02_AnyModelFits) {
  Generator g(1);
  GPT gpt({.vocabulary = 32, .context = 8, .width = 8, .layers = 1, .heads = 2}, g);
  const ComposedLoss loss = compose_loss(gpt, make_toy_batch(), {.alpha_sdpo = 1, .beta_replay = 1});
  EXPECT_NEAR(loss.lm_ce.item(), std::log(32.0), 0.3);
  const auto flat = [](const Indices& ids) { return Tensor(zeros({ids.shape()[0], ids.shape()[1], 32})); };
  EXPECT_NEAR(compose_loss(flat, make_toy_batch(), {}).total.item(), std::log(32.0), 1e-5);
}

TEST(Unit_20_8, CL08_OnMeansAWeightAndAllInputs) {
  const ComposeBatch whole = golden_batch();
  EXPECT_TRUE(sdpo_is_on(whole, {.alpha_sdpo = 0.1}));
  EXPECT_TRUE(sdpo_is_on(whole, {.alpha_sdpo = -1})) << "a negative weight is a weight";
  EXPECT_FALSE(sdpo_is_on(whole, {.beta_replay = 1}));
  EXPECT_TRUE(replay_is_on(whole, {.beta_replay = 0.1}));
  EXPECT_TRUE(replay_is_on(whole, {.beta_replay = -1}));
  EXPECT_FALSE(replay_is_on(whole, {.alpha_sdpo = 1}));
  const std::function<void(ComposeBatch&)> sdpo[] = {[](ComposeBatch& b) { b.ctx_teacher_input_ids = {}; },
                                                     [](ComposeBatch& b) { b.sdpo_loss_mask = {}; }};
  for (const auto& take_away : sdpo) {
    ComposeBatch batch = golden_batch();
    take_away(batch);
    EXPECT_FALSE(sdpo_is_on(batch, {.alpha_sdpo = 1}));
    EXPECT_TRUE(replay_is_on(batch, {.beta_replay = 1}));
  }
  const std::function<void(ComposeBatch&)> replay[] = {[](ComposeBatch& b) { b.dpo_chosen_input_ids = {}; },
                                                       [](ComposeBatch& b) { b.dpo_rejected_input_ids = {}; },
                                                       [](ComposeBatch& b) { b.dpo_chosen_response_mask = {}; },
                                                       [](ComposeBatch& b) { b.dpo_rejected_response_mask = {}; },
                                                       [](ComposeBatch& b) { b.dpo_chosen_ref_logprobs = {}; },
                                                       [](ComposeBatch& b) { b.dpo_rejected_ref_logprobs = {}; }};
  for (const auto& take_away : replay) {
    ComposeBatch batch = golden_batch();
    take_away(batch);
    EXPECT_FALSE(replay_is_on(batch, {.beta_replay = 1}));
    EXPECT_TRUE(sdpo_is_on(batch, {.alpha_sdpo = 1}));
    const Composed found = composed(batch, {.beta_replay = 1});
    EXPECT_EQ(found.forward_calls, 1);
    EXPECT_EQ(found.trace_replay_dpo, 0);
  }
}

// Bits of total and gradients, and the same names.
void expect_same_bits(const Composed& a, const Composed& b) {
  EXPECT_EQ(std::memcmp(&a.total, &b.total, sizeof a.total), 0);
  ASSERT_EQ(a.gradients.size(), b.gradients.size());
  for (const auto& [name, gradient] : a.gradients) {
    ASSERT_TRUE(b.gradients.contains(name)) << name;
    EXPECT_TRUE(same_bits(gradient, b.gradients.at(name))) << name;
  }
}

TEST(Unit_20_8, CL19_AChannelThatIsOffLeavesTheBitsAlone) {
  const Composed plain = composed(golden_batch(Include::no_sdpo), {});
  expect_same_bits(composed(golden_batch(), {}), plain);
  expect_same_bits(composed(golden_batch(Include::no_dpo), {}), plain);
  expect_same_bits(composed(golden_batch(Include::no_sdpo), {.alpha_sdpo = 1}), plain);
  expect_same_bits(composed(golden_batch(Include::no_dpo), {.beta_replay = 1}), plain);
  ComposeConfig wrapped{.sdpo_wrapper = SdpoWrapper::taid, .taid_t = 0.5};
  expect_same_bits(composed(golden_batch(), wrapped), plain);
}

TEST(Unit_20_8, CL20_AChannelThatIsOffRunsNothing) {  // bits alone do not show 0·term: g + 0·x == g
  const auto passes = [](Include what, const ComposeConfig& config) {
    return composed(golden_batch(what), config).forward_calls;
  };
  EXPECT_EQ(passes(Include::everything, {}), 1) << "both weights are 0, and the model ran for more than cross-entropy";
  EXPECT_EQ(passes(Include::everything, {.alpha_sdpo = 1}), 2) << "the student's pass is shared with cross-entropy";
  EXPECT_EQ(passes(Include::everything, {.beta_replay = 1}), 3) << "one pass for each side of the pairs";
  EXPECT_EQ(passes(Include::everything, {.alpha_sdpo = 1, .beta_replay = 1}), 4);
  EXPECT_EQ(passes(Include::no_sdpo, {.alpha_sdpo = 1}), 1) << "there is no teacher's text to run on";
  EXPECT_EQ(passes(Include::no_dpo, {.beta_replay = 1}), 1) << "there are no pairs to run on";
}

// The embedding of token `poison` is NaN. Whoever looks at a text with it is found out, by loss and gradients.
TinyLM poisoned_lm(std::int32_t poison) {
  TinyLM model = golden_lm();
  Array table = model.embed.weight.value().clone();
  for (int h = 0; h < 3; ++h) table.mutable_data()[3 * poison + h] = static_cast<Real>(not_a_number);
  model.embed.weight.set_value(table);
  return model;
}

bool stays_finite(TinyLM model, const ComposeBatch& batch, const ComposeConfig& config) {
  const ComposedLoss loss = compose_loss(model, batch, config);
  loss.total.backward();
  return std::isfinite(loss.total.item()) && grads_finite(model);
}

TEST(Unit_20_8, CL20_APoisonedTokenIsNotLookedAt) {
  ComposeBatch batch = golden_batch();
  ASSERT_EQ(std::ranges::count(batch.input_ids.data(), 2), 0) << "token 2 is in the other texts only";
  batch.ctx_teacher_input_ids = Indices({2, 4}, {2, 2, 2, 2, 2, 2, 2, 2});
  ComposeBatch pairs = golden_batch();
  pairs.dpo_chosen_input_ids = Indices({2, 4}, {2, 2, 2, 2, 2, 2, 2, 2});
  EXPECT_TRUE(stays_finite(poisoned_lm(2), batch, {})) << "alpha_sdpo is 0, yet the teacher's text was used";
  EXPECT_TRUE(stays_finite(poisoned_lm(2), pairs, {})) << "beta_replay is 0, yet the pairs were used";
  EXPECT_FALSE(stays_finite(poisoned_lm(2), batch, {.alpha_sdpo = 1})) << "the poison must work where it is read";
  EXPECT_FALSE(stays_finite(poisoned_lm(2), pairs, {.beta_replay = 1})) << "the poison must work where it is read";
  batch.sdpo_loss_mask = {};
  EXPECT_TRUE(stays_finite(poisoned_lm(2), batch, {.alpha_sdpo = 1})) << "without its mask the channel is off";
}

TEST(Unit_20_8, CL08_AChannelThatIsOffIsAPlainZero) {
  TinyLM model = golden_lm();
  const ComposedLoss loss = compose_loss(model, golden_batch(), {});
  for (const Tensor& off : {loss.sdpo_jsd, loss.trace_replay_dpo}) {
    EXPECT_TRUE(near(off.value(), Shape{}, {0}, exactly));
    EXPECT_FALSE(off.requires_grad());
  }
  EXPECT_EQ(loss.total.node(), loss.lm_ce.node()) << "no term, no node";
}

TEST(Unit_20_8, CL06_TheTeacherRunsWithoutAGraph) {
  TinyLM model = golden_lm();
  std::vector<std::pair<bool, const void*>> calls;
  const ComposeBatch batch = golden_batch();
  const LanguageModel watched = [&](const Indices& ids) {
    calls.emplace_back(grad_enabled(), ids.data().data());
    return model(ids);
  };
  const ComposedLoss loss = compose_loss(watched, batch, {.alpha_sdpo = 1, .beta_replay = 1});
  const std::vector<std::pair<bool, const void*>> expected{{true, batch.input_ids.data().data()},
                                                           {false, batch.ctx_teacher_input_ids.data().data()},
                                                           {true, batch.dpo_chosen_input_ids.data().data()},
                                                           {true, batch.dpo_rejected_input_ids.data().data()}};
  EXPECT_EQ(calls, expected) << "(with a graph?, on which ids), in this order";
  EXPECT_TRUE(grad_enabled());
  EXPECT_TRUE(loss.total.requires_grad());
}

TEST(Unit_20_8, CL09_TheOptionsReachTheLosses) {
  TinyLM model = golden_lm();
  const ComposeBatch batch = golden_batch();
  const Tensor student = model.forward(batch.input_ids), teacher = model.forward(batch.ctx_teacher_input_ids);
  const Mask& mask = batch.sdpo_loss_mask;
  const JsdOptions jsd{.beta = 0.2, .temperature = 1.5, .top_k = 4, .token_clip = 0.01};
  const EntropyOpdOptions gate{.mode = EntropyMode::gate, .tau = 0.5, .alpha = 2, .top_k = 3};
  const ComposeConfig with_jsd{.alpha_sdpo = 1, .jsd = jsd};
  const ComposeConfig with_gate{.alpha_sdpo = 1, .sdpo_wrapper = SdpoWrapper::entropy_opd, .entropy = gate};
  EXPECT_NEAR(composed(batch, with_jsd).sdpo_jsd, generalized_jsd_loss(student, teacher, mask, jsd).item(), 1e-7);
  EXPECT_NEAR(composed(batch, with_gate).sdpo_jsd, entropy_aware_opd_loss(student, teacher, mask, gate).item(), 1e-7);
  const double half = composed(batch, {.beta_replay = 1, .dpo_beta = 0.5}).trace_replay_dpo;
  EXPECT_GT(std::abs(half - composed(batch, {.beta_replay = 1}).trace_replay_dpo), 1e-3);
}

TEST(Unit_20_8, CL05_EmptyMasks) {
  ComposeBatch batch = golden_batch();
  batch.response_mask = Mask(batch.input_ids.shape());
  batch.sdpo_loss_mask = Mask(batch.input_ids.shape());
  const Composed found = composed(batch, {.alpha_sdpo = 1});
  EXPECT_EQ(found.total, 0);
  EXPECT_EQ(found.lm_ce, 0);
  EXPECT_EQ(found.sdpo_jsd, 0);
  ASSERT_EQ(found.gradients.size(), 5u) << "backward is allowed, and reaches everything";
  for (const auto& [name, gradient] : found.gradients) EXPECT_EQ(largest(gradient), 0) << name;
}

TEST(Unit_20_8, CL09_ErrorsNameTheArgument) {
  TinyLM model = golden_lm();
  const auto with = [&](const ComposeConfig& config) { return compose_loss(model, golden_batch(), config); };
  EXPECT_THROWS_WITH(with({.sdpo_wrapper = static_cast<SdpoWrapper>(9)}), ValueError, "sdpo_wrapper", "9");
  EXPECT_THROWS_WITH(with({.sdpo_wrapper = SdpoWrapper::taid}), ValueError, "taid_t", "missing");
  for (const double t : {-0.1, 1.1, not_a_number}) {
    EXPECT_THROWS_WITH(with({.alpha_sdpo = 1, .sdpo_wrapper = SdpoWrapper::taid, .taid_t = t}), ValueError, "taid_t");
    EXPECT_THROWS_WITH(with({.sdpo_wrapper = SdpoWrapper::taid, .taid_t = t}), ValueError, "taid_t");
  }
  EXPECT_THROWS_WITH(with({.alpha_sdpo = not_a_number}), ValueError, "alpha_sdpo");
  EXPECT_THROWS_WITH(with({.beta_replay = infinity}), ValueError, "beta_replay");
  EXPECT_THROWS_WITH(with({.alpha_sdpo = 1, .jsd = {.beta = 2}}), ValueError, "beta");
  EXPECT_THROWS_WITH(with({.alpha_sdpo = 1, .jsd = {.temperature = 0}}), ValueError, "temperature");
  EXPECT_THROWS_WITH(with({.beta_replay = 1, .dpo_beta = 0}), ValueError, "beta");
}

TEST(Unit_20_8, CL09_ErrorsNameTheInput) {
  TinyLM model = golden_lm();
  const auto with = [&](const std::function<void(ComposeBatch&)>& change) {
    ComposeBatch batch = golden_batch();
    change(batch);
    return compose_loss(model, batch, {.alpha_sdpo = 1, .beta_replay = 1});
  };
  const Indices wide(Shape{2, 5});
  EXPECT_THROWS_WITH(with([](auto& b) { b.input_ids = {}; }), ValueError, "input_ids");
  EXPECT_THROWS_WITH(with([](auto& b) { b.response_mask = {}; }), ValueError, "response_mask");
  EXPECT_THROWS_WITH(with([](auto& b) { b.input_ids = Indices(Shape{8}); }), ShapeError, "input_ids");
  EXPECT_THROWS_WITH(with([](auto& b) { b.response_mask = Mask(Shape{2, 3}); }), ShapeError, "response_mask");
  EXPECT_THROWS_WITH(with([&](auto& b) { b.ctx_teacher_input_ids = wide; }), ShapeError, "ctx_teacher_input_ids",
                     "(2, 5)", "(2, 4)");
  EXPECT_THROWS_WITH(with([](auto& b) { b.sdpo_loss_mask = Mask(Shape{2, 5}); }), ShapeError, "sdpo_loss_mask");
  EXPECT_THROWS_WITH(with([&](auto& b) { b.dpo_chosen_input_ids = wide; }), ShapeError, "dpo_chosen_response_mask");
  EXPECT_THROWS_WITH(with([&](auto& b) { b.dpo_rejected_input_ids = wide; }), ShapeError, "dpo_rejected_response_mask");
  EXPECT_THROWS_WITH(with([](auto& b) {
                       b.dpo_rejected_input_ids = Indices(Shape{3, 4});
                       b.dpo_rejected_response_mask = Mask(Shape{3, 4});
                     }),
                     ShapeError, "dpo_rejected_input_ids");
  EXPECT_THROWS_WITH(with([](auto& b) { b.dpo_chosen_ref_logprobs = zeros({3}); }), ShapeError,
                     "dpo_chosen_ref_logprobs", "(3,)");
  EXPECT_THROWS_WITH(with([](auto& b) {
                       b.dpo_rejected_ref_logprobs = zeros({2, 1});
                     }),
                     ShapeError, "dpo_rejected_ref_logprobs");
}

TEST(Unit_20_8, CL07_PairsMayDifferInLength) {
  ComposeBatch batch = golden_batch();
  batch.dpo_rejected_input_ids = Indices({2, 2}, {1, 5, 1, 0});
  batch.dpo_rejected_response_mask = truth({2, 2}, {1, 1, 1, 1});
  EXPECT_TRUE(std::isfinite(composed(batch, {.beta_replay = 1}).trace_replay_dpo));
}

}  // namespace
}  // namespace rushlight::test
