// 08.5 batches, without threads.
#include <numeric>
#include <set>

#include "08_dataloader/sources.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_08_5, AHugeBatchIsTheWholeSet) {
  for (const std::int64_t size : {INT64_MAX, INT64_MAX - 1, std::int64_t{1} << 62}) {
    EXPECT_EQ(batch_count(10, size, false), 1);
    EXPECT_EQ(batch_count(10, size, true), 0);
    EXPECT_EQ(batch_count(0, size, false), 0);
    for (const int workers : {0, 2}) {
      DataLoader loader(std::make_shared<ProbeDataset>(5), {.batch_size = size, .workers = workers, .prefetch = size});
      ASSERT_EQ(loader.batches(), 1);
      EXPECT_EQ(next_of(loader)->size(), 5);
      EXPECT_FALSE(next_of(loader).has_value());
    }
  }
}

TEST(Unit_08_5, BatchesInOrderWithAShortLastOne) {
  const Array features({5, 2}, {0, 1, 10, 11, 20, 21, 30, 31, 40, 41});
  DataLoader loader(std::make_shared<TensorDataset>(features, Indices({5}, {5, 6, 7, 8, 9})), {.batch_size = 2});
  EXPECT_EQ(loader.batches(), 3);
  const auto batches = rest_of_epoch(loader);
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_TRUE(near(batches[0].inputs, {2, 2}, {0, 1, 10, 11}, exactly));
  EXPECT_TRUE(near(batches[1].inputs, {2, 2}, {20, 21, 30, 31}, exactly));
  EXPECT_TRUE(near(batches[2].inputs, {1, 2}, {40, 41}, exactly));
  EXPECT_TRUE(same(batches[0].labels, {2}, {5, 6}));
  EXPECT_TRUE(same(batches[2].labels, {1}, {9}));
}

