// 07.4 and 07.6: what has happened, and what has not, when something else does.
#include <algorithm>

#include "07_training/rigs.hpp"

namespace rushlight::test {
namespace {

std::ptrdiff_t lines_of_file(const std::string& path) {
  const std::string text = text_of_file(path);
  return std::count(text.begin(), text.end(), '\n');
}

TEST(Unit_07_4, WhatIsReportedIsInTheLog) {
  const TemporaryFolder folder;
  const std::string log = folder / "log.jsonl";
  RigWithMemory rig;
  Trainer trainer = rig.trainer({.epochs = 2, .metrics = log});
  trainer.on_step = [&](const StepInfo& info) { EXPECT_EQ(lines_of_file(log), info.step + info.epoch); };
  trainer.on_epoch = [&](const EpochInfo& info) { EXPECT_EQ(lines_of_file(log), info.step + info.epoch + 1); };
  trainer.fit();
}

TEST(Unit_07_4, AnEpochWhoseEvaluationFailsIsNotOver) {
  const TemporaryFolder folder;
  const std::string log = folder / "log.jsonl", file = folder / "run.safetensors";
  Rig run;
  Rows nothing = four_rows({-100, -100, -100, -100}, 2);
  Trainer trainer({.model = run.net, .optimizer = run.optimizer, .data = run.data, .loss = classify, .test = &nothing},
                  {.epochs = 2, .checkpoint = file, .metrics = log});
  trainer.on_epoch = [](const EpochInfo&) { ADD_FAILURE() << "the epoch was reported"; };
  EXPECT_THROWS_WITH(trainer.fit(), ValueError, "evaluate");
  EXPECT_EQ(trainer.progress().epoch, 0);
  EXPECT_EQ(trainer.progress().epoch_step, 5);
  EXPECT_EQ(lines_of_file(log), 5);
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_TRUE(run.net.training());
}

// Three epochs of three steps. What the file holds while a step is reported: its own save comes afterwards.
TEST(Unit_07_4, SavesComeEverySoManyStepsAndAfterEveryEpoch) {
  const auto seen_with = [](std::int64_t save_every) {
    const TemporaryFolder folder;
    const std::string file = folder / "run.safetensors";
    RigWithMemory rig;
    Trainer trainer = rig.trainer({.epochs = 3, .accumulate = 2, .checkpoint = file, .save_every = save_every});
    std::vector<int> seen;
    trainer.on_step = [&](const StepInfo&) {
      const bool there = std::filesystem::exists(file);
      seen.push_back(there ? std::stoi(load_safetensors(file).metadata.at("progress.step")) : 0);
    };
    trainer.fit();
    return seen;
  };
  EXPECT_EQ(seen_with(0), (std::vector<int>{0, 0, 0, 3, 3, 3, 6, 6, 6}));
  EXPECT_EQ(seen_with(1), (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(seen_with(2), (std::vector<int>{0, 0, 2, 3, 4, 4, 6, 6, 8}));
  EXPECT_EQ(seen_with(4), (std::vector<int>{0, 0, 0, 3, 4, 4, 6, 6, 8}));
  EXPECT_EQ(seen_with(100), seen_with(0));
}

TEST(Unit_07_6, AStateTakenInOnStepHasThePlaceOfTheSource) {  // also after the last step of an epoch
  RigWithMemory rig;
  Trainer trainer = rig.trainer({.epochs = 2, .accumulate = 2});
  trainer.on_step = [&](const StepInfo& info) {
    const auto m = trainer.state_dict().metadata;
    EXPECT_EQ(m.at("data.epoch"), std::to_string(info.epoch));
    EXPECT_EQ(m.at("data.position"), std::to_string(2 * info.epoch_step)) << "after step " << info.step;
    EXPECT_EQ(m.at("progress.epoch_step"), std::to_string(info.epoch_step));
  };
  trainer.fit();
}

TEST(Unit_07_6, AStateFromBeforeTheFirstStepEmptiesTheLog) {
  const TemporaryFolder folder;
  const std::string log = folder / "log.jsonl";
  RigWithMemory rig;
  Trainer trainer = rig.trainer({.epochs = 1, .metrics = log});
  trainer.save(folder / "fresh");
  rig.fit(trainer);
  EXPECT_EQ(lines_of_file(log), 7);
  trainer.load(folder / "fresh");
  EXPECT_EQ(lines_of_file(log), 0);
  rig.fit(trainer);
  EXPECT_EQ(lines_of_file(log), 7);
}

TEST(Unit_07_4, WhatAStepReportsOfTheGroupsAndTheNorm) {
  for (const std::int64_t save_every : {0, 1}) {
    const TemporaryFolder folder;
    Sequential net = small_net();
    const Tensors all = net.parameters();
    SGD optimizer({{.parameters = {all[0], all[1]}, .options = {.lr = 0.5}},
                   {.parameters = {all[2], all[3]}, .options = {.lr = 0.25}}});
    Rows data = xor_like(8, 4);
    Schedule schedule = exponential_lr(optimizer, {.gamma = 0.5});
    Trainer trainer({.model = net, .optimizer = optimizer, .data = data, .loss = classify, .schedule = &schedule},
                    {.epochs = 2, .checkpoint = folder / "run.safetensors", .save_every = save_every});
    trainer.on_step = [&](const StepInfo& info) {
      EXPECT_EQ(info.lr, info.epoch == 0 ? 0.5 : 0.25) << "of group 0";
      EXPECT_EQ(info.grad_norm, 0) << "nobody asked for it";
    };
    trainer.fit();
    EXPECT_EQ(optimizer.lr(1), 0.0625);
  }
}

}  // namespace
}  // namespace rushlight::test
