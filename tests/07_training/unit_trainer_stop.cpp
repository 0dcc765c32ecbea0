// 07.4: where a run stands, how it is stopped, and what it writes down.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "07_training/rigs.hpp"

namespace rushlight::test {
namespace {

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
  EXPECT_GT(run.steps[3].grad_norm, 0) << "the log wants it, whatever the limits say";
  EXPECT_EQ(lines[5]["event"], "epoch");
  EXPECT_EQ(lines[5]["train_loss"].get<double>(), run.epochs[0].train_loss);
  EXPECT_EQ(lines[5]["test_accuracy"].get<double>(), run.epochs[0].test->accuracy);
  EXPECT_EQ(lines[11]["epoch"], 2);
}

// The error comes first of all: nothing of the end of an epoch has happened then.
TEST(Unit_07_4, AnEpochOfNothingEndsNothing) {
  const TemporaryFolder folder;
  Rig run;
  run.data = four_rows({-100, -100, -100, -100}, 2);
  Rows test = four_rows({0, 1, 0, 1}, 2);
  Schedule schedule = step_lr(run.optimizer, {.step_size = 1, .gamma = 0.5});
  const std::string file = folder / "run.safetensors", log = folder / "log.jsonl";
  Trainer trainer({.model = run.net,
                   .optimizer = run.optimizer,
                   .data = run.data,
                   .loss = classify,
                   .schedule = &schedule,
                   .test = &test},
                  {.epochs = 2, .checkpoint = file, .metrics = log});
  trainer.on_epoch = [](const EpochInfo&) { ADD_FAILURE() << "the epoch was reported"; };
  EXPECT_THROWS_WITH(trainer.fit(), ValueError, "epoch 1");
  EXPECT_EQ(schedule.steps(), 0);
  EXPECT_EQ(run.optimizer.lr(), 0.5);
  EXPECT_TRUE(test.started.empty()) << "it was evaluated";
  EXPECT_EQ(trainer.progress(), (Progress{.step = 2, .epoch_step = 2}));
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_EQ(text_of_file(log).find("\"epoch\",\"epoch\""), std::string::npos) << text_of_file(log);
}

TEST(Unit_07_4, RandomSourcesHaveNamesOfTheirOwn) {
  RigWithMemory rig;
  Generator other(1);
  const auto make = [&](const NamedGenerators& generators) {
    const Trainer made(
        {.model = rig.net, .optimizer = rig.optimizer, .data = rig.data, .loss = classify, .generators = generators},
        {});
  };
  make({{"noise", &rig.noise}, {"model", &other}, {"modelling.x", &other}});
  EXPECT_THROWS_WITH(make({{"noise", &rig.noise}, {"noise", &other}}), ValueError, "Trainer", "'noise'");
  EXPECT_THROWS_WITH(make({{"noise", &rig.noise}, {"model.3.generator", &other}}), ValueError, "'model.3.generator'");
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

}  // namespace
}  // namespace rushlight::test
