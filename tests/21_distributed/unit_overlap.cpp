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

TEST(Unit_21_6, SumsMoveWhileOneRankStillComputes) { on_ranks(2, "one_is_still_computing"); }

}  // namespace
}  // namespace rushlight::test
