// 07.4: epochs, schedule, evaluation, log and stop.
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <limits>

#include "07_training/helpers.hpp"

namespace rushlight::test {
namespace {

// y = 1·x + 0: the outputs are the inputs, and whether it is in training mode is on record.
struct Echo : Module {
  Tensor w{Array::scalar(1), true};
  std::vector<bool> modes;
  bool recording = false;
  Tensor forward(const Tensor& x) override {
    modes.push_back(training());
    const Tensor y = w * x;
    recording = y.requires_grad();
    return y;
  }
  void members(Members& m) override { m("w", w); }
};

// Four rows; the largest column is 0, 1, 1, 0.
Rows four_rows(const std::vector<std::int32_t>& labels, std::int64_t batch_size) {
  return Rows(Array({4, 2}, {2, 1, 0, 3, -2, -1, 5, 4}), Indices({4}, labels), batch_size, 0, false);
}

Tensor first_column(const Tensor& output, const Batch&) { return mean(slice(output, 1, {.start = 0, .stop = 1})); }

TEST(Unit_07_4, EvaluateByHand) {
  Echo model;
  Rows data = four_rows({0, 1, 0, 1}, 3);  // batches of 3 and 1
  const Evaluation result = evaluate(model, first_column, data);
  EXPECT_DOUBLE_EQ(result.accuracy, 0.5);
  EXPECT_DOUBLE_EQ(result.loss, 1.25)
      << "(2 + 0 - 2 + 5)/4: the batch of one row counts once, not as much as the other";
  EXPECT_EQ(result.examples, 4);
}

TEST(Unit_07_4, EvaluateLeavesNoTrace) {
  Echo model;
  Rows data = four_rows({0, 1, 0, 1}, 2);
  data.start_epoch(5);
  evaluate(model, first_column, data);
  EXPECT_EQ(model.modes, (std::vector<bool>{false, false}));
  EXPECT_FALSE(model.recording) << "evaluation builds no graph";
  EXPECT_TRUE(model.training()) << "the mode comes back";
  EXPECT_TRUE(grad_enabled());
  EXPECT_FALSE(model.w.grad().defined());
  model.eval();
  evaluate(model, first_column, data);
  EXPECT_FALSE(model.training()) << "a model that was in evaluation mode stays there";
  EXPECT_EQ(data.started.back(), 0);
}

TEST(Unit_07_4, EvaluateRestoresTheModeAfterAnError) {
  Echo model;
  Rows data = four_rows({0, 1, 0, 1}, 2);
  const auto broken = [](const Tensor&, const Batch&) -> Tensor { throw ValueError("no"); };
  EXPECT_THROW(evaluate(model, broken, data), ValueError);
  EXPECT_TRUE(model.training());
  EXPECT_TRUE(grad_enabled());
}

TEST(Unit_07_4, IgnoredLabelsDoNotCount) {
  Echo model;
  Rows data = four_rows({0, -100, 0, -100}, 4);
  EXPECT_DOUBLE_EQ(evaluate(model, first_column, data).accuracy, 0.5);
  Rows nothing = four_rows({-1, -1, -1, -1}, 4);
  EXPECT_EQ(evaluate(model, first_column, nothing).accuracy, 0);
}

// However the ignored labels fall into batches, the mean is over the labels that count.
TEST(Unit_07_4, IgnoredLabelsHaveNoShareInTheTestLoss) {
  const auto loss_in_batches_of = [](std::int64_t size) {
    Echo model;
    Rows data = four_rows({-100, -100, 0, 1}, size);
    return evaluate(model, classify, data).loss;
  };
  const double expected = (std::log(1 + std::exp(1.0)) + std::log(1 + std::exp(1.0))) / 2;  // of (-2, -1) and (5, 4)
  for (const std::int64_t size : {1, 2, 3, 4}) EXPECT_NEAR(loss_in_batches_of(size), expected, 1e-5) << size;
  Echo model;
  Rows nothing = four_rows({-100, -100, -100, -100}, 2);
  EXPECT_THROWS_WITH(evaluate(model, classify, nothing), ValueError);
}

TEST(Unit_07_4, EvaluateNeedsExamples) {
  Echo model;
  Rows data(Array({0, 2}, std::vector<Real>{}), Indices({0}), 4);
  EXPECT_THROWS_WITH(evaluate(model, first_column, data), ValueError);
}

struct Rig {
  Sequential net = small_net();
  SGD optimizer{net.parameters(), {.lr = 0.5}};
  Rows data = xor_like(20, 4);
  std::vector<StepInfo> steps;
  std::vector<EpochInfo> epochs;

