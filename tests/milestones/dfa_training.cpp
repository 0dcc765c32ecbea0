// Whole runs, small enough for seconds: all four arms, their order, and the checkpoint that must measure the same.
#include "07_training/checkpoint.hpp"
#include "08_dataloader/files.hpp"
#include "2016_feedback_alignment/checkpoint.hpp"
#include "dfa.hpp"

namespace rushlight::test {
namespace {

using namespace dfa;

Settings small(std::int64_t epochs) {
  return {.model = {.in = 48, .width = 32, .blocks = 4}, .training = {.epochs = epochs}, .seed = 42};
}

Loaders loaders_for(const Synthetic& data) { return make_loaders(data.train, data.test, 42); }

struct Outcome {
  Learner learner;
  ArmReport report;
};

Outcome train(const Arm& arm, std::int64_t epochs, const Synthetic& data = synthetic_data(42)) {
  Loaders loaders = loaders_for(data);
  Learner learner(small(epochs).model, small(epochs).seed);
  ArmReport report = run_arm(learner, arm, small(epochs), loaders);
  return {std::move(learner), std::move(report)};
}

const Arm vanilla{.name = "vanilla", .method = Method::feedback, .lam = 0};
const Arm penalised{.name = "penalised", .method = Method::feedback, .lam = 0.01};

// Ranges from runs elsewhere, with 20 epochs: head .62, back-propagation .93, vanilla .79, penalised .80; cosine .43 at
// layer 0, .13 at layer 2.
TEST(Milestones_08, DfaSmallTraining) {
  const Synthetic data = synthetic_data(42);
  const Outcome head = train({.name = "head", .method = Method::head_only}, 12, data);
  const Outcome backprop = train({.name = "backprop", .method = Method::backprop}, 12, data);
  const Outcome feedback = train(penalised, 12, data);
  EXPECT_GT(backprop.report.test_accuracy, 0.88);
  EXPECT_GT(head.report.test_accuracy, 0.4);
  EXPECT_GT(feedback.report.test_accuracy, head.report.test_accuracy + 0.08);
  EXPECT_LT(feedback.report.test_accuracy, backprop.report.test_accuracy);
  EXPECT_GT(feedback.report.layers[0].cos_mean, 0.25);
  EXPECT_LT(std::abs(feedback.report.layers[2].cos_mean), 0.3);
  EXPECT_EQ(feedback.report.layers.size(), 5u);
  EXPECT_TRUE(same_feedback(feedback.learner.feedback, Learner(small(1).model, 42).feedback));
}

TEST(Milestones_08, DfaArmsStartEqual) {
  Learner a(small(1).model, 42), b(small(1).model, 42), other(small(1).model, 43);
  EXPECT_TRUE(same_parameters(a.model, b.model));
  EXPECT_TRUE(same_feedback(a.feedback, b.feedback));
  EXPECT_FALSE(same_parameters(a.model, other.model));
  EXPECT_FALSE(same_feedback(a.feedback, other.feedback));
}

TEST(Milestones_08, DfaSeedReproducible) {
  Outcome a = train(vanilla, 1), b = train(vanilla, 1), c = train(penalised, 1);
  EXPECT_TRUE(same_parameters(a.learner.model, b.learner.model));
  EXPECT_EQ(a.report.epochs, b.report.epochs);
  EXPECT_EQ(a.report.layers, b.report.layers);
  EXPECT_FALSE(same_parameters(a.learner.model, c.learner.model, "blocks."));  // the penalty is really there
}

// The recipe, spelt out: every batch of an epoch, then one step of the schedules.
TEST(Milestones_08, DfaAnArmIsItsLoop) {
  const Synthetic data = synthetic_data(7);
  Outcome outcome = train(penalised, 2, data);
  Loaders loaders = loaders_for(data);
  Learner learner(small(2).model, 42);
  Parts parts(learner.model, small(2).training);
  for (std::int64_t epoch = 0; epoch < 2; ++epoch) {
    for (const Batch& batch : loaders.train->epoch(epoch)) {
      dfa_step(learner.model, learner.feedback, parts, batch, 0.01);
    }
    parts.end_epoch();
  }
  EXPECT_TRUE(same_parameters(outcome.learner.model, learner.model));
  ASSERT_EQ(outcome.report.epochs.size(), 2u);
  EXPECT_EQ(outcome.report.epochs[1].test_accuracy,
            outcome.report.test_accuracy);  // here the held-out set is the test set
  EXPECT_EQ(outcome.report.epochs[1].h_norm, outcome.report.layers[4].h_norm);
}

TEST(Milestones_08, DfaReportsEveryStepAndEpoch) {
  const Synthetic data = synthetic_data(1);
  Loaders loaders = loaders_for(data);
  Learner learner(small(2).model, 42);
  std::vector<std::int64_t> steps, epochs;
  run_arm(learner, {.name = "head", .method = Method::head_only}, small(2), loaders,
          {.on_step = [&](std::int64_t epoch, std::int64_t step) { steps.push_back(100 * epoch + step); },
           .on_epoch = [&](const EpochReport& report) { epochs.push_back(report.epoch); }});
  ASSERT_EQ(steps.size(), 32u);
  EXPECT_EQ(steps.front(), 101);
  EXPECT_EQ(steps.back(), 216);
  EXPECT_EQ(epochs, (std::vector<std::int64_t>{1, 2}));
}

TEST(Milestones_08, DfaCheckpointRoundTrip) {
  const Synthetic data = synthetic_data(3);
  Outcome outcome = train(penalised, 1, data);
  Loaders loaders = loaders_for(data);
  const TempFolder folder;
  const std::string path = folder.file("arm.safetensors");
  save_checkpoint(path, outcome.learner, small(1), outcome.report);

  Checkpoint loaded = load_checkpoint(path);
  EXPECT_TRUE(same_parameters(outcome.learner.model, loaded.learner.model));
  EXPECT_TRUE(same_feedback(outcome.learner.feedback, loaded.learner.feedback));
  EXPECT_EQ(loaded.settings.model, small(1).model);
  EXPECT_EQ(loaded.settings.seed, 42u);
  EXPECT_EQ(loaded.settings.training.epochs, 1);
  EXPECT_EQ(loaded.settings.training.lr, small(1).training.lr);
  EXPECT_EQ(loaded.arm.name, "penalised");
  EXPECT_EQ(loaded.arm.method, Method::feedback);
  EXPECT_EQ(loaded.arm.lam, 0.01);
  EXPECT_EQ(loaded.test_accuracy, outcome.report.test_accuracy);
  EXPECT_EQ(measure_direction_quality(loaded.learner.model, loaded.learner.feedback, loaders.held_out),
            outcome.report.layers);
  EXPECT_NO_THROW(prove_reproducible(path, outcome.report, loaders));
}

TEST(Milestones_08, DfaTheProofNoticesWhatDiffers) {
  const Synthetic data = synthetic_data(3);
  Outcome outcome = train(vanilla, 1, data);
  Loaders loaders = loaders_for(data);
  const TempFolder folder;
  const std::string path = folder.file("arm.safetensors");
  ArmReport other = outcome.report;
  other.layers[3].cos_median = std::nextafter(other.layers[3].cos_median, 2);  // one bit
  save_checkpoint(path, outcome.learner, small(1), outcome.report);
  EXPECT_THROWS_WITH(prove_reproducible(path, other, loaders), Error, path, "vanilla", "other numbers");
  outcome.learner.feedback.matrices[1] = outcome.learner.feedback.matrices[1] * Real(-1);
  save_checkpoint(path, outcome.learner, small(1), outcome.report);
  EXPECT_THROWS_WITH(prove_reproducible(path, outcome.report, loaders), Error, "other numbers");
}

TEST(Milestones_08, DfaCheckpointErrorsNameTheFile) {
  Learner learner(small(1).model, 42);
  const TempFolder folder;
  const std::string path = folder.file("arm.safetensors");
  save_checkpoint(path, learner, small(1), {.arm = vanilla, .test_accuracy = 0, .layers = {}, .epochs = {}});
  SafeTensors content = load_safetensors(path);

  SafeTensors changed = content;
  changed.tensors.erase("feedback.2");
  save_safetensors(path, changed);
  EXPECT_THROWS_WITH(load_checkpoint(path), FileError, path, "feedback.2");
  changed = content;
  changed.metadata["arm.method"] = "guessing";
  save_safetensors(path, changed);
  EXPECT_THROWS_WITH(load_checkpoint(path), FileError, path, "guessing");
  changed = content;
  changed.tensors.erase("model.embed.bias");
  save_safetensors(path, changed);
  EXPECT_THROWS_WITH(load_checkpoint(path), FileError, path, "embed.bias");
  changed = content;
  changed.metadata["format"] = "something else";
  save_safetensors(path, changed);
  EXPECT_THROWS_WITH(load_checkpoint(path), FileError, path, "something else");
}

}  // namespace
}  // namespace rushlight::test
