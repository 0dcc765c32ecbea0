// 07.4: epochs, steps, schedule and modes.
#include <cmath>
#include <limits>

#include "07_training/rigs.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_07_4, EveryBatchOfEveryEpochIsAStep) {
  Rig run;
  EXPECT_EQ(run.fit({.epochs = 3, .limits = {.watch_norm = true}}), Outcome::finished);
  ASSERT_EQ(run.steps.size(), 15u);
  ASSERT_EQ(run.epochs.size(), 3u);
  EXPECT_EQ(run.data.started, (std::vector<std::int64_t>{0, 1, 2}));
  const StepInfo& seventh = run.steps[6];
  EXPECT_EQ(seventh.epoch, 1);
  EXPECT_EQ(seventh.epochs, 3);
  EXPECT_EQ(seventh.step, 7);
  EXPECT_EQ(seventh.epoch_step, 2);
  EXPECT_EQ(seventh.epoch_steps, 5);
  EXPECT_EQ(seventh.lr, 0.5);
  EXPECT_GT(seventh.grad_norm, 0);
  EXPECT_EQ(run.epochs[2].epoch, 2);
  for (const EpochInfo& each : run.epochs) EXPECT_EQ(each.epochs, 3);
  EXPECT_EQ(run.epochs[2].step, 15);
}

TEST(Unit_07_4, TrainLossIsTheMeanOverTheExamples) {
  Rig run;
  run.data = xor_like(10, 4);  // 4, 4, 2
  run.fit({.epochs = 2});
  for (std::size_t e = 0; e < 2; ++e) {
    const double expected =
        (4 * run.steps[3 * e].loss + 4 * run.steps[3 * e + 1].loss + 2 * run.steps[3 * e + 2].loss) / 10;
    EXPECT_NEAR(run.epochs[e].train_loss, expected, 1e-12);
    EXPECT_FALSE(run.epochs[e].test.has_value());
  }
}

TEST(Unit_07_4, ABatchOfIgnoredLabelsDoesNotEndTheRun) {
  const auto run_with = [](const std::vector<std::int32_t>& labels) {
    Rig run;
    run.data = four_rows(labels, 1);
    EXPECT_EQ(run.fit({.epochs = 1}), Outcome::finished);
    return run.epochs.at(0).train_loss;
  };
  const double all = run_with({1, 1, 1, 1});
  EXPECT_TRUE(std::isfinite(all));
  Rig run;
  run.data = four_rows({0, -100, 1, -100}, 1);
  run.optimizer.set_lr(0);
  run.fit({.epochs = 2});
  ASSERT_EQ(run.steps.size(), 8u);
  EXPECT_NEAR(run.epochs[1].train_loss, (run.steps[4].loss + run.steps[6].loss) / 2, 1e-6);
  Rig pairs;  // it is one of the two that a step takes
  pairs.data = four_rows({0, -100, -100, 1}, 1);
  pairs.fit({.epochs = 1, .accumulate = 2});
  EXPECT_EQ(pairs.steps.size(), 2u);
}

TEST(Unit_07_4, AnEpochOfNothingIsAnError) {
  struct NoBatches : Rows {
    using Rows::Rows;
    bool next(Batch&) override { return false; }
    std::int64_t batches() const override { return 0; }
  };
  Rig run;
  NoBatches data(Array({3, 2}), Indices({3}), 8);
  Trainer trainer({.model = run.net, .optimizer = run.optimizer, .data = data, .loss = classify}, {.epochs = 2});
  bool reported = false;
  trainer.on_epoch = [&](const EpochInfo&) { reported = true; };
  EXPECT_THROWS_WITH(trainer.fit(), ValueError, "epoch 1", "0 batches");
  EXPECT_FALSE(reported);
  run.data = four_rows({-100, -100, -100, -100}, 2);
  EXPECT_THROWS_WITH(run.fit({.epochs = 1}), ValueError, "epoch 1", "2 batches");
}

TEST(Unit_07_4, AHugeNumberOfBatchesAStepIsAWholeEpoch) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t accumulate : {most, most - 1, std::int64_t{5}}) {
    Rig run;
    run.fit({.epochs = 2, .accumulate = accumulate});
    ASSERT_EQ(run.steps.size(), 2u);
    EXPECT_EQ(run.steps[0].epoch_steps, 1);
  }
}

TEST(Unit_07_4, AccumulationTakesSeveralBatchesAStep) {
  Rig run;  // 5 batches an epoch: 2 + 2 + 1
  run.fit({.epochs = 2, .accumulate = 2});
  ASSERT_EQ(run.steps.size(), 6u);
  EXPECT_EQ(run.steps[2].epoch_step, 3);
  EXPECT_EQ(run.steps[2].epoch_steps, 3);
  EXPECT_EQ(run.steps[3].epoch, 1);
}

TEST(Unit_07_4, AccumulationEqualsTheLargerBatch) {
  Rig parts, whole;
  parts.data = xor_like(20, 2);
  whole.data = xor_like(20, 6);
  parts.fit({.epochs = 2, .accumulate = 3});
  whole.fit({.epochs = 2});
  ASSERT_EQ(parts.steps.size(), whole.steps.size());
  for (std::size_t i = 0; i < whole.steps.size(); ++i) EXPECT_NEAR(parts.steps[i].loss, whole.steps[i].loss, 1e-5) << i;
  for (std::size_t p = 0; p < whole.net.parameters().size(); ++p) {
    EXPECT_TRUE(near(parts.net.parameters()[p].value(), whole.net.parameters()[p].value(), {1e-4, 1e-5}));
  }
}

