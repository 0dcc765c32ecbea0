// One step of direct feedback alignment against numbers that were computed elsewhere in float64.
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "2016_feedback_alignment/baselines.hpp"
#include "2016_feedback_alignment/direction_quality.hpp"
#include "dfa.hpp"

namespace rushlight::test {
namespace {

using namespace dfa;

constexpr double close = double_precision ? 1e-10 : 2e-6;

class Milestones_08 : public testing::TestWithParam<std::size_t> {};

// What block l learns in `train[arm]` of the file.
const nlohmann::json& golden_block(std::size_t arm, std::size_t l) {
  return dfa_golden().at("train").at(arm).at("blocks").at(l);
}

TEST(Milestones_08, DfaGoldenForward) {
  Learner learner = golden_learner();
  const Trace trace = learner.model.trace(golden_batch().inputs);
  const nlohmann::json& expected = dfa_golden().at("forward");
  EXPECT_TRUE(near(trace.logits.value(), array_of(expected.at("logits"))));
  ASSERT_EQ(trace.hiddens.size(), 3u);
  for (std::size_t l = 0; l < 3; ++l) {
    EXPECT_TRUE(near(trace.hiddens[l].value(), array_of(expected.at("hiddens").at(l)))) << "h_" << l;
  }
  EXPECT_NEAR(cross_entropy(trace.logits, golden_batch().labels).item(), expected.at("loss").get<double>(), close);
}

TEST(Milestones_08, DfaGoldenSignals) {
  Learner learner = golden_learner();
  const BatchSignals signals = batch_signals(learner.model, learner.feedback, golden_batch());
  EXPECT_TRUE(near(signals.error, array_of(dfa_golden().at("forward").at("e_T"))));
  for (std::size_t l = 0; l < 2; ++l) {
    const Array raw = array_of(dfa_golden().at("forward").at("layers").at(l).at("a"));
    EXPECT_TRUE(near(credit(signals.error, learner.feedback.matrices[l]), raw)) << "a_" << l;
    EXPECT_TRUE(near(signals.credits[l], array_of(golden_block(0, l).at("a_norm")))) << "normalised a_" << l;
  }
}

TEST(Milestones_08, DfaGoldenDirections) {
  Learner learner = golden_learner();
  const Trace trace = learner.model.trace(golden_batch().inputs);
  const Arrays gradients = true_gradients(trace, golden_batch().labels);
  const auto layers = measure_direction_quality(learner.model, learner.feedback, golden_batch());
  ASSERT_EQ(layers.size(), 3u);
  for (std::size_t l = 0; l < 3; ++l) {
    const nlohmann::json& expected = dfa_golden().at("forward").at("layers").at(l);
    EXPECT_TRUE(near(gradients[l], array_of(dfa_golden().at("forward").at("bp_grad_h").at(l)), gradient_tolerance));
    const std::vector<double> cosines = row_cosines(array_of(expected.at("a")), gradients[l]);
    for (std::size_t n = 0; n < 4; ++n) EXPECT_NEAR(cosines[n], expected.at("cos").at(n).get<double>(), 10 * close);
    EXPECT_EQ(layers[l].layer, static_cast<std::int64_t>(l));
    EXPECT_NEAR(layers[l].cos_mean, expected.at("cos_mean").get<double>(), 10 * close);
    EXPECT_NEAR(layers[l].cos_std, expected.at("cos_std_unbiased").get<double>(), 10 * close);
    EXPECT_NEAR(layers[l].cos_median, expected.at("cos_median_lower").get<double>(), 10 * close);
    EXPECT_NEAR(layers[l].g_norm, expected.at("g_norm_median_lower").get<double>(), close);
    EXPECT_NEAR(layers[l].a_norm, expected.at("a_norm_median_lower").get<double>(), close);
  }
}

TEST_P(Milestones_08, DfaGoldenBlockLoss) {
  Learner learner = golden_learner();
  const double lam = dfa_golden().at("train").at(GetParam()).at("lam");
  const BatchSignals fixed = batch_signals(learner.model, learner.feedback, golden_batch());
  for (std::size_t l = 0; l < 2; ++l) {
    const nlohmann::json& expected = golden_block(GetParam(), l);
    EXPECT_TRUE(near(learner.model.blocks[l](fixed.hiddens[l]).value(), array_of(expected.at("f"))));
    const Tensor loss = block_loss(learner.model.blocks[l], fixed.hiddens[l], fixed.credits[l], lam);
    EXPECT_NEAR(loss.item(), expected.at("local_dfa").get<double>() + expected.at("penalty").get<double>(), close);
    loss.backward();
    EXPECT_TRUE(near_named(learner.model, expected.at("grads"), true)) << "block " << l;
  }
}

TEST_P(Milestones_08, DfaGoldenStep) {
  Learner learner = golden_learner();
  Parts parts(learner.model, {.lr = 1e-3, .weight_decay = 1e-2, .epochs = 5, .clip = 1});
  const double lam = dfa_golden().at("train").at(GetParam()).at("lam");
  const double loss = dfa_step(learner.model, learner.feedback, parts, golden_batch(), lam);
  EXPECT_NEAR(loss, dfa_golden().at("head_update").at("loss").get<double>(), close);
  for (std::size_t l = 0; l < 2; ++l) {
    const nlohmann::json& expected = golden_block(GetParam(), l);
    const double factor = expected.at("clip_coef_max_norm_1");
    EXPECT_TRUE(near_named(learner.model, expected.at("grads"), true, factor)) << "block " << l;
    EXPECT_TRUE(near_named(learner.model, expected.at("params_after_adamw_step1"), false)) << "block " << l;
  }
  // Longer than 1, and not clipped.
  EXPECT_TRUE(near_named(learner.model, dfa_golden().at("embed_update").at("grads"), true));
  EXPECT_TRUE(near_named(learner.model, dfa_golden().at("head_update").at("grads"), true));
}

INSTANTIATE_TEST_SUITE_P(Lam, Milestones_08, testing::Values(0u, 1u),
                         [](const auto& info) { return info.param == 0 ? "Zero" : "OneHundredth"; });

TEST(Milestones_08, DfaGoldenBackprop) {
  Learner learner = golden_learner();
  Parts parts(learner.model, {.clip = 1e9});
  EXPECT_NEAR(backprop_step(learner.model, parts, golden_batch()), dfa_golden().at("forward").at("loss").get<double>(),
              close);
  EXPECT_TRUE(near_named(learner.model, dfa_golden().at("bp_param_grads"), true));
}

}  // namespace
}  // namespace rushlight::test
