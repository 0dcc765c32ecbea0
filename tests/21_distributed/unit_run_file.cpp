// One file for many ranks.
#include <filesystem>

#include "07_training/run_state.hpp"
#include "networks.hpp"

namespace rushlight::test {
namespace {

std::shared_ptr<const Dataset> twelve_rows() {
  const Batch batch = some_batch(12, 77);
  return std::make_shared<TensorDataset>(batch.inputs, batch.labels);
}

const LoaderOptions four_a_batch{.batch_size = 4, .shuffle = true, .seed = 21};

struct SavedRun {
  SavedRun(std::uint64_t seed, int rank, int ranks)
      : net(seed),
        optimizer(net.parameters(), AdamWOptions{.lr = 0.01}),
        data(twelve_rows(), four_a_batch, rank, ranks) {}
  RunParts parts() { return {net, optimizer, data, progress}; }
  void one_step() {
    Batch batch;
    ASSERT_TRUE(data.next(batch));
    optimizer.zero_grad();
    cross_entropy(net(Tensor(some_batch(3, 1).inputs)), some_batch(3, 1).labels).backward();
    optimizer.step();
    ++progress.step;
    ++progress.epoch_step;
  }
  SmallNet net;
  AdamW optimizer;
  DistributedLoader data;
  Progress progress;
};

TEST(Unit_21_8, AStateHoldsAllThatTheNextStepNeeds) {
  SavedRun before(1, 0, 2);
  before.one_step();
  before.one_step();
  const SafeTensors state = run_state(before.parts());
  EXPECT_EQ(state.metadata.at("format"), "rushlight-ranks-1");
  EXPECT_EQ(state.metadata.at("data.position"), "2");
  EXPECT_EQ(state.metadata.at("progress.step"), "2");
  EXPECT_TRUE(state.tensors.contains("model.first.weight"));
  EXPECT_TRUE(state.tensors.contains("optimizer.1.exp_avg")) << "parameter 0 has no gradient, and no memory";
  SavedRun after(2, 1, 3);
  load_run_state(after.parts(), state);
  EXPECT_EQ(after.progress, before.progress);
  EXPECT_EQ(after.data.state(), before.data.state());
  EXPECT_EQ(values_of(after.net), values_of(before.net));
  before.one_step();
  after.one_step();
  EXPECT_EQ(values_of(after.net), values_of(before.net)) << "the optimizer's memory came along";
}

TEST(Unit_21_8, AllOrNothing) {
  SavedRun before(1, 0, 1);
  before.one_step();
  SafeTensors state = run_state(before.parts());
  SavedRun fresh(2, 0, 1), under_way(2, 0, 1);
  under_way.data.start_epoch(3);
  under_way.one_step();
  under_way.one_step();
  const auto refused = [&](const SafeTensors& broken, const char* what) {
    for (SavedRun* after : {&fresh, &under_way}) {
      const SafeTensors old = run_state(after->parts());
      EXPECT_THROW(load_run_state(after->parts(), broken), Error) << what;
      EXPECT_EQ(bytes_as_text(run_state(after->parts())), bytes_as_text(old)) << what;
      EXPECT_EQ(after->progress.step, after == &fresh ? 0 : 2) << what;
    }
  };
  SafeTensors broken = state;
  broken.metadata["format"] = "rushlight-training-1";
  refused(broken, "another format");
  broken = state;
  broken.tensors.erase("model.second.bias");
  refused(broken, "an array of the model is missing");
  broken = state;
  broken.tensors.at("model.second.bias") = store(zeros({7}));
  refused(broken, "an array of the model has another shape");
  broken = state;
  broken.tensors.at("optimizer.1.exp_avg") = store(zeros({7}));
  refused(broken, "an array of the optimizer has another shape");
  broken = state;
  broken.metadata["data.position"] = "99";
  refused(broken, "a place behind the end of the data");
  broken = state;
  broken.metadata.erase("progress.step");
  refused(broken, "a number is missing");
  broken = state;
  broken.metadata["data.seed"] = "3";
  refused(broken, "another order of the data");
}

RANKS(save_and_load) {
  SavedRun before(1, world.rank(), world.size());
  before.one_step();
  const std::string path = path_of("run-of-" + std::to_string(world.size()) + ".safetensors");
  save_run(world, path, before.parts());
  says["there"] = std::filesystem::exists(path);
  SavedRun after(static_cast<std::uint64_t>(2 + world.rank()), world.rank(), world.size());
  load_run(world, path, after.parts());
  EXPECT_EQ(values_of(after.net), values_of(before.net));
  EXPECT_EQ(after.progress, before.progress);
  EXPECT_EQ(after.data.state(), before.data.state());
}

TEST(Unit_21_8, SavedOnceAndReadByAll) {
  for (const int ranks : rank_counts()) {
    for (const json& said : on_ranks(ranks, "save_and_load")) EXPECT_TRUE(said["there"].get<bool>());
  }
}

RANKS(only_rank_0_sees_the_disk) {
  const std::string path = path_of("of-rank-0.safetensors");
  SavedRun before(1, world.rank(), world.size());
  before.one_step();
  save_run(world, world.rank() == 0 ? path : "/no/such/folder/file", before.parts());
  SavedRun after(static_cast<std::uint64_t>(2 + world.rank()), world.rank(), world.size());
  load_run(world, world.rank() == 0 ? path : "/no/such/folder/file", after.parts());
  says["values"] = values_of(after.net);
}

TEST(Unit_21_8, OtherRanksNeedNoDisk) {
  const std::vector<json> said = on_ranks(2, "only_rank_0_sees_the_disk");
  EXPECT_EQ(said[0]["values"], said[1]["values"]);
}

RANKS(rank_0_cannot) {
  SavedRun run(1, world.rank(), world.size());
  const auto message_of = [&](auto&& act) -> std::string {
    try {
      act();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  says["save"] = message_of([&] { save_run(world, "/no/such/folder/file", run.parts()); });
  says["load"] = message_of([&] { load_run(world, path_of("not-there"), run.parts()); });
}

// Not only files fail.
struct SecretiveLoader : DistributedLoader {
  using DistributedLoader::DistributedLoader;
  LoaderState state() const override { throw std::runtime_error("I do not say where I am."); }
};

RANKS(rank_0_cannot_ask) {
  SavedRun run(1, world.rank(), world.size());
  SecretiveLoader data(twelve_rows(), four_a_batch, world.rank(), world.size());
  says["message"] = "";
  try {
    save_run(world, path_of("never-written"), {run.net, run.optimizer, data, run.progress});
  } catch (const std::exception& error) {
    says["message"] = error.what();
  }
}

TEST(Unit_21_8, WhateverFailsOnRank0ReachesAll) {
  const std::vector<json> said = on_ranks(2, "rank_0_cannot_ask");
  EXPECT_EQ(said[0]["message"], "I do not say where I am.");
  const std::string rank_1 = said[1]["message"];
  EXPECT_NE(rank_1.find("rank 0"), std::string::npos) << rank_1;
  EXPECT_EQ(rank_1.find("no text came"), std::string::npos) << "it does not wait for nothing";
}

TEST(Unit_21_8, AFailureOnRank0ReachesAll) {
  const std::vector<json> said = on_ranks(2, "rank_0_cannot");
  for (const char* act : {"save", "load"}) {
    const std::string rank_0 = said[0][act], rank_1 = said[1][act];
    EXPECT_NE(rank_0.find(std::string(act) == "save" ? "/no/such/folder/file" : "not-there"), std::string::npos)
        << rank_0;
    EXPECT_NE(rank_1.find("rank 0"), std::string::npos) << "rank 1 hears of it: " << rank_1;
    EXPECT_EQ(rank_1.find("is not over after"), std::string::npos) << "and does not wait for nothing";
    EXPECT_EQ(rank_1.find("no text came"), std::string::npos) << "and does not wait for nothing";
  }
}

}  // namespace
}  // namespace rushlight::test