  Outcome fit(const TrainerOptions& options, Schedule* schedule = nullptr, BatchSource* test = nullptr) {
    Trainer trainer(
        {.model = net, .optimizer = optimizer, .data = data, .loss = classify, .schedule = schedule, .test = test},
        options);
    trainer.on_step = [&](const StepInfo& info) { steps.push_back(info); };
    trainer.on_epoch = [&](const EpochInfo& info) { epochs.push_back(info); };
    return trainer.fit();
  }
};

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

TEST(Unit_07_4, FitGoesOnFromWhereItStands) {
  Rig run;
  Trainer trainer({.model = run.net, .optimizer = run.optimizer, .data = run.data, .loss = classify}, {.epochs = 2});
  trainer.fit();
  EXPECT_EQ(trainer.progress(), (Progress{.epoch = 2, .step = 10}));
  EXPECT_EQ(trainer.fit(), Outcome::finished) << "nothing is left to do";
  EXPECT_EQ(trainer.progress().step, 10);
}

TEST(Unit_07_4, StopRequestIsHonouredBetweenSteps) {
  Rig run;
  Trainer trainer({.model = run.net, .optimizer = run.optimizer, .data = run.data, .loss = classify}, {.epochs = 2});
  trainer.on_step = [&](const StepInfo& info) {
    if (info.step == 7) request_stop();
  };
  clear_stop();
  EXPECT_EQ(trainer.fit(), Outcome::stopped);
  EXPECT_EQ(trainer.progress().epoch, 1);
  EXPECT_EQ(trainer.progress().epoch_step, 2);
  EXPECT_EQ(trainer.progress().step, 7);
  EXPECT_EQ(trainer.progress().examples, 8);
  EXPECT_EQ(trainer.fit(), Outcome::stopped) << "asked before the first step";
  EXPECT_EQ(trainer.progress().step, 7);
  clear_stop();
  EXPECT_EQ(trainer.fit(), Outcome::finished);
  EXPECT_EQ(trainer.progress().step, 10) << "the interrupted epoch had three steps left";
}

TEST(Unit_07_4, WhatOnEpochHearsOfIsOver) {
  Rig run;
  Trainer trainer({.model = run.net, .optimizer = run.optimizer, .data = run.data, .loss = classify}, {.epochs = 2});
  std::vector<std::int64_t> epochs, steps;
  trainer.on_epoch = [&](const EpochInfo&) {
    epochs.push_back(trainer.progress().epoch);
    steps.push_back(trainer.progress().epoch_step);
  };
  trainer.fit();
  EXPECT_EQ(epochs, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(steps, (std::vector<std::int64_t>{0, 0}));
}

TEST(Unit_07_4, AStopAfterTheLastStepWaitsForTheEndOfTheEpoch) {
  Rig run;
  Trainer trainer({.model = run.net, .optimizer = run.optimizer, .data = run.data, .loss = classify}, {.epochs = 2});
  trainer.on_step = [&](const StepInfo& info) {
    if (info.step == 5) request_stop();
  };
  clear_stop();
  EXPECT_EQ(trainer.fit(), Outcome::stopped);
  EXPECT_EQ(trainer.progress(), (Progress{.epoch = 1, .step = 5}));
  clear_stop();
}

TEST(Unit_07_4, FirstInterruptAsksSecondKills) {
  {
    const StopOnInterrupt guard;
    EXPECT_FALSE(stop_requested());
    std::raise(SIGINT);
    EXPECT_TRUE(stop_requested());
  }
  clear_stop();
  const pid_t child = fork();
  if (child == 0) {
    const StopOnInterrupt guard;
    std::raise(SIGINT);
    std::raise(SIGINT);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGINT);
  Rig run;
  EXPECT_EQ(run.fit({.epochs = 1}), Outcome::finished);
}

TEST(Unit_07_4, MetricsAreJsonLines) {
  const TemporaryFolder folder;
  const std::string path = folder / "metrics.jsonl";
  Rig run;
  Rows test = xor_like(12, 5, 1);
  run.fit({.epochs = 2, .metrics = path}, nullptr, &test);
  std::istringstream file(text_of_file(path));
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(lines.size(), 12u);
  EXPECT_EQ(lines[0]["event"], "step");
  EXPECT_EQ(lines[0]["epoch"], 1) << "people count from 1";
  EXPECT_EQ(lines[0]["step"], 1);
  EXPECT_EQ(lines[3]["loss"].get<double>(), run.steps[3].loss) << "to the last bit";
  EXPECT_EQ(lines[3]["lr"], 0.5);
  EXPECT_EQ(lines[3]["grad_norm"].get<double>(), run.steps[3].grad_norm);
  EXPECT_EQ(lines[5]["event"], "epoch");
  EXPECT_EQ(lines[5]["train_loss"].get<double>(), run.epochs[0].train_loss);
  EXPECT_EQ(lines[5]["test_accuracy"].get<double>(), run.epochs[0].test->accuracy);
  EXPECT_EQ(lines[11]["epoch"], 2);
}

TEST(Unit_07_4, NumbersBelowTheirLeast) {
  Rig run;
  const TrainerParts parts{.model = run.net, .optimizer = run.optimizer, .data = run.data, .loss = classify};
  EXPECT_THROWS_WITH(Trainer(parts, {.epochs = -1}), ValueError, "Trainer", "epochs", "-1");
  EXPECT_THROWS_WITH(Trainer(parts, {.accumulate = 0}), ValueError, "Trainer", "accumulate", "0");
  EXPECT_THROWS_WITH(Trainer(parts, {.save_every = -2}), ValueError, "Trainer", "save_every", "-2");
  const TrainerParts without{.model = run.net, .optimizer = run.optimizer, .data = run.data, .loss = {}};
  EXPECT_THROWS_WITH(Trainer(without, {}), ValueError, "Trainer", "loss");
  EXPECT_THROWS_WITH(Trainer(parts, {.metrics = "/nowhere/at/all.jsonl"}), FileError, "/nowhere/at/all.jsonl");
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
