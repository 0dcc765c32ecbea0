// 07.6: a run that was cut off and resumed is the uninterrupted run, bit for bit.
#include "07_training/rigs.hpp"

namespace rushlight::test {
namespace {

void expect_same_steps(const std::vector<StepInfo>& tail, const std::vector<StepInfo>& all) {
  ASSERT_LE(tail.size(), all.size());
  for (std::size_t i = 0; i < tail.size(); ++i) {
    const StepInfo &actual = tail[i], &expected = all[all.size() - tail.size() + i];
    EXPECT_EQ(json_line(actual), json_line(expected));
  }
}

// Four epochs of 6 batches (3 steps of 2). One run straight through; another stops after `stop_after` steps, saves, and
// everything is built anew from other seeds and loads the file.
void expect_resumes(std::int64_t stop_after) {
  const TemporaryFolder folder;
  const TrainerOptions straight_options{.epochs = 4,
                                        .accumulate = 2,
                                        .limits = {.clip_norm = 1},
                                        .schedule_per_step = true,
                                        .metrics = folder / "straight.jsonl"};
  RigWithMemory straight;
  Trainer whole = straight.trainer(straight_options);
  straight.fit(whole);

  TrainerOptions options = straight_options;
  options.checkpoint = folder / "run.safetensors";
  options.metrics = folder / "run.jsonl";
  std::size_t steps_before = 0;
  {
    RigWithMemory first;
    Trainer trainer = first.trainer(options);
    first.fit(trainer, stop_after);
    steps_before = first.steps.size();
  }
  EXPECT_EQ(steps_before, static_cast<std::size_t>(stop_after));
  RigWithMemory second(99);
  second.noise = Generator(1);
  Trainer trainer = second.trainer(options);
  ASSERT_TRUE(trainer.load_if_there(options.checkpoint));
  second.fit(trainer);
  EXPECT_EQ(second.steps.size() + steps_before, straight.steps.size());
  expect_same_steps(second.steps, straight.steps);
  expect_same_state(second.net.state_dict(), straight.net.state_dict());
  EXPECT_EQ(second.noise.state(), straight.noise.state());
  EXPECT_EQ(json_line(second.epochs.back()), json_line(straight.epochs.back()));
  EXPECT_EQ(text_of_file(options.metrics), text_of_file(straight_options.metrics))
      << "the logs must not differ in a byte";
  EXPECT_TRUE(same_list(encode_safetensors(trainer.state_dict()), encode_safetensors(whole.state_dict())));
}

TEST(Unit_07_6, ResumesInTheMiddleOfAnEpoch) { expect_resumes(5); }

TEST(Unit_07_6, ResumesAfterTheFirstStep) { expect_resumes(1); }

TEST(Unit_07_6, ResumesAtTheEndOfAnEpoch) { expect_resumes(6); }

TEST(Unit_07_6, ResumesFromAPeriodicSaveAfterACrash) {
  // Saved at steps 2, 4, ... The "crash" comes after step 5: the log is a step ahead of the checkpoint.
  const TemporaryFolder folder;
  TrainerOptions options{.epochs = 2, .accumulate = 2, .metrics = folder / "straight.jsonl"};
  RigWithMemory straight;
  Trainer whole = straight.trainer(options);
  straight.fit(whole);
  options.metrics = folder / "run.jsonl";
  options.checkpoint = folder / "run.safetensors";
  options.save_every = 2;
  struct Crash {};
  {
    RigWithMemory first;
    Trainer trainer = first.trainer(options);
    trainer.on_step = [](const StepInfo& info) {
      if (info.step == 5) throw Crash();
    };
    EXPECT_THROW(trainer.fit(), Crash);
    std::ofstream(options.metrics, std::ios::app) << R"({"event":"st)";  // half a line
  }
  RigWithMemory second(99);
  Trainer trainer = second.trainer(options);
  trainer.load(options.checkpoint);
  EXPECT_EQ(trainer.progress().step, 4);
  EXPECT_EQ(trainer.progress().epoch_step, 1);
  second.fit(trainer);
  expect_same_state(second.net.state_dict(), straight.net.state_dict());
  EXPECT_EQ(text_of_file(options.metrics), text_of_file(folder / "straight.jsonl"));
}

TEST(Unit_07_6, LoadsTheWayItSaves) {
  RigWithMemory one;
  Trainer trainer = one.trainer({.epochs = 2});
  one.fit(trainer, 4);
  const SafeTensors state = trainer.state_dict();
  RigWithMemory other(8);
  Trainer loaded = other.trainer({.epochs = 2});
  loaded.load_state_dict(state);
  EXPECT_EQ(loaded.progress(), trainer.progress());
  EXPECT_EQ(loaded.state_dict(), state);
}

TEST(Unit_07_6, NamesInTheFile) {
  RigWithMemory rig;
  Trainer trainer = rig.trainer({.epochs = 2});
  rig.fit(trainer, 2);
  const SafeTensors state = trainer.state_dict();
  for (const char* name : {"model.0.weight", "model.1.running_var", "model.4.bias", "optimizer.0.exp_avg"}) {
    EXPECT_TRUE(state.tensors.contains(name)) << name;
  }
  const auto& m = state.metadata;
  EXPECT_EQ(m.at("format"), "rushlight-training-1");
  EXPECT_EQ(m.at("optimizer"), "AdamW");
  EXPECT_EQ(m.at("optimizer.0.step"), "2");
  EXPECT_EQ(m.at("optimizer.groups.0.beta2"), "0.999");
  EXPECT_EQ(m.at("schedule"), "LinearWarmup");
  EXPECT_EQ(m.at("schedule.steps"), "0");
  EXPECT_EQ(m.at("schedule.base_lr.0"), "0.05");
  EXPECT_EQ(m.at("data.seed"), "5");
  EXPECT_EQ(m.at("data.position"), "2");
  EXPECT_EQ(m.at("progress.step"), "2");
  EXPECT_EQ(m.at("progress.epoch_step"), "2");
  EXPECT_EQ(m.at("progress.examples"), "8");
  EXPECT_EQ(m.at("generator.noise"), text_of(rig.noise));
  EXPECT_TRUE(m.contains("generator.model.3.generator") || m.contains("generator.model.3.mask"))
      << "dropout's random source";
}

TEST(Unit_07_6, BetweenEpochsTheNextOneIsMeant) {
  RigWithMemory rig;
  Trainer trainer = rig.trainer({.epochs = 1});
  rig.fit(trainer);
  const SafeTensors state = trainer.state_dict();
  EXPECT_EQ(state.metadata.at("progress.epoch"), "1");
  EXPECT_EQ(state.metadata.at("data.epoch"), "1");
  EXPECT_EQ(state.metadata.at("data.position"), "0");
}

// Wherever the source stands: somebody may have looked at the data in the meantime.
TEST(Unit_07_6, BetweenEpochsThePlaceOfTheSourceDoesNotMatter) {
  for (const std::int64_t done : {0, 1, 2}) {
    RigWithMemory rig;
    Trainer trainer = rig.trainer({.epochs = done});
    rig.fit(trainer);
    rig.data.start_epoch(5);
    Batch batch;
    rig.data.next(batch);
    const SafeTensors state = trainer.state_dict();
    EXPECT_EQ(state.metadata.at("data.epoch"), std::to_string(done));
    EXPECT_EQ(state.metadata.at("data.position"), "0");
    EXPECT_EQ(state.metadata.at("data.seed"), "5");
    EXPECT_EQ(rig.data.state().epoch, 5) << "asking moves nothing";
    EXPECT_EQ(rig.data.state().position, 1);
  }
}

TEST(Unit_07_6, WhatOnEpochChangesIsSaved) {
  const TemporaryFolder folder;
  RigWithMemory rig;
  Trainer trainer = rig.trainer({.epochs = 2, .checkpoint = folder / "run.safetensors"});
  trainer.on_epoch = [&](const EpochInfo& info) {
    rig.optimizer.set_lr(info.epoch == 0 ? 0.5 : 0.25);
    rig.noise.uniform();
  };
  trainer.fit();
  EXPECT_EQ(load_safetensors(folder / "run.safetensors").metadata, trainer.state_dict().metadata);
}

// A save that was asked for within an epoch comes last in its step.
TEST(Unit_07_6, WhatOnStepChangesIsSaved) {
  const TemporaryFolder folder;
  RigWithMemory rig;
  Trainer trainer =
      rig.trainer({.epochs = 1, .accumulate = 2, .checkpoint = folder / "run.safetensors", .save_every = 1});
  std::string left;
  trainer.on_step = [&](const StepInfo& info) {
    if (info.step > 1) {
      const SafeTensors saved = load_safetensors(folder / "run.safetensors");
      EXPECT_EQ(saved.metadata.at("progress.step"), std::to_string(info.step - 1));
      EXPECT_EQ(saved.metadata.at("optimizer.groups.0.lr"), left) << "before step " << info.step;
    }
    const double rate = 0.5 / static_cast<double>(info.step);
    rig.optimizer.set_lr(rate);
    left = text_of(rate);
  };
  trainer.fit();
}

TEST(Unit_07_6, AStopBeforeTheFirstStepIsSavedToo) {
  const TemporaryFolder folder;
  const TrainerOptions options{.epochs = 1, .checkpoint = folder / "run.safetensors"};
  RigWithMemory rig;
  Trainer trainer = rig.trainer(options);
  request_stop();
  EXPECT_EQ(trainer.fit(), Outcome::stopped);
  clear_stop();
  RigWithMemory other(8);
  Trainer resumed = other.trainer(options);
  ASSERT_TRUE(resumed.load_if_there(options.checkpoint)) << "no file was written";
  EXPECT_EQ(resumed.progress(), Progress{});
  expect_same_state(other.net.state_dict(), rig.net.state_dict());
}

}  // namespace
}  // namespace rushlight::test
