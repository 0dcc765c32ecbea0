// 07.6: a run that was cut off and resumed is the uninterrupted run, bit for bit.
#include "07_training/helpers.hpp"

namespace rushlight::test {
namespace {

// A model with everything that has a memory: batch norm's running estimate, dropout's random source; an optimizer with
// momenta, a schedule, shuffled data and a random source of the loss function's own.
struct RigWithMemory {
  Sequential net;
  AdamW optimizer;
  Schedule schedule;
  Rows data = xor_like(22, 4, 5);
  Rows test = xor_like(8, 8, 6);
  Generator noise{77};
  std::vector<StepInfo> steps;
  std::vector<EpochInfo> epochs;

  explicit RigWithMemory(std::uint64_t seed = 3)
      : net(make(seed)),
        optimizer(net.parameters(), {.lr = 0.05}),
        schedule(linear_warmup(optimizer, {.warmup = 3, .total = 30})) {}

  static Sequential make(std::uint64_t seed) {
    Generator g(seed);
    return Sequential{Linear({.in = 2, .out = 8}, g), BatchNorm1d({.features = 8}), Tanh(), Dropout({.p = 0.25}, g),
                      Linear({.in = 8, .out = 2}, g)};
  }

  Tensor noisy_loss(const Tensor& output, const Batch& batch) {
    const Real factor = static_cast<Real>(net.training() ? 1 + 0.1 * noise.uniform() : 1);
    return classify(output, batch) * factor;
  }

  Trainer trainer(const TrainerOptions& options) {
    return Trainer({.model = net,
                    .optimizer = optimizer,
                    .data = data,
                    .loss = [this](const Tensor& y, const Batch& b) { return noisy_loss(y, b); },
                    .schedule = &schedule,
                    .test = &test,
                    .generators = {{"noise", &noise}}},
                   options);
  }

