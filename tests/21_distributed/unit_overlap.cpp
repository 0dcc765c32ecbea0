// A sum moves along while a rank still computes.
#include <chrono>
#include <filesystem>
#include <fstream>

#include "ranks.hpp"

namespace rushlight::test {
namespace {

// So many numbers that a sum takes several messages each way, which move only while both sides look after them.
struct Wide : Module {
  Wide() : weight(zeros({100000}), true) {}
  Tensor forward(const Tensor& x) override { return x; }
  void members(Members& m) override { m("weight", weight); }
  Tensor weight;
};

RANKS(one_is_still_computing) {
  using Seconds = std::chrono::duration<double>;
  const std::string done = path_of("rank-1-is-done");
  Wide net;
  DataParallel parallel(world, net, {.bucket_bytes = 1 << 20});
  if (world.rank() == 0) std::filesystem::remove(done);
  world.barrier();
  parallel.begin();
  parallel.arrived(0, ones({100000}));
  const auto start = std::chrono::steady_clock::now();
  if (world.rank() == 0) {
    while (!std::filesystem::exists(done) && Seconds(std::chrono::steady_clock::now() - start).count() < 5) {
      parallel.launch_full();
    }
    EXPECT_TRUE(std::filesystem::exists(done)) << "rank 1 waits for a sum that nobody pushes here";
    parallel.finish();
    return;
  }
  parallel.finish();
  std::ofstream(done) << "done";
}

// Three parameters, each a bucket of its own; bucket 0 has the last.
struct Three : Module {
  Tensor forward(const Tensor& x) override { return x; }
  void members(Members& m) override {
    for (std::size_t i = 0; i < 3; ++i) m("p" + std::to_string(i), parameters[i]);
  }
  Tensors parameters{Tensor(zeros({1}), true), Tensor(zeros({1}), true), Tensor(zeros({1}), true)};
};

RANKS(gradients_in_two_orders) {  // rank 0 from the last to the first, rank 1 the other way round
  Three net;
  DataParallel parallel(world, net, {.bucket_bytes = 1});
  parallel.begin();
  says["launched"] = json::array();
  for (std::size_t step = 0; step < 3; ++step) {
    const std::size_t i = world.rank() == 0 ? 2 - step : step;
    parallel.arrived(i, Array({1}, {static_cast<Real>(10 * i) + static_cast<Real>(world.rank())}));
    says["launched"].push_back(parallel.launched());
  }
  parallel.finish();
  says["sums"] = json::array();
  for (const Tensor& parameter : net.parameters) says["sums"].push_back(to_doubles(parameter.grad())[0]);
}

TEST(Unit_21_6, AFullBucketWaitsForTheOnesBeforeAndThenAllBegin) {
  const std::vector<json> said = on_ranks(2, "gradients_in_two_orders");
  EXPECT_EQ(said[0]["launched"], json::parse("[[0], [0, 1], [0, 1, 2]]"));
  EXPECT_EQ(said[1]["launched"], json::parse("[[], [], [0, 1, 2]]"));
  for (const json& each : said) EXPECT_EQ(each["sums"], json({1, 21, 41}));
}

TEST(Unit_21_6, SumsMoveWhileOneRankStillComputes) { on_ranks(2, "one_is_still_computing"); }

}  // namespace
}  // namespace rushlight::test
