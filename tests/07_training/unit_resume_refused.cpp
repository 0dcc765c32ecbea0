// 07.6: a state that does not fit is refused by name, and nothing has changed then.
#include "07_training/rigs.hpp"

namespace rushlight::test {
namespace {

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
  for (const std::string format : {"something else", "rushlight-training-2", "rushlight-training-10", "rushlight"}) {
    bad = good;
    bad.metadata["format"] = format;
    EXPECT_THROWS_WITH(trainer.load_state_dict(bad), FileError, "format", format);
  }
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

// Each entry by itself, and each tensor: none is there for nothing.
TEST(Unit_07_6, NoEntryMayBeMissing) {
  RigWithMemory rig;
  Trainer trainer = rig.trainer({.epochs = 1});
  rig.fit(trainer, 2);
  const SafeTensors earlier = trainer.state_dict();
  rig.fit(trainer, 4);
  const SafeTensors before = trainer.state_dict();
  for (const auto& [key, text] : earlier.metadata) {
    SafeTensors bad = earlier;
    bad.metadata.erase(key);
    EXPECT_THROW(trainer.load_state_dict(bad), Error) << key;
    EXPECT_TRUE(trainer.state_dict() == before) << key;
  }
  for (const auto& [key, tensor] : earlier.tensors) {
    SafeTensors bad = earlier;
    bad.tensors.erase(key);
    EXPECT_THROW(trainer.load_state_dict(bad), Error) << key;
    EXPECT_TRUE(trainer.state_dict() == before) << key;
  }
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

TEST(Unit_07_6, AFileThatIsRefusedLeavesTheLog) {
  const TemporaryFolder folder;
  const std::string log = folder / "log.jsonl", file = folder / "file";
  RigWithMemory rig;
  Trainer trainer = rig.trainer({.epochs = 1, .metrics = log});
  rig.fit(trainer, 2);
  const SafeTensors earlier = trainer.state_dict();
  rig.fit(trainer);
  const std::string before = text_of_file(log);
  const std::vector<std::function<void(SafeTensors&)>> changes = {
      [](SafeTensors& s) { s.metadata["format"] = "another"; },
      [](SafeTensors& s) { s.metadata.erase("progress.loss_sum"); },
      [](SafeTensors& s) { s.metadata["data.seed"] = "6"; },
      [](SafeTensors& s) { s.tensors.erase("optimizer.0.exp_avg"); },
      [](SafeTensors& s) { s.tensors["model.extra"] = store(zeros({1})); }};
  for (const auto& change : changes) {
    SafeTensors bad = earlier;
    change(bad);
    save_safetensors(file, bad);
    EXPECT_THROW(trainer.load(file), Error);
    EXPECT_EQ(text_of_file(log), before);
  }
  std::ofstream(file) << "no checkpoint at all";
  EXPECT_THROW(trainer.load(file), FileError);
  EXPECT_THROW(trainer.load(folder / "absent"), FileError);
  EXPECT_EQ(text_of_file(log), before);
  save_safetensors(file, earlier);
  trainer.load(file);
  EXPECT_EQ(text_of_file(log), before.substr(0, before.find("\n", before.find("\n") + 1) + 1)) << "two steps are left";
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
