// Whole runs: one rank and two ranks tell the same story, and one goes on where the other stopped.
#include <algorithm>

#include "networks.hpp"

namespace rushlight::test {
namespace {

std::shared_ptr<const Dataset> rows() {  // 50 rows whose class can be learnt: the largest of three numbers
  Batch batch = some_batch(50, 5);
  for (std::int64_t i = 0; i < 50; ++i) {
    const auto row = batch.inputs.data().subspan(static_cast<std::size_t>(3 * i), 3);
    batch.labels.mutable_data()[i] = static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
  }
  return std::make_shared<TensorDataset>(batch.inputs, batch.labels);
}

const LoaderOptions options{.batch_size = 12, .shuffle = true, .seed = 3};  // four batches of 12, one of 2

struct Training {
  Training(World& world, std::uint64_t seed)
      : net(seed),
        data(rows(), options, world.rank(), world.size()),
        parallel(world, net, {.bucket_bytes = 64}),
        optimizer(net.parameters(), AdamWOptions{.lr = 0.02}) {}
  RunParts parts() { return {net, optimizer, data, progress}; }

  double step() {
    Batch batch;
    if (!data.next(batch)) {
      data.start_epoch(++progress.epoch);
      progress.epoch_step = 0;
      data.next(batch);
    }
    const StepResult result = parallel.backward(cross_entropy_of, batch);
    optimizer.step();
    ++progress.step;
    ++progress.epoch_step;
    return result.loss;
  }

  SmallNet net;
  DistributedLoader data;
  DataParallel parallel;
  AdamW optimizer;
  Progress progress;
};

RANKS(fifty_steps) {
  Training training(world, static_cast<std::uint64_t>(11 + world.rank()));
  says["losses"] = json::array();
  for (int step = 0; step < 50; ++step) {
    says["losses"].push_back(training.step());
    if (step % 10 == 9) require_agreement(world, training.net);
  }
}

TEST(Progressive_21_6, FiftyStepsTellTheSameStory) {
  const json one = on_ranks(1, "fifty_steps")[0]["losses"];
  ASSERT_EQ(one.size(), 50u);
  EXPECT_LT(one[49].get<double>(), 0.8 * one[0].get<double>()) << "it learns";
  for (const int ranks : rank_counts()) {
    for (const json& said : on_ranks(ranks, "fifty_steps")) {
      EXPECT_TRUE(close(said["losses"], one, 1e-4, 1e-5)) << ranks << " ranks";
    }
  }
}

std::string path() { return path_of("goes-on.safetensors"); }

RANKS(stops_after_seven) {
  Training training(world, 11);
  says["losses"] = json::array();
  for (int step = 0; step < 14; ++step) {
    if (step == 7) save_run(world, path(), training.parts());
    says["losses"].push_back(training.step());
  }
}

RANKS(goes_on) {
  Training training(world, 99);
  load_run(world, path(), training.parts());
  EXPECT_EQ(training.progress.step, 7);
  says["losses"] = json::array();
  for (int step = 7; step < 14; ++step) says["losses"].push_back(training.step());
}

TEST(Progressive_21_8, ARunOfTwoRanksGoesOnWithOneAndThree) {
  const json whole = on_ranks(2, "stops_after_seven")[0]["losses"];
  const json rest(std::vector<json>(whole.begin() + 7, whole.end()));
  EXPECT_EQ(on_ranks(2, "goes_on")[0]["losses"], rest) << "with as many ranks, bit for bit";
  for (const int ranks : {1, 3}) {
    EXPECT_TRUE(close(on_ranks(ranks, "goes_on")[0]["losses"], rest, 1e-4, 1e-6)) << "the same batches on " << ranks;
  }
}

}  // namespace
}  // namespace rushlight::test