TEST(Unit_08_5, DropLastLeavesOutTheShortOne) {
  DataLoader loader(std::make_shared<ProbeDataset>(5), {.batch_size = 2, .drop_last = true});
  EXPECT_EQ(loader.batches(), 2);
  EXPECT_EQ(visited(rest_of_epoch(loader)), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_FALSE(next_of(loader).has_value());
  EXPECT_THROWS_WITH(loader.make_batch(2), IndexError, "2", "0..1");
}

TEST(Unit_08_5, DropLastLeavesOutOtherExamplesEachEpoch) {
  DataLoader loader(std::make_shared<ProbeDataset>(7), {.batch_size = 3, .shuffle = true, .drop_last = true});
  std::set<int> ever;
  for (int epoch = 0; epoch < 20; ++epoch) {
    for (const int index : visited(batches_of(loader, epoch))) ever.insert(index);
  }
  EXPECT_EQ(ever.size(), 7u);
}

TEST(Unit_08_5, ABatchHasTheExamplesShape) {
  DataLoader loader(std::make_shared<TensorDataset>(zeros({3, 1, 4, 2}), Indices({3})), {.batch_size = 2});
  EXPECT_EQ(next_of(loader)->inputs.shape(), (Shape{2, 1, 4, 2}));
  DataLoader scalars(std::make_shared<TensorDataset>(Array({3}, {1, 2, 3}), Indices({3})), {.batch_size = 2});
  EXPECT_TRUE(near(next_of(scalars)->inputs, {2}, {1, 2}, exactly));
  DataLoader bare(std::make_shared<TensorDataset>(zeros({3, 0}), Indices({3}, {1, 2, 3})), {.batch_size = 2});
  EXPECT_TRUE(same(next_of(bare)->labels, {2}, {1, 2}));
}

TEST(Unit_08_5, AnEmptyDataSetHasNoBatches) {
  DataLoader loader(std::make_shared<ProbeDataset>(0), {.batch_size = 2, .shuffle = true});
  EXPECT_EQ(loader.batches(), 0);
  EXPECT_FALSE(next_of(loader).has_value());
}

TEST(Unit_08_5, AfterTheEndThereIsNothingHoweverOftenOneAsks) {
  DataLoader loader(std::make_shared<ProbeDataset>(2), {.batch_size = 2});
  EXPECT_TRUE(next_of(loader).has_value());
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(next_of(loader).has_value());
  Batch mine{Array({1}, {5}), Indices({1}, {6})};
  EXPECT_FALSE(loader.next(mine));
  EXPECT_EQ(mine.inputs.item(), 5) << "at the end the caller's batch stays as it is";
  EXPECT_TRUE(same(mine.labels, {1}, {6}));
  loader.start_epoch(1);
  EXPECT_TRUE(next_of(loader).has_value());
}

TEST(Unit_08_5, ANewEpochBeginsAtItsFirstBatch) {
  DataLoader loader(std::make_shared<ProbeDataset>(6), {.batch_size = 2});
  next_of(loader);
  loader.start_epoch(0);
  EXPECT_EQ(visited(rest_of_epoch(loader)), (std::vector<int>{0, 1, 2, 3, 4, 5}));
  EXPECT_THROWS_WITH(loader.start_epoch(-1), ValueError, "-1");
}

TEST(Unit_08_5, ShufflingKeepsFeaturesAndLabelsTogether) {
  DataLoader loader(std::make_shared<ProbeDataset>(100), {.batch_size = 7, .shuffle = true, .seed = 5});
  const auto batches = batches_of(loader, 2);
  for (const Batch& batch : batches) {
    for (std::int64_t row = 0; row < batch.size(); ++row) {
      EXPECT_EQ(batch.labels.data()[row], 10 * batch.inputs.data()[2 * row]);
    }
  }
  EXPECT_EQ(sorted(visited(batches)), [] {
    std::vector<int> all(100);
    std::iota(all.begin(), all.end(), 0);
    return all;
  }());
}

TEST(Unit_08_5, AnEpochRepeatsWhateverCameBefore) {
  const LoaderOptions options{.batch_size = 3, .shuffle = true, .seed = 9};
  DataLoader a(std::make_shared<ProbeDataset>(20), options);
  DataLoader b(std::make_shared<ProbeDataset>(20), options);
  batches_of(a, 0);
  batches_of(a, 1);
  const auto third = batches_of(a, 2);
  EXPECT_TRUE(same_batches(third, batches_of(b, 2)));
  EXPECT_NE(visited(third), visited(batches_of(b, 3)));
}

TEST(Unit_08_5, AnotherSeedAnotherOrder) {
  DataLoader a(std::make_shared<ProbeDataset>(50), {.batch_size = 50, .shuffle = true, .seed = 1});
  DataLoader b(std::make_shared<ProbeDataset>(50), {.batch_size = 50, .shuffle = true, .seed = 2});
  EXPECT_NE(visited(rest_of_epoch(a)), visited(rest_of_epoch(b)));
}

// The draw that each example saw, by example.
std::map<int, Real> draws(DataLoader& loader, std::int64_t epoch) {
  std::map<int, Real> result;
  for (const Batch& batch : batches_of(loader, epoch)) {
    for (std::int64_t row = 0; row < batch.size(); ++row) {
      result[batch.labels.data()[row] / 10] = batch.inputs.data()[2 * row + 1];
    }
  }
  return result;
}

TEST(Unit_08_5, ChanceBelongsToTheExampleNotToItsPlace) {
  DataLoader threes(std::make_shared<ProbeDataset>(30), {.batch_size = 3, .shuffle = true, .seed = 4});
  DataLoader sevens(std::make_shared<ProbeDataset>(30), {.batch_size = 7, .shuffle = false, .seed = 4});
  const auto expected = draws(threes, 1);
  EXPECT_EQ(draws(sevens, 1), expected);
  std::set<Real> different;
  for (const auto& [index, value] : expected) different.insert(value);
  EXPECT_EQ(different.size(), 30u);
}

TEST(Unit_08_5, ChanceIsNewInEveryEpoch) {
  DataLoader loader(std::make_shared<ProbeDataset>(10), {.batch_size = 5});
  const auto first = draws(loader, 0);
  const auto second = draws(loader, 1);
  for (const auto& [index, value] : first) EXPECT_NE(value, second.at(index));
  EXPECT_EQ(draws(loader, 0), first);
}

TEST(Unit_08_5, ABatchByItsNumberLeavesThePositionAlone) {
  DataLoader loader(std::make_shared<ProbeDataset>(5), {.batch_size = 2});
  EXPECT_EQ(visited({loader.make_batch(2)}), (std::vector<int>{4}));
  EXPECT_EQ(visited({*next_of(loader)}), (std::vector<int>{0, 1}));
  EXPECT_THROWS_WITH(loader.make_batch(3), IndexError, "3", "0..2");
  EXPECT_THROWS_WITH(loader.make_batch(-1), IndexError, "-1");
}

TEST(Unit_08_5, BatchesDoNotShareMemory) {
  DataLoader loader(std::make_shared<ProbeDataset>(4), {.batch_size = 2});
  const Batch first = *next_of(loader);
  const Array before = first.inputs.clone();
  const Batch second = *next_of(loader);
  EXPECT_FALSE(first.inputs.shares_buffer_with(second.inputs));
  EXPECT_TRUE(same_bits(first.inputs, before));
}

TEST(Unit_08_5, AnErrorIsPassedOnAndThePlaceIsKept) {
  const auto dataset = std::make_shared<ProbeDataset>(4);
  bool broken = true;
  dataset->before = [&](std::int64_t index) {
    if (broken && index == 3) throw FileError("example 3 is damaged");
  };
  DataLoader loader(dataset, {.batch_size = 2});
  next_of(loader);
  EXPECT_THROWS_WITH(next_of(loader), FileError, "example 3 is damaged");
  broken = false;
  EXPECT_EQ(visited(rest_of_epoch(loader)), (std::vector<int>{2, 3}));
}

TEST(Unit_08_5, ALoopOverAnEpoch) {
  DataLoader loader(std::make_shared<ProbeDataset>(5), {.batch_size = 2});
  for (int epoch = 0; epoch < 2; ++epoch) {
    std::vector<std::int64_t> sizes;
    for (const Batch& batch : loader.epoch(epoch)) sizes.push_back(batch.size());
    EXPECT_EQ(sizes, (std::vector<std::int64_t>{2, 2, 1}));
  }
}

TEST(Unit_08_5, OptionsAreChecked) {
  const auto dataset = std::make_shared<ProbeDataset>(5);
  EXPECT_EQ(DataLoader(dataset).batches(), 5);  // batch_size is 1, as in PyTorch
  EXPECT_THROWS_WITH(DataLoader(nullptr), ValueError, "no data set");
  EXPECT_THROWS_WITH(DataLoader(dataset, {.batch_size = 0}), ValueError, "batch_size is 0");
  EXPECT_THROWS_WITH(DataLoader(dataset, {.workers = -1}), ValueError, "workers -1");
  EXPECT_THROWS_WITH(DataLoader(dataset, {.prefetch = 0}), ValueError, "prefetch 0");
}

}  // namespace
}  // namespace rushlight::test
