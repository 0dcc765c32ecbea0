// The pool: every piece once, at the same time, none left behind. Where a test waits for another thread it gives up
// after two seconds: a mistake must not hang it.
#include <atomic>
#include <chrono>
#include <limits>
#include <memory>
#include <stdexcept>
#include <thread>

#include "plain.hpp"

namespace rushlight::test {
namespace {

using std::chrono::milliseconds;

// Whether it came true in time.
template <class Condition>
bool wait_until(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
  return true;
}

void nap(int ms) { std::this_thread::sleep_for(milliseconds(ms)); }

constexpr int longer_than_patience = 15;  // ms: by then, threads that watch for something have gone to sleep

std::vector<std::atomic<int>> counters(std::int64_t count) {
  return std::vector<std::atomic<int>>(static_cast<std::size_t>(count));
}

// --- pieces -----------------------------------------------------------------------------------------------------

TEST(Unit_18_3, EveryPieceOnce) {
  for (const int threads : {1, 2, 3, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const std::int64_t count : {0, 1, 2, 3, 7, 64, 501}) {
      auto calls = counters(count);
      pool.run(count, [&](std::int64_t piece) { ++calls.at(static_cast<std::size_t>(piece)); });
      for (std::int64_t i = 0; i < count; ++i) ASSERT_EQ(calls[i], 1) << "piece " << i << ", " << threads << " threads";
    }
  }
}

struct Range {
  std::int64_t first, last;
  bool operator==(const Range&) const = default;
};

void PrintTo(const Range& r, std::ostream* out) { *out << "[" << r.first << ", " << r.last << ")"; }

// As a test that is called from many threads at once has to collect.
class Ranges {
 public:
  void add(std::int64_t first, std::int64_t last) {
    const std::lock_guard lock(mutex_);
    all_.push_back({first, last});
  }
  std::vector<Range> sorted() const {
    std::vector<Range> sorted = all_;
    std::sort(sorted.begin(), sorted.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
    return sorted;
  }

 private:
  std::mutex mutex_;
  std::vector<Range> all_;
};

TEST(Unit_18_3, PiecesFollowFromCountAndGrainAlone) {
  for (const int threads : {1, 2, 3}) {
    const Threads some(threads);
    for (const std::int64_t count : {-3, 0, 1, 2, 7, 8, 9, 64, 1000}) {
      for (const std::int64_t grain : {1, 2, 3, 8, 63, 1000, 5000}) {
        std::vector<Range> expected;
        for (std::int64_t first = 0; first < count; first += grain) {
          expected.push_back({first, std::min(count, first + grain)});
        }
        Ranges actual;
        parallel_for(count, grain, [&](std::int64_t first, std::int64_t last) { actual.add(first, last); });
        ASSERT_EQ(actual.sorted(), expected) << count << " by " << grain << ", " << threads << " threads";
      }
    }
  }
}

TEST(Unit_18_3, OnePieceIsCalledDirectly) {
  const Threads three(3);
  std::vector<std::thread::id> who;
  parallel_for(10, 10, [&](std::int64_t, std::int64_t) { who.push_back(std::this_thread::get_id()); });
  EXPECT_EQ(who, (std::vector{std::this_thread::get_id()}));
}

TEST(Unit_18_3, WrongNumbersAreErrors) {
  int calls = 0;
  const auto count = [&](std::int64_t, std::int64_t) { ++calls; };
  parallel_for(1, 1, count);
  EXPECT_EQ(calls, 1);
  std::vector<std::int64_t> ends;
  parallel_for(10, std::numeric_limits<std::int64_t>::max(),
               [&](std::int64_t, std::int64_t end) { ends.push_back(end); });
  EXPECT_EQ(ends, (std::vector<std::int64_t>{10})) << "a grain larger than the loop is one piece";
  EXPECT_THROWS_WITH(parallel_for(10, 0, count), ValueError, "grain", "0");
  EXPECT_THROWS_WITH(parallel_for(10, -2, count), ValueError, "-2");
  for (const std::int64_t nothing : {0, -3}) {
    EXPECT_THROWS_WITH(parallel_for(nothing, 0, count), ValueError, "grain", "0");  // before anybody has data
  }
  EXPECT_EQ(calls, 1);
  EXPECT_THROWS_WITH(ThreadPool(0), ValueError, "ThreadPool", "0");
}

TEST(Unit_18_3, ThePoolFollowsTheSetting) {
  for (const int threads : {2, 3, 1}) {
    const Threads some(threads);
    EXPECT_EQ(thread_pool().threads(), threads);
    std::atomic<int> calls = 0;
    parallel_for(7, 2, [&](std::int64_t, std::int64_t) { ++calls; });
    EXPECT_EQ(calls, 4);
    EXPECT_EQ(blas_threads(), threads);
  }
}

// --- at the same time ---------------------------------------------------------------------------------------------

// Every thread has to take a piece before any of them goes on. Between the rounds the workers fall asleep and have to
// be woken.
void expect_all_take_part(int threads) {
  ThreadPool pool(threads);
  for (int round = 0; round < 3; ++round) {
    std::atomic<int> begun = 0;
    std::atomic<bool> met = true;
    pool.run(threads, [&](std::int64_t) {
      ++begun;
      if (!wait_until([&] { return begun == threads; })) met = false;
    });
    ASSERT_TRUE(met) << "a piece was worked on to its end before another began, in round " << round;
    nap(longer_than_patience);
  }
}

TEST(Unit_18_3, TwoThreadsWorkAtTheSameTime) { expect_all_take_part(2); }
TEST(Unit_18_3, AllThreadsTakePart) { expect_all_take_part(4); }

TEST(Unit_18_3, RunReturnsWhenAllHaveEnded) {  // the worker is slow, and the caller finds nothing left to take
  ThreadPool pool(2);
  const auto caller = std::this_thread::get_id();
  for (int again = 0; again < 3; ++again) {
    std::atomic<int> begun = 0, ended = 0;
    std::atomic<bool> met = true;
    pool.run(2, [&](std::int64_t) {
      ++begun;
      if (!wait_until([&] { return begun == 2; })) met = false;
      if (std::this_thread::get_id() != caller) nap(longer_than_patience);
      ++ended;
    });
    ASSERT_EQ(ended, 2);
    ASSERT_TRUE(met);
  }
}

TEST(Unit_18_3, ManySmallRuns) {  // the work is gone after each of them: nobody may look at it any more
  ThreadPool pool(3);
  for (int again = 0; again < 10000; ++again) {
    const auto sum = std::make_unique<std::atomic<std::int64_t>>(0);
    const std::int64_t count = 2 + again % 3;
    pool.run(count, [to = sum.get(), again](std::int64_t piece) { *to += again + piece; });
    ASSERT_EQ(*sum, count * again + count * (count - 1) / 2) << "run " << again;
  }
}

TEST(Unit_18_3, LateWorkersFindNothing) {  // pauses let the workers wake up after a job is over
  ThreadPool pool(3);
  for (int again = 0; again < 50; ++again) {
    std::atomic<int> calls = 0;
    pool.run(2, [&](std::int64_t) { ++calls; });
    ASSERT_EQ(calls, 2);
    if (again % 10 == 0) nap(1);
  }
}

TEST(Unit_18_3, OpenBlasHasOneThreadMeanwhile) {
  const Threads three(3);
  std::atomic<int> most = 0;
  parallel_for(40, 1, [&](std::int64_t, std::int64_t) { most = std::max(most.load(), blas_threads()); });
  EXPECT_EQ(most, 1);
  EXPECT_EQ(blas_threads(), 3);
  int in_a_lone_piece = 0;
  parallel_for(40, 40, [&](std::int64_t, std::int64_t) { in_a_lone_piece = blas_threads(); });
  EXPECT_EQ(in_a_lone_piece, 1) << "a single piece is a piece";
  EXPECT_EQ(blas_threads(), 3);
  const auto fails = [](std::int64_t, std::int64_t) { throw std::runtime_error("a piece"); };
  EXPECT_THROWS_WITH(parallel_for(40, 1, fails), std::runtime_error, "a piece");
  EXPECT_EQ(blas_threads(), 3) << "after an exception, too";
}

// --- exceptions -----------------------------------------------------------------------------------------------------

TEST(Unit_18_3, AnExceptionComesOut) {
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    for (const std::int64_t failing : {0, 3, 9}) {
      const auto work = [&](std::int64_t piece) {
        if (piece == failing) throw std::out_of_range("piece " + std::to_string(piece));
      };
      EXPECT_THROWS_WITH(pool.run(10, work), std::out_of_range, "piece " + std::to_string(failing));
    }
    std::atomic<int> calls = 0;
    pool.run(10, [&](std::int64_t) { ++calls; });
    EXPECT_EQ(calls, 10) << "the pool can be used again, and the old failure is forgotten";
  }
}

TEST(Unit_18_3, AnExceptionOfAWorkerComesOutToo) {
  ThreadPool pool(2);
  const auto caller = std::this_thread::get_id();
  std::atomic<int> begun = 0;
  const auto work = [&](std::int64_t) {
    ++begun;
    wait_until([&] { return begun == 2; });
    if (std::this_thread::get_id() != caller) throw std::runtime_error("of the worker");
  };
  EXPECT_THROWS_WITH(pool.run(2, work), std::runtime_error, "of the worker");
}

TEST(Unit_18_3, TheFirstExceptionWins) {
  ThreadPool pool(2);
  std::atomic<bool> second_began = false, first_throws = false;
  const auto work = [&](std::int64_t piece) {
    if (piece == 0) {
      wait_until([&] { return second_began.load(); });
      first_throws = true;
      throw std::runtime_error("first");
    }
    second_began = true;
    wait_until([&] { return first_throws.load(); });
    nap(60);
    throw std::runtime_error("second");
  };
  EXPECT_THROWS_WITH(pool.run(2, work), std::runtime_error, "first");
}

TEST(Unit_18_3, NobodyWorksAfterAnException) {
  ThreadPool pool(3);
  const auto caller = std::this_thread::get_id();
  std::atomic<int> begun = 0, working = 0;
  const auto work = [&](std::int64_t) {
    ++begun;
    ++working;
    wait_until([&] { return begun >= 3; });
    const bool mine = std::this_thread::get_id() == caller;
    if (!mine) nap(longer_than_patience);
    --working;
    if (mine) throw std::runtime_error("the caller");
  };
  EXPECT_THROWS_WITH(pool.run(3, work), std::runtime_error, "the caller");
  EXPECT_EQ(working, 0) << "run came back while pieces were being worked on";
}

TEST(Unit_18_3, WhatHadNotBegunIsLeftOut) {
  for (const int threads : {1, 2}) {
    ThreadPool pool(threads);
    std::atomic<int> begun = 0;
    const auto work = [&](std::int64_t piece) {
      ++begun;
      if (piece == 0) throw std::runtime_error("at once");
      nap(1);
    };
    EXPECT_THROWS_WITH(pool.run(1000, work), std::runtime_error, "at once");
    EXPECT_LT(begun, 500) << threads << " threads";
  }
}

// --- runs inside runs
// -------------------------------------------------------------------------------------------------

TEST(Unit_18_3, ARunInsideAPieceStaysInItsThread) {
  ThreadPool pool(3), other(2);
  std::atomic<int> calls = 0, elsewhere = 0;
  pool.run(6, [&](std::int64_t) {
    const auto here = std::this_thread::get_id();
    const auto inner = [&](std::int64_t) {
      ++calls;
      if (std::this_thread::get_id() != here) ++elsewhere;
    };
    pool.run(5, inner);
    other.run(4, inner);
    pool.run(3, inner);
  });
  EXPECT_EQ(calls, 6 * 12);
  EXPECT_EQ(elsewhere, 0);
}

TEST(Unit_18_3, InsideAPieceTheOrderIsThatOfTheNumbers) {
  ThreadPool pool(2);
  std::array<std::vector<std::int64_t>, 2> orders;
  pool.run(2, [&](std::int64_t piece) {
    pool.run(4, [&](std::int64_t inner) { orders[static_cast<std::size_t>(piece)].push_back(inner); });
  });
  for (const auto& order : orders) EXPECT_EQ(order, (std::vector<std::int64_t>{0, 1, 2, 3}));
}

TEST(Unit_18_3, LoopsInsideLoops) {
  const Threads three(3);
  auto calls = counters(12 * 35);
  parallel_for(12, 2, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      parallel_for(35, 4, [&, i](std::int64_t from, std::int64_t to) {
        for (std::int64_t j = from; j < to; ++j) ++calls[i * 35 + j];
      });
    }
  });
  for (const auto& each : calls) ASSERT_EQ(each, 1);
  EXPECT_EQ(thread_pool().threads(), 3);
}

TEST(Unit_18_3, AnExceptionFromTheInnerRun) {
  ThreadPool pool(2);
  const auto work = [&](std::int64_t) {
    pool.run(3, [](std::int64_t inner) {
      if (inner == 1) throw std::runtime_error("deep inside");
    });
  };
  EXPECT_THROWS_WITH(pool.run(4, work), std::runtime_error, "deep inside");
  std::atomic<int> calls = 0;
  pool.run(4, [&](std::int64_t) { ++calls; });
  EXPECT_EQ(calls, 4);
}

}  // namespace
}  // namespace rushlight::test