TEST(Unit_07_4, ScheduleByEpoch) {
  Rig run;
  Schedule schedule = step_lr(run.optimizer, {.step_size = 1, .gamma = 0.5});
  run.fit({.epochs = 3}, &schedule);
  EXPECT_EQ(run.steps[0].lr, 0.5);
  EXPECT_EQ(run.steps[4].lr, 0.5) << "the whole first epoch has the first rate";
  EXPECT_EQ(run.steps[5].lr, 0.25);
  EXPECT_EQ(run.steps[14].lr, 0.125);
  EXPECT_EQ(schedule.steps(), 3);
}

TEST(Unit_07_4, ScheduleByStep) {
  Rig run;
  Schedule schedule = step_lr(run.optimizer, {.step_size = 1, .gamma = 0.5});
  run.fit({.epochs = 1, .schedule_per_step = true}, &schedule);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(run.steps[i].lr, 0.5 / (1 << i)) << "step " << i + 1;
  EXPECT_EQ(schedule.steps(), 5);
}

TEST(Unit_07_4, TestDataIsEvaluatedAfterEveryEpoch) {
  Rig run;
  Rows test = xor_like(12, 5, 1);
  run.fit({.epochs = 2}, nullptr, &test);
  ASSERT_TRUE(run.epochs[1].test.has_value());
  Rows again = xor_like(12, 5, 1);
  const Evaluation expected = evaluate(run.net, classify, again);
  EXPECT_DOUBLE_EQ(run.epochs[1].test->loss, expected.loss);
  EXPECT_DOUBLE_EQ(run.epochs[1].test->accuracy, expected.accuracy);
  EXPECT_EQ(run.epochs[1].test->examples, 12);
  EXPECT_TRUE(run.net.training());
}

TEST(Unit_07_4, ModelTrainsInTrainingMode) {
  Echo model;
  SGD optimizer(model.parameters(), {.lr = 0});
  Rows data = four_rows({0, 1, 0, 1}, 2), test = four_rows({0, 1, 0, 1}, 4);
  model.eval();
  Trainer trainer({.model = model, .optimizer = optimizer, .data = data, .loss = first_column, .test = &test},
                  {.epochs = 2});
  trainer.fit();
  EXPECT_EQ(model.modes, (std::vector<bool>{true, true, false, true, true, false}));
}

// Whoever switches it to evaluation between two steps, to look at it, need not switch it back.
TEST(Unit_07_4, EveryStepIsOneInTrainingMode) {
  Echo model;
  SGD optimizer(model.parameters(), {.lr = 0});
  Rows data = four_rows({0, 1, 0, 1}, 1);
  Trainer trainer({.model = model, .optimizer = optimizer, .data = data, .loss = first_column}, {.epochs = 1});
  trainer.on_step = [&](const StepInfo&) { model.eval(); };
  trainer.fit();
  EXPECT_EQ(model.modes, (std::vector<bool>{true, true, true, true}));
}

// A backbone in evaluation mode under a head that learns: dropout of the first part must never draw.
TEST(Unit_07_4, AFrozenPartStaysFrozen) {
  Generator random(3);
  Sequential net;
  net.append(std::make_unique<Sequential>(small_net()));
  net.append(std::make_unique<Dropout>(DropoutOptions{.p = 0.5}, random));
  net[1].eval();
  SGD optimizer(net.parameters(), {.lr = 0.1});
  Rows data = xor_like(8, 4), test = xor_like(8, 4);
  evaluate(net, classify, test);
  EXPECT_FALSE(net[1].training()) << "after evaluate()";
  EXPECT_TRUE(net[0].training());
  Trainer trainer({.model = net, .optimizer = optimizer, .data = data, .loss = classify, .test = &test}, {.epochs = 2});
  bool froze = true;
  trainer.on_step = [&](const StepInfo&) { froze = froze && !net[1].training() && net[0].training(); };
  trainer.fit();
  EXPECT_TRUE(froze) << "during fit()";
  EXPECT_FALSE(net[1].training()) << "after fit()";
  EXPECT_TRUE(net[0].training());
}

TEST(GradientFlow_07_4, MlpLosesMoreThanTenPercentInFiftyEpochs) {
  Rig run;
  run.data = xor_like(32, 32, 1);
  run.optimizer.set_lr(0.1);
  run.fit({.epochs = 50});
  EXPECT_LT(run.epochs.back().train_loss, 0.9 * run.epochs.front().train_loss);
}

TEST(GradientFlow_07_4, EveryParameterMovesAndItLearns) {
  Rig run;
  const StateDict before = run.net.state_dict();
  run.data = xor_like(64, 8, 1);
  Schedule schedule = cosine_annealing_lr(run.optimizer, {.T_max = 40});
  run.fit({.epochs = 40, .accumulate = 2, .limits = {.clip_norm = 1}}, &schedule);
  for (const auto& [name, value] : run.net.state_dict()) EXPECT_FALSE(same_bits(value, before.at(name))) << name;
  for (const StepInfo& step : run.steps) EXPECT_GT(step.grad_norm, 1e-6);
  Rows test = xor_like(64, 64);
  EXPECT_GE(evaluate(run.net, classify, test).accuracy, 0.95);
}

}  // namespace
}  // namespace rushlight::test
