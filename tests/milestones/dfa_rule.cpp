// What makes the rule what it is: nothing crosses from one part into another, and nothing moves before all signals of
// the batch are fixed.
#include "02_activations/activations.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "07_training/clip.hpp"
#include "2016_feedback_alignment/baselines.hpp"
#include "dfa.hpp"

namespace rushlight::test {
namespace {

using namespace dfa;

const std::vector<std::string> part_names{"embed.", "blocks.0.", "blocks.1.", "out_"};

// Exactly the parts in `expected` have gradients.
void expect_gradients_in(ResidualMlp& model, const std::string& expected) {
  for (const std::string& part : part_names) {
    EXPECT_EQ(has_gradient(model, part), part == expected) << part << " after the loss of " << expected;
  }
}

TEST(Milestones_08, DfaLocality) {
  Learner learner = golden_learner();
  ResidualMlp& model = learner.model;
  const BatchSignals fixed = batch_signals(model, learner.feedback, golden_batch());
  for (const std::string& part : part_names) EXPECT_FALSE(has_gradient(model, part));
  for (std::size_t l = 0; l < 2; ++l) {
    model.zero_grad();
    block_loss(model.blocks[l], fixed.hiddens[l], fixed.credits[l], 0.01).backward();
    expect_gradients_in(model, part_names[l + 1]);
  }
  model.zero_grad();
  head_loss(model, fixed.hiddens.back(), golden_batch().labels).backward();
  expect_gradients_in(model, "out_");
  model.zero_grad();
  against_credit(model.embed(golden_batch().inputs), fixed.credits[0]).backward();
  expect_gradients_in(model, "embed.");
}

TEST(Milestones_08, DfaFeedbackNeverChanges) {
  Learner learner = golden_learner();
  const Learner before = golden_learner();
  Parts parts(learner.model, {.lr = 0.1, .epochs = 5});
  for (int step = 0; step < 5; ++step) dfa_step(learner.model, learner.feedback, parts, golden_batch(), 0.01);
  EXPECT_TRUE(same_feedback(learner.feedback, before.feedback));
}

TEST(Milestones_08, DfaEveryPartMoves) {
  Learner learner = golden_learner();
  Learner before = golden_learner();
  Parts parts(learner.model, {});
  dfa_step(learner.model, learner.feedback, parts, golden_batch(), 0.01);
  for (const std::string& part : part_names) EXPECT_FALSE(same_parameters(learner.model, before.model, part)) << part;
}

TEST(Milestones_08, DfaHeadRuleIsBackprop) {
  Learner local = golden_learner(), whole = golden_learner();
  const BatchSignals fixed = batch_signals(local.model, local.feedback, golden_batch());
  head_loss(local.model, fixed.hiddens.back(), golden_batch().labels).backward();
  cross_entropy(whole.model(golden_batch().inputs), golden_batch().labels).backward();
  const NamedTensors a = local.model.named_parameters(), b = whole.model.named_parameters();
  int compared = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!a[i].first.starts_with("out_")) continue;
    ++compared;
    EXPECT_TRUE(
        near(a[i].second.grad(), b[i].second.grad(), double_precision ? Tolerance{0, 1e-14} : Tolerance{1e-6, 1e-7}))
        << a[i].first;
  }
  EXPECT_EQ(compared, 4);
}

// The tempting variant looks again after each update; then every part learns from signals that no longer belong
// together.
TEST(Milestones_08, DfaOrderOfUpdates) {
  const PartOptions options{.lr = 0.05, .weight_decay = 0.01, .epochs = 5, .clip = 1};
  Learner ours = golden_learner(), eager = golden_learner();
  Parts our_parts(ours.model, options), eager_parts(eager.model, options);
  dfa_step(ours.model, ours.feedback, our_parts, golden_batch(), 0);

  const auto look = [&] { return batch_signals(eager.model, eager.feedback, golden_batch()); };
  eager_parts.head.learn(head_loss(eager.model, look().hiddens.back(), golden_batch().labels));
  for (std::size_t l = 0; l < 2; ++l) {
    const BatchSignals now = look();
    eager_parts.blocks[l].learn(block_loss(eager.model.blocks[l], now.hiddens[l], now.credits[l], 0));
  }
  for (std::size_t l = 0; l < 2; ++l) {
    const nlohmann::json& expected = dfa_golden().at("train").at(0).at("blocks").at(l);
    const double factor = expected.at("clip_coef_max_norm_1");
    EXPECT_TRUE(near_named(ours.model, expected.at("grads"), true, factor)) << "block " << l;
    EXPECT_FALSE(near_named(eager.model, expected.at("grads"), true, factor)) << "block " << l;
  }
}

TEST(Milestones_08, DfaErrorIsPerExample) {
  const Array logits = randn({6, 4}, 3);
  const Indices labels({6}, {0, 1, 2, 3, 0, 1});
  const Array all = output_error(logits, labels);
  const Array one = output_error(slice(logits, 0, {2, 3}), Indices({1}, {2}));
  EXPECT_TRUE(near(slice(all, 0, {2, 3}), one));  // it does not depend on how many others there are
  for (std::int64_t n = 0; n < 6; ++n) {
    double total = 0;
    for (std::int64_t c = 0; c < 4; ++c) total += all.data()[4 * n + c];
    EXPECT_NEAR(total, 0, 1e-6);
    EXPECT_LT(all.data()[4 * n + labels.data()[n]], 0);
  }
}