  // Trains until `stop_after` steps are done in all, or to the end.
  void fit(Trainer& trainer, std::int64_t stop_after = -1) {
    clear_stop();
    trainer.on_step = [this, stop_after](const StepInfo& info) {
      steps.push_back(info);
      if (info.step == stop_after) request_stop();
    };
    trainer.on_epoch = [this](const EpochInfo& info) { epochs.push_back(info); };
    trainer.fit();
    clear_stop();
  }
};

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

TEST(Unit_07_6, WhatIsMissingIsNamed) {
  RigWithMemory rig;
  Trainer trainer = rig.trainer({.epochs = 1});
  rig.fit(trainer, 2);
  const SafeTensors good = trainer.state_dict();
  for (const char* key :
       {"format", "optimizer", "schedule.steps", "data.position", "progress.loss_sum", "generator.noise"}) {
    SafeTensors bad = good;
    bad.metadata.erase(key);
    EXPECT_THROWS_WITH(trainer.load_state_dict(bad), FileError, key);
  }
  SafeTensors bad = good;
  bad.metadata["progress.step"] = "many";
  EXPECT_THROWS_WITH(trainer.load_state_dict(bad), FileError, "progress.step", "many");
  bad = good;
  bad.metadata["format"] = "something else";
  EXPECT_THROWS_WITH(trainer.load_state_dict(bad), FileError, "format", "something else");
  bad = good;
  bad.tensors.erase("model.0.weight");
  EXPECT_THROWS_WITH(trainer.load_state_dict(bad), ValueError, "0.weight");
  bad = good;
  bad.tensors.erase("optimizer.0.exp_avg");
  EXPECT_THROWS_WITH(trainer.load_state_dict(bad), ValueError, "0.exp_avg");
}

TEST(Unit_07_6, AStateThatLacksAnEntryChangesNothing) {
  RigWithMemory rig;
  Trainer trainer = rig.trainer({.epochs = 1});
  SafeTensors bad = trainer.state_dict();
  rig.fit(trainer, 2);
  const SafeTensors before = trainer.state_dict();
  bad.metadata.erase("progress.step");
  EXPECT_THROW(trainer.load_state_dict(bad), FileError);
  EXPECT_EQ(trainer.state_dict(), before);
}

// Whatever part of it does not fit: the model, the optimizer's options, the schedule, the place in the data, a number
// that no run could have written. Nothing may have changed, not even the parts that the state did fit.
TEST(Unit_07_6, AStateThatIsRefusedChangesNothing) {
  RigWithMemory rig;
  Trainer trainer = rig.trainer({.epochs = 4});
  rig.fit(trainer, 2);
  const SafeTensors earlier = trainer.state_dict();
  rig.fit(trainer, 8);
  const SafeTensors before = trainer.state_dict();
  const auto expect_refused = [&](const std::string& what, const std::function<void(SafeTensors&)>& change) {
    SafeTensors bad = earlier;
    change(bad);
    EXPECT_THROW(trainer.load_state_dict(bad), Error) << what;
    EXPECT_EQ(trainer.state_dict(), before) << what;
  };
  expect_refused("a tensor too many", [](SafeTensors& s) { s.tensors["model.extra"] = store(zeros({1})); });
  expect_refused("a misshapen tensor", [](SafeTensors& s) { s.tensors["model.4.bias"] = store(zeros({3})); });
  expect_refused("a missing moment", [](SafeTensors& s) { s.tensors.erase("optimizer.3.exp_avg"); });
  const std::vector<std::pair<std::string, std::string>> bad_numbers = {
      {"optimizer.0.step", "1e300"},
      {"optimizer.2.step", "-5"},
      {"optimizer.groups.0.lr", "nan"},
      {"optimizer.groups.0.beta1", "1"},
      {"optimizer.groups.0.eps", "-1"},
      {"schedule.base_lr.0", "nan"},
      {"schedule.base_lr.0", "-0.1"},
      {"schedule.steps", "-1"},
      {"schedule.steps", "9223372036854775807"},
      {"schedule", "StepLR"},
      {"data.position", "1000"},
      {"data.seed", "6"},
      {"progress.epoch", "-1"},
      {"progress.step", "9223372036854775807"},
      {"progress.epoch_step", "-1"},
      {"progress.examples", "-8"},
      {"progress.loss_sum", "nan"},
      {"generator.noise", "0000000000000000 0000000000000000 0000000000000000 0000000000000000"},
      {"generator.noise", "0 0 0"}};
  for (const auto& [key, text] : bad_numbers) {
    expect_refused(key + " = " + text, [&](SafeTensors& s) { s.metadata.at(key) = text; });
  }
  for (const auto& [key, text] : earlier.metadata) {
    if (!key.starts_with("generator.model.")) continue;
    expect_refused(key, [&](SafeTensors& s) { s.metadata.at(key) = "0 0 0 0"; });
  }
  trainer.load_state_dict(earlier);  // the state itself is fine
  EXPECT_EQ(trainer.state_dict(), earlier);
}

TEST(Unit_07_6, ErrorsNameTheFile) {
  const TemporaryFolder folder;
  RigWithMemory rig;
  Trainer trainer = rig.trainer({.epochs = 1});
  EXPECT_THROWS_WITH(trainer.load(folder / "absent"), FileError, "absent");
  EXPECT_FALSE(trainer.load_if_there(folder / "absent"));
  save_safetensors(folder / "weights", SafeTensors{});
  EXPECT_THROWS_WITH(trainer.load(folder / "weights"), FileError, "weights", "format");
  trainer.save(folder / "good");
  SafeTensors other = load_safetensors(folder / "good");
  other.tensors["model.extra"] = store(zeros({1}));
  save_safetensors(folder / "extra", other);
  EXPECT_THROWS_WITH(trainer.load(folder / "extra"), ValueError, (folder / "extra"), "extra");
}

}  // namespace
}  // namespace rushlight::test
