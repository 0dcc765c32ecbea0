// 18.3: a single piece, or one in a pool without workers, is a piece like any other.
#include <atomic>
#include <chrono>
#include <thread>

#include "plain.hpp"

namespace rushlight::test {
namespace {

// How many inner pieces another thread than the outer piece's worked on. They last long enough for one to come.
int pieces_elsewhere(ThreadPool& outer, std::int64_t pieces, ThreadPool& inner) {
  std::atomic<int> elsewhere = 0;
  outer.run(pieces, [&](std::int64_t) {
    const auto here = std::this_thread::get_id();
    inner.run(8, [&](std::int64_t) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      if (std::this_thread::get_id() != here) ++elsewhere;
    });
  });
  return elsewhere;
}

TEST(Unit_18_3, ARunInsideALonePieceStaysInItsThread) {
  ThreadPool alone(1), three(3), other(3);
  EXPECT_EQ(pieces_elsewhere(three, 1, other), 0) << "a single piece is a piece";
  EXPECT_EQ(pieces_elsewhere(three, 1, three), 0);
  EXPECT_EQ(pieces_elsewhere(alone, 2, other), 0) << "and so are those of a pool without workers";
}

TEST(Unit_18_3, BehindALonePieceAllThreadsAreThereAgain) {
  ThreadPool three(3);
  const auto nothing = [](std::int64_t) {};
  const auto fails = [](std::int64_t) { throw std::runtime_error("a piece"); };
  three.run(1, nothing);
  EXPECT_THROWS_WITH(three.run(1, fails), std::runtime_error, "a piece");
  std::atomic<int> elsewhere = 0;
  const auto caller = std::this_thread::get_id();
  three.run(12, [&](std::int64_t) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (std::this_thread::get_id() != caller) ++elsewhere;
  });
  EXPECT_GT(elsewhere, 0) << "the caller works alone";
}

TEST(Unit_18_3, ALoopInsideALonePieceKeepsThePool) {
  const Threads three(3);
  const ThreadPool* const before = &thread_pool();
  const ThreadPool* inside = nullptr;
  std::atomic<int> calls = 0;
  parallel_for(5, 5, [&](std::int64_t, std::int64_t) {
    parallel_for(4, 1, [&](std::int64_t, std::int64_t) { ++calls; });
    inside = &thread_pool();
  });
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(inside, before) << "a pool whose run is not over yet was replaced by another";
}

}  // namespace
}  // namespace rushlight::test