TEST(Milestones_08, DfaCreditsAreNormalisedRowByRow) {
  const Array small = randn({1, 8}, 4) * Real(1e-3), large = randn({1, 8}, 5) * Real(1e3);
  const Array rows = rms_normalised(concat(Arrays{small, large, zeros({1, 8})}, 0));
  for (std::int64_t n = 0; n < 3; ++n) {
    double squares = 0;
    for (std::int64_t i = 0; i < 8; ++i) squares += rows.data()[8 * n + i] * rows.data()[8 * n + i];
    EXPECT_NEAR(std::sqrt(squares / 8), n == 2 ? 0 : 1, 2e-3);  // 1e-6 is a thousandth of the first row
  }
}

TEST(Milestones_08, DfaFeedbackIsScaledByItsClasses) {
  Generator random(7);
  const Feedback feedback = Feedback::random(2, 200, 25, random);
  ASSERT_EQ(feedback.matrices.size(), 2u);
  EXPECT_FALSE(same_bits(feedback.matrices[0], feedback.matrices[1]));
  for (const Array& b : feedback.matrices) {
    EXPECT_EQ(b.shape(), Shape({200, 25}));
    double squares = 0;
    for (const Real each : b.data()) squares += each * each;
    EXPECT_NEAR(squares / static_cast<double>(b.size()), 1.0 / 25, 0.003);  // 5000 draws: deviation 0.0008
  }
}

TEST(Milestones_08, DfaPenaltyPullsTheBranchTowardsNothing) {
  Learner learner = golden_learner();
  const BatchSignals fixed = batch_signals(learner.model, learner.feedback, golden_batch());
  const Array nothing = zeros({4, 3});
  const Tensor f = learner.model.blocks[0](fixed.hiddens[0]);
  const Real squares = sum(f.value() * f.value()).item();
  const Tensor loss = block_loss(learner.model.blocks[0], fixed.hiddens[0], nothing, 0.5);
  EXPECT_NEAR(loss.item(), 0.5 * squares / 4, 1e-6);
}

TEST(Milestones_08, DfaOnlyBlocksAreClipped) {
  Learner learner = golden_learner();
  Parts parts(learner.model, {.clip = 0.01});
  dfa_step(learner.model, learner.feedback, parts, golden_batch(), 0);
  for (Branch& branch : learner.model.blocks)
    EXPECT_NEAR(grad_norm(branch.parameters()), 0.01, 1e-5);  // each by itself
  EXPECT_GT(grad_norm(learner.model.embed.parameters()), 1);
  EXPECT_GT(grad_norm(learner.model.out_head.parameters()), 0.1);
}

// One step of AdamW hardly notices how long the gradient is. Two do, when the lengths differ.
TEST(Milestones_08, DfaAPartForgetsThenClipsThenSteps) {
  Tensor learned(Array({2}, {1, -2}), true), expected(Array({2}, {1, -2}), true);
  Part part({learned}, {.lr = 0.1, .weight_decay = 0.01, .epochs = 5}, 1);
  AdamW by_hand({expected}, {.lr = 0.1, .weight_decay = 0.01});
  for (const Array& gradient : {Array({2}, {3, 4}), Array({2}, {0.3, -0.4})}) {
    part.learn(sum(learned * Tensor(gradient)));
    const bool too_long = gradient.data()[0] == 3;
    const Array clipped = too_long ? gradient * static_cast<Real>(1 / (5 + 1e-6)) : gradient;
    EXPECT_TRUE(near(learned.grad(), clipped, gradient_tolerance));
    expected.set_grad(clipped);
    by_hand.step();
    EXPECT_TRUE(near(learned.value(), expected.value()));
  }
}

TEST(Milestones_08, DfaLearningRateFollowsTheGoldenCosine) {
  const nlohmann::json expected = golden("optim.json").at("cosine_annealing");
  Learner learner = golden_learner();
  Parts parts(learner.model, {.lr = expected.at("lr"), .epochs = expected.at("T_max")});
  for (const double lr : expected.at("lrs").get<std::vector<double>>()) {
    EXPECT_NEAR(parts.embed.lr(), lr, 1e-15);
    EXPECT_NEAR(parts.head.lr(), lr, 1e-15);
    for (const Part& block : parts.blocks) EXPECT_NEAR(block.lr(), lr, 1e-15);
    parts.end_epoch();
  }
}

TEST(Milestones_08, DfaHeadOnlyLeavesTheRestAlone) {
  Learner learner = golden_learner(), before = golden_learner();
  Parts parts(learner.model, {});
  head_only_step(learner.model, parts, golden_batch());
  for (const std::string part : {"embed.", "blocks."}) {
    EXPECT_TRUE(same_parameters(learner.model, before.model, part));
    EXPECT_FALSE(has_gradient(learner.model, part));
  }
  EXPECT_TRUE(near_named(learner.model, dfa_golden().at("head_update").at("grads"), true));
  EXPECT_FALSE(same_parameters(learner.model, before.model, "out_head"));
}

}  // namespace
}  // namespace rushlight::test
