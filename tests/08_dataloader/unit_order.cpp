// 08.5 the order of an epoch and the chance in it.
#include <cmath>
#include <numeric>
#include <set>

#include "08_dataloader/sources.hpp"

namespace rushlight::test {
namespace {

std::vector<std::int64_t> iota(std::int64_t count) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

TEST(Unit_08_5, EveryStreamIsItsOwn) {
  std::set<std::uint64_t> first_draws;
  for (const std::uint64_t seed : {0, 1, 2, 3, 1000}) {
    for (std::int64_t epoch = 0; epoch < 12; ++epoch) {
      for (std::int64_t index = -1; index < 50; ++index) first_draws.insert(stream(seed, epoch, index).next());
    }
  }
  EXPECT_EQ(first_draws.size(), 5u * 12 * 51) << "two of (seed, epoch, index) share a stream";
}

TEST(Unit_08_5, EveryBitOfTheThreeNumbersCounts) {
  std::set<Generator::State> states{stream(1, 2, 3).state()};
  for (int bit = 0; bit < 63; ++bit) {
    const std::int64_t one = std::int64_t{1} << bit;
    states.insert(stream(1 ^ static_cast<std::uint64_t>(one), 2, 3).state());
    states.insert(stream(1, 2 ^ one, 3).state());
    states.insert(stream(1, 2, 3 ^ one).state());
  }
  EXPECT_EQ(states.size(), 1u + 3 * 63);
}

TEST(Unit_08_5, TheSameStreamAgain) { EXPECT_EQ(stream(5, 6, 7).state(), stream(5, 6, 7).state()); }

TEST(Unit_08_5, NeighbouringStreamsAreUnrelated) {
  double sum = 0;
  double product = 0;
  constexpr int count = 4000;
  for (int i = 0; i < count; ++i) {
    const double here = stream(1, 2, i).uniform() - 0.5;
    sum += here;
    product += here * (stream(1, 2, i + 1).uniform() - 0.5);
  }
  EXPECT_NEAR(sum / count, 0, 5 * 0.2887 / std::sqrt(count));  // five standard deviations
  EXPECT_NEAR(product / count, 0, 5 / 12.0 / std::sqrt(count));
}

TEST(Unit_08_5, OrderWithoutShuffleIsTheFilesOrder) {
  EXPECT_EQ(epoch_order(5, false, 1, 0), iota(5));
  EXPECT_EQ(epoch_order(5, false, 2, 9), iota(5));
  EXPECT_TRUE(epoch_order(0, false, 0, 0).empty());
}

TEST(Unit_08_5, AShuffledEpochVisitsEachExampleOnce) {
  for (const std::int64_t count : {0, 1, 2, 17, 1000}) {
    EXPECT_EQ(sorted(epoch_order(count, true, 3, 4)), iota(count)) << count;
  }
  EXPECT_NE(epoch_order(1000, true, 3, 4), iota(1000));
}

TEST(Unit_08_5, AShuffleRepeatsAndDependsOnSeedAndEpoch) {
  const auto order = epoch_order(100, true, 3, 4);
  EXPECT_EQ(order, epoch_order(100, true, 3, 4));
  EXPECT_NE(order, epoch_order(100, true, 3, 5));
  EXPECT_NE(order, epoch_order(100, true, 4, 4));
  EXPECT_NE(order, epoch_order(100, true, 4, 3));
}

TEST(Unit_08_5, AShuffleIsThePermutationOfAStreamThatNoExampleHas) {
  Generator random = stream(3, 4, -1);
  EXPECT_EQ(epoch_order(100, true, 3, 4), permutation(100, random));
}

TEST(Unit_08_5, EveryPlaceIsEquallyLikely) {
  std::vector<int> places(25);
  for (int epoch = 0; epoch < 2000; ++epoch) {
    const auto order = epoch_order(5, true, 8, epoch);
    for (std::size_t place = 0; place < 5; ++place) ++places[static_cast<std::size_t>(order[place]) * 5 + place];
  }
  for (const int count : places) EXPECT_NEAR(count, 400, 90);  // five standard deviations
}

TEST(Unit_08_5, HowManyBatches) {
  EXPECT_EQ(batch_count(10, 4, false), 3);
  EXPECT_EQ(batch_count(10, 4, true), 2);
  EXPECT_EQ(batch_count(8, 4, false), 2);
  EXPECT_EQ(batch_count(8, 4, true), 2);
  EXPECT_EQ(batch_count(3, 4, false), 1);
  EXPECT_EQ(batch_count(3, 4, true), 0);
  EXPECT_EQ(batch_count(0, 4, false), 0);
  EXPECT_EQ(batch_count(5, 1, true), 5);
}

TEST(Unit_08_5, BatchesCutTheOrderIntoPieces) {
  const std::vector<std::int64_t> order{7, 3, 9, 1, 4};
  const auto piece = [&](std::int64_t batch) {
    const auto span = batch_indices(order, 2, batch);
    return std::vector<std::int64_t>(span.begin(), span.end());
  };
  EXPECT_EQ(piece(0), (std::vector<std::int64_t>{7, 3}));
  EXPECT_EQ(piece(1), (std::vector<std::int64_t>{9, 1}));
  EXPECT_EQ(piece(2), (std::vector<std::int64_t>{4}));
}

}  // namespace
}  // namespace rushlight::test
