// 08.6 prefetching threads.
#include <atomic>
#include <chrono>
#include <thread>

#include "08_dataloader/prefetcher.hpp"
#include "08_dataloader/sources.hpp"

namespace rushlight::test {
namespace {

using namespace std::chrono_literals;

Batch numbered(std::int64_t number) {
  return {Array({1}, {static_cast<Real>(number)}), Indices({1}, {static_cast<std::int32_t>(number)})};
}

std::vector<int> drained(Prefetcher& prefetcher) {
  std::vector<int> numbers;
  while (const auto batch = next_of(prefetcher)) numbers.push_back(batch->labels.data()[0]);
  return numbers;
}

std::vector<int> range(int first, int end) {
  std::vector<int> numbers;
  for (int i = first; i < end; ++i) numbers.push_back(i);
  return numbers;
}

TEST(Unit_08_6, BatchesComeInOrderThoughTheyAreMadeOutOfOrder) {
  const auto uneven = [](std::int64_t number) {
    std::this_thread::sleep_for((number * 7 % 5) * 200us);
    return numbered(number);
  };
  Prefetcher prefetcher(uneven, 0, 30, 4, 8);
  EXPECT_EQ(drained(prefetcher), range(0, 30));
}

TEST(Unit_08_6, BeginsAndEndsWhereItIsTold) {
  Prefetcher middle(numbered, 5, 9, 2, 3);
  EXPECT_EQ(drained(middle), range(5, 9));
  Prefetcher nothing(numbered, 4, 4, 2, 3);
  EXPECT_FALSE(next_of(nothing).has_value());
}

TEST(Unit_08_6, AfterTheEndThereIsNothingHoweverOftenOneAsks) {
  Prefetcher prefetcher(numbered, 0, 2, 2, 1);
  EXPECT_EQ(drained(prefetcher), range(0, 2));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(next_of(prefetcher).has_value());
  Batch mine = numbered(7);
  EXPECT_FALSE(prefetcher.next(mine));
  EXPECT_EQ(mine.labels.data()[0], 7) << "at the end the caller's batch stays as it is";
}

TEST(Unit_08_6, EachBatchIsMadeOnce) {
  std::array<std::atomic<int>, 200> made{};
  Prefetcher prefetcher(
      [&](std::int64_t number) {
        ++made[static_cast<std::size_t>(number)];
        return numbered(number);
      },
      0, 200, 4, 16);
  EXPECT_EQ(drained(prefetcher), range(0, 200));
  for (const auto& count : made) EXPECT_EQ(count, 1);
}

TEST(Unit_08_6, WorksAheadButNeverFurtherThanItMay) {
  std::atomic<int> made = 0;
  Prefetcher prefetcher(
      [&](std::int64_t number) {
        ++made;
        return numbered(number);
      },
      0, 100, 2, 3);
  EXPECT_TRUE(eventually([&] { return made == 3; })) << "three batches should be made before anybody asks";
  std::this_thread::sleep_for(10ms);
  EXPECT_EQ(made, 3) << "a fourth was made although three wait";
  next_of(prefetcher);
  EXPECT_TRUE(eventually([&] { return made == 4; })) << "room for one more, and nobody used it";
  std::this_thread::sleep_for(10ms);
  EXPECT_EQ(made, 4);
}

TEST(Unit_08_6, ThreadsWorkAtTheSameTime) {
  std::atomic<int> inside = 0;
  std::atomic<bool> together = false;
  Prefetcher prefetcher(
      [&](std::int64_t number) {
        ++inside;
        if (number < 2) eventually([&] { return inside == 2 || together; });
        if (inside == 2) together = true;
        --inside;
        return numbered(number);
      },
      0, 4, 2, 4);
  EXPECT_EQ(drained(prefetcher), range(0, 4));
  EXPECT_TRUE(together) << "one thread waited for the other: is make_ called under the lock?";
}

TEST(Unit_08_6, AnExceptionArrivesAtItsBatch) {
  Prefetcher prefetcher(
      [](std::int64_t number) {
        if (number == 2) throw IndexError("batch 2 has a hole");
        return numbered(number);
      },
      0, 6, 3, 4);
  EXPECT_EQ(next_of(prefetcher)->labels.data()[0], 0);
  EXPECT_EQ(next_of(prefetcher)->labels.data()[0], 1);
  for (int i = 0; i < 3; ++i) EXPECT_THROWS_WITH(next_of(prefetcher), IndexError, "batch 2 has a hole");
}

TEST(Unit_08_6, AnExceptionOfAnyTypeArrives) {
  Prefetcher prefetcher([](std::int64_t) -> Batch { throw 42; }, 0, 6, 2, 2);
  try {
    next_of(prefetcher);
    ADD_FAILURE() << "nothing was thrown";
  } catch (int value) {
    EXPECT_EQ(value, 42);
  }
}

// However early it fails, and whatever it throws: what was made before it is handed out first.
TEST(Unit_08_6, BatchesBeforeAnExceptionAreNotLost) {
  for (const bool standard : {true, false}) {
    std::atomic<int> made = 0;
    std::atomic<bool> failed = false;
    Prefetcher prefetcher(
        [&](std::int64_t number) {
          if (number == 2) {
            failed = true;
            if (standard) throw FileError("gone");
            throw 42;
          }
          ++made;
          return numbered(number);
        },
        0, 3, 3, 3);
    EXPECT_TRUE(eventually([&] { return made == 2 && failed; }));
    std::this_thread::sleep_for(10ms);  // and by now the error has arrived
    EXPECT_EQ(next_of(prefetcher)->labels.data()[0], 0);
    EXPECT_EQ(next_of(prefetcher)->labels.data()[0], 1);
    if (standard) EXPECT_THROWS_WITH(next_of(prefetcher), FileError, "gone");
    if (!standard) EXPECT_THROW(next_of(prefetcher), int);
  }
}

TEST(Unit_08_6, LeavingEarlyNeverHangs) {
  Prefetcher(numbered, 0, 100, 3, 2);  // nobody asked for anything
  for (const int taken : {0, 1, 5, 99, 100}) {
    Prefetcher prefetcher(numbered, 0, 100, 3, 2);
    for (int i = 0; i < taken; ++i) ASSERT_TRUE(next_of(prefetcher).has_value());
  }
  Prefetcher waiting(numbered, 0, 100, 3, 2);
  std::this_thread::sleep_for(10ms);  // by now all three wait for room
}

TEST(Unit_08_6, LeavingAfterAnExceptionNeverHangs) {
  for (int trial = 0; trial < 20; ++trial) {
    Prefetcher prefetcher([](std::int64_t) -> Batch { throw FileError("gone"); }, 0, 100, 3, 2);
    EXPECT_THROWS_WITH(next_of(prefetcher), FileError, "gone");
  }
}

TEST(Unit_08_6, LeavingEarlyDoesNotFinishTheEpochFirst) {
  std::atomic<int> made = 0;
  {
    Prefetcher prefetcher(
        [&](std::int64_t number) {
          std::this_thread::sleep_for(2ms);
          ++made;
          return numbered(number);
        },
        0, 400, 2, 400);
    ASSERT_TRUE(next_of(prefetcher).has_value());
  }
  EXPECT_LT(made, 100) << "the threads went on after they were asked to stop";
}

TEST(Unit_08_6, NoThreadOutlivesItsPrefetcher) {
  std::atomic<int> inside = 0;
  for (int trial = 0; trial < 10; ++trial) {
    {
      Prefetcher prefetcher(
          [&](std::int64_t number) {
            ++inside;
            std::this_thread::sleep_for(1ms);
            --inside;
            return numbered(number);
          },
          0, 100, 3, 6);
      next_of(prefetcher);
    }
    ASSERT_EQ(inside, 0);
  }
}

TEST(Unit_08_6, ManySmallRaces) {
  Generator random(1);
  for (int trial = 0; trial < 100; ++trial) {
    const auto count = static_cast<int>(random.below(12));
    const auto workers = static_cast<int>(1 + random.below(4));
    Prefetcher prefetcher(numbered, 0, count, workers, 1 + random.below(4));
    ASSERT_EQ(drained(prefetcher), range(0, count)) << workers << " workers";
  }
}

LoaderOptions options_with(int workers) { return {.batch_size = 3, .shuffle = true, .workers = workers, .seed = 6}; }

TEST(Unit_08_6, WorkersChangeNothing) {
  DataLoader none(std::make_shared<ProbeDataset>(40), options_with(0));
  for (const int workers : {1, 2, 4, 30}) {
    DataLoader some(std::make_shared<ProbeDataset>(40), options_with(workers));
    for (int epoch = 0; epoch < 3; ++epoch) {
      EXPECT_TRUE(same_batches(batches_of(some, epoch), batches_of(none, epoch)))
          << workers << " workers, epoch " << epoch;
    }
  }
}

TEST(Unit_08_6, WorkersDoTheReading) {
  const auto dataset = std::make_shared<ProbeDataset>(40);
  DataLoader loader(dataset, options_with(2));
  EXPECT_EQ(rest_of_epoch(loader).size(), 14u);
  EXPECT_EQ(dataset->reads, 40);
  EXPECT_EQ(dataset->threads().count(std::this_thread::get_id()), 0u);
}

TEST(Unit_08_6, AnEpochMayBeLeftInTheMiddle) {
  DataLoader none(std::make_shared<ProbeDataset>(40), options_with(0));
  DataLoader some(std::make_shared<ProbeDataset>(40), options_with(2));
  next_of(some);
  next_of(some);
  EXPECT_TRUE(same_batches(batches_of(some, 0), batches_of(none, 0))) << "the same epoch from its beginning";
  EXPECT_TRUE(same_batches(batches_of(some, 0), batches_of(none, 0))) << "and once more after its end";
  next_of(some);
  EXPECT_TRUE(same_batches(batches_of(some, 1), batches_of(none, 1)));
  some.start_epoch(2);
  next_of(some);  // and the loader goes away with batches in its queue
}

TEST(Unit_08_6, WhatReadingAnExampleThrowsArrivesInNext) {
  const auto dataset = std::make_shared<ProbeDataset>(10);
  dataset->before = [](std::int64_t index) {
    if (index == 4) throw FileError("example 4 is damaged");
  };
  DataLoader loader(dataset, {.batch_size = 2, .workers = 2});
  EXPECT_EQ(visited({*next_of(loader)}), (std::vector<int>{0, 1}));
  EXPECT_EQ(visited({*next_of(loader)}), (std::vector<int>{2, 3}));
  for (int i = 0; i < 2; ++i) EXPECT_THROWS_WITH(next_of(loader), FileError, "example 4 is damaged");
}

// A disk that hiccups: whoever asks again gets the batch, however many workers there are.
TEST(Unit_08_6, WhatFailsOnceIsReadAgain) {
  for (const int workers : {0, 1, 3}) {
    const auto dataset = std::make_shared<ProbeDataset>(12);
    std::atomic<int> failures = 2;
    dataset->before = [&](std::int64_t index) {
      if (index == 4 && failures-- > 0) throw FileError("example 4 could not be read");
    };
    DataLoader loader(dataset, {.batch_size = 2, .workers = workers});
    next_of(loader);
    next_of(loader);
    for (int i = 0; i < 2; ++i) EXPECT_THROWS_WITH(next_of(loader), FileError, "example 4");
    EXPECT_EQ(loader.state().position, 2) << workers;
    EXPECT_EQ(visited({*next_of(loader)}), (std::vector<int>{4, 5})) << workers << " workers";
    EXPECT_EQ(visited(rest_of_epoch(loader)), (std::vector<int>{6, 7, 8, 9, 10, 11})) << workers << " workers";
  }
}

}  // namespace
}  // namespace rushlight::test
