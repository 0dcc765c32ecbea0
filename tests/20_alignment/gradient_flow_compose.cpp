// What each channel of compose_loss sends to each parameter. Cross-entropy is always on and reaches everything, so "the
// gradients are not zero" says nothing about the others: it is the difference D[p] that is looked at.
#include "02_activations/activations.hpp"
#include "05_autograd/autograd.hpp"
#include "composing.hpp"

namespace rushlight::test {
namespace {

constexpr Tolerance model_tolerance = double_precision ? Tolerance{1e-9, 1e-11} : Tolerance{2e-5, 1e-6};

TEST(GradientFlow_20_8, CL04_GoldenGradients) {
  for (const json& one : compose_golden().at("cases")) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const Composed found = composed(batch_of(one), config_of(one));
    ASSERT_EQ(found.gradients.size(), 5u);
    for (const auto& [name, expected] : one.at("grads").items()) {
      EXPECT_TRUE(near_golden(found.gradients.at(name), expected, model_tolerance)) << name;
    }
  }
}

TEST(GradientFlow_20_8, CL17_GoldenSums) {
  for (const json& one : compose_golden().at("cases")) {
    TinyLM model = golden_lm();
    compose_loss(model, batch_of(one), config_of(one)).total.backward();
    EXPECT_TRUE(grads_finite(model));
    const double expected = one.at("grad_abs_sum");
    EXPECT_NEAR(grad_abs_sum(model), expected, 1e-5 * expected + 1e-5) << one.at("name");
  }
}

TEST(GradientFlow_20_8, CL06_SdpoReachesEveryParameter) {
  expect_flows(difference(golden_batch(), {.alpha_sdpo = 1}), golden_difference("sdpo_only_plus_lm"));
  ComposeBatch batch = golden_batch();
  batch.response_mask = Mask(batch.input_ids.shape());
  const Composed alone = composed(batch, {.alpha_sdpo = 1});
  EXPECT_EQ(alone.lm_ce, 0);
  EXPECT_NE(alone.sdpo_jsd, 0);
  std::map<std::string, Doubles> gradients;
  for (const auto& [name, gradient] : alone.gradients) gradients[name] = to_doubles(gradient);
  expect_flows(gradients, golden_difference("sdpo_only_plus_lm"));
}

TEST(GradientFlow_20_8, CL07_ReplayReachesEveryParameter) {
  ComposeBatch batch = golden_batch();
  batch.response_mask = Mask(batch.input_ids.shape());
  const Composed alone = composed(batch, {.beta_replay = 1});
  EXPECT_EQ(alone.lm_ce, 0);
  EXPECT_NE(alone.trace_replay_dpo, 0);
  TinyLM model = golden_lm();
  ASSERT_EQ(alone.gradients.size(), 5u);
  for (const auto& [name, parameter] : model.named_parameters()) {
    EXPECT_TRUE(grad_ok(alone.gradients.at(name), parameter.shape(), 1e-6)) << name;
  }
  expect_flows(difference(golden_batch(), {.beta_replay = 1}), golden_difference("dpo_only_plus_lm"));
}

TEST(GradientFlow_20_8, CL06_TheTeachersSideIsConstant) {
  const Composed found = composed(golden_batch(), {.alpha_sdpo = 1});
  const json& wrong = compose_golden().at("WRONG_grads_if_teacher_not_detached_alpha1");
  for (const auto& [name, gradient] : found.gradients) {
    EXPECT_TRUE(near_golden(gradient, compose_case("sdpo_only_plus_lm").at("grads").at(name), model_tolerance)) << name;
    EXPECT_FALSE(near_golden(gradient, wrong.at(name), {1e-3, 1e-4})) << name << " also gets the teacher's share";
  }
}

TEST(GradientFlow_20_8, CL11_TaidFlows) {
  const auto config = [](double t) {
    return ComposeConfig{.alpha_sdpo = 1, .sdpo_wrapper = SdpoWrapper::taid, .taid_t = t};
  };
  expect_flows(difference(golden_batch(), config(0.5)), golden_difference("taid_t0.5"));
  expect_flows(difference(golden_batch(), config(1)), golden_difference("taid_t1.0"));
  EXPECT_GT(composed(golden_batch(), config(0)).sdpo_jsd, 1);
  for (const auto& [name, values] : difference(golden_batch(), config(0))) EXPECT_LT(largest(values), 1e-6) << name;
}

TEST(GradientFlow_20_8, CL13_EntropyOpdFlows) {
  const ComposeConfig config{.alpha_sdpo = 1, .sdpo_wrapper = SdpoWrapper::entropy_opd};
  EXPECT_TRUE(std::isfinite(composed(golden_batch(), config).sdpo_jsd));
  expect_flows(difference(golden_batch(), config), golden_difference("entropy_opd"));
}

TEST(GradientFlow_20_8, CL18_ChannelsAddUp) {  // and no norm is asked for: norms may cancel
  const auto gradient = [](double alpha, double beta) {
    return composed(golden_batch(), {.alpha_sdpo = alpha, .beta_replay = beta}).gradients;
  };
  const Gradients none = gradient(0, 0), first = gradient(1, 0), second = gradient(0, 1);
  for (const auto& [alpha, beta] : {std::pair{1.0, 1.0}, {0.3, 0.7}, {2.0, -0.5}}) {
    const Gradients found = gradient(alpha, beta);
    for (const auto& [name, values] : found) {
      const Doubles a = to_doubles(none.at(name)), b = to_doubles(first.at(name)), c = to_doubles(second.at(name));
      Doubles expected;
      for (std::size_t i = 0; i < a.size(); ++i) {
        expected.push_back(a[i] + alpha * (b[i] - a[i]) + beta * (c[i] - a[i]));
      }
      EXPECT_TRUE(near(values, values.shape(), expected, difference_tolerance))
          << name << ", " << alpha << ", " << beta;
      EXPECT_TRUE(all_finite(values)) << name;
    }
  }
}

TEST(GradientFlow_20_8, CL05_EmptySdpoMaskAddsExactlyNothing) {
  ComposeBatch batch = golden_batch();
  batch.sdpo_loss_mask = Mask(batch.input_ids.shape());
  const Composed found = composed(batch, {.alpha_sdpo = 1});
  EXPECT_EQ(found.sdpo_jsd, 0);
  for (const auto& [name, values] : difference(batch, {.alpha_sdpo = 1})) {
    EXPECT_EQ(largest(values), 0) << name << " changes by a channel without a token";
  }
}

// Every entry of every parameter. The teacher's text is answered with what the model said before anything moved.
TEST(GradientFlow_20_8, CL04_EveryEntryAgainstDifferences) {
  TinyLM start = golden_lm();
  const ComposeBatch batch = golden_batch();
  const Tensor frozen(start.forward(batch.ctx_teacher_input_ids).value());
  const void* teacher_ids = batch.ctx_teacher_input_ids.data().data();
  Arrays values;
  for (const Tensor& parameter : start.parameters()) values.push_back(parameter.value());
  const ComposeConfig configs[] = {
      {.alpha_sdpo = 1, .beta_replay = 1},
      {.alpha_sdpo = 1, .sdpo_wrapper = SdpoWrapper::taid, .taid_t = 1},
      {.alpha_sdpo = 1, .sdpo_wrapper = SdpoWrapper::entropy_opd, .entropy = {.mode = EntropyMode::gate, .tau = 1.7}}};
  for (const ComposeConfig& config : configs) {
    expect_gradients(
        [&](const Tensors& in) {
          const LanguageModel model = [&](const Indices& ids) -> ModelOutput {
            if (ids.data().data() == teacher_ids) return frozen;
            return linear(tanh(linear(embedding(in[0], ids), in[1], in[2])), in[3], in[4]);
          };
          return compose_loss(model, batch, config).total;
        },
        values, {.floor = 1e-3});
  }
}

}  // namespace
}  // namespace rushlight::test
