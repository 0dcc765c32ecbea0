// Shares of a batch, and a loader of one rank: plain functions, for which no second process is needed.
#include <algorithm>
#include <numeric>

#include "ranks.hpp"

namespace rushlight::test {
namespace {

using Places = std::vector<std::int64_t>;

Places counting(std::int64_t count) {
  Places places(static_cast<std::size_t>(count));
  std::iota(places.begin(), places.end(), 100);
  return places;
}

TEST(Unit_21_3, SharesAreDisjointAndCover) {
  for (const std::int64_t count : {0, 1, 3, 4, 7, 12}) {
    for (const int ranks : {1, 2, 3, 4}) {
      Places all;
      for (int rank = 0; rank < ranks; ++rank) {
        const Places share = share_of(counting(count), rank, ranks);
        EXPECT_EQ(static_cast<std::int64_t>(share.size()), count / ranks + (rank < count % ranks ? 1 : 0));
        for (std::size_t i = 0; i < share.size(); ++i) {
          EXPECT_EQ(share[i], 100 + rank + static_cast<std::int64_t>(i) * ranks);
        }
        all.insert(all.end(), share.begin(), share.end());
      }
      std::sort(all.begin(), all.end());
      EXPECT_EQ(all, counting(count)) << count << " examples, " << ranks << " ranks";
    }
  }
  EXPECT_THROWS_WITH(share_of(counting(3), 2, 2), ValueError, "rank 2");
}

TEST(Unit_21_3, PaddedSharesBeginAgain) {
  const Places five = counting(5);
  EXPECT_EQ(share_of(five, 0, 3, Uneven::padded), (Places{100, 103}));
  EXPECT_EQ(share_of(five, 1, 3, Uneven::padded), (Places{101, 104}));
  EXPECT_EQ(share_of(five, 2, 3, Uneven::padded), (Places{102, 100}));
  const Places one = counting(1);
  for (int rank = 0; rank < 4; ++rank) EXPECT_EQ(share_of(one, rank, 4, Uneven::padded), Places{100});
  const Places two = counting(2);
  for (int rank = 0; rank < 5; ++rank)
    EXPECT_EQ(share_of(two, rank, 5, Uneven::padded), Places{100 + rank % 2}) << rank;
  for (int rank = 0; rank < 2; ++rank) EXPECT_EQ(share_of(counting(4), rank, 2, Uneven::padded).size(), 2u);
  EXPECT_TRUE(share_of({}, 1, 2, Uneven::padded).empty());
}

// Row i of ten is (i, 10·i), label i.
std::shared_ptr<const Dataset> ten_rows() {
  Array features({10, 2});
  std::vector<std::int32_t> labels(10);
  for (std::int64_t i = 0; i < 10; ++i) {
    features.mutable_data()[2 * i] = static_cast<Real>(i);
    features.mutable_data()[2 * i + 1] = static_cast<Real>(10 * i);
    labels[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(i);
  }
  return std::make_shared<TensorDataset>(features, Indices({10}, labels));
}

using Epoch = std::vector<std::vector<std::int32_t>>;  // the labels of each batch

Epoch rest_of(BatchSource& loader) {
  Epoch batches;
  for (Batch batch; loader.next(batch);) {
    const auto labels = batch.labels.data();
    batches.emplace_back(labels.begin(), labels.end());
    EXPECT_EQ(batch.size(), static_cast<std::int64_t>(labels.size()));
    for (std::size_t i = 0; i < labels.size(); ++i) EXPECT_EQ(batch.inputs.data()[2 * i + 1], Real(10 * labels[i]));
  }
  return batches;
}

Epoch sorted_union(std::vector<Epoch> parts) {
  Epoch all = parts[0];
  for (std::size_t p = 1; p < parts.size(); ++p) {
    EXPECT_EQ(parts[p].size(), all.size()) << "every rank has every batch, if only an empty one";
    for (std::size_t b = 0; b < std::min(all.size(), parts[p].size()); ++b) {
      all[b].insert(all[b].end(), parts[p][b].begin(), parts[p][b].end());
    }
  }
  for (auto& batch : all) std::sort(batch.begin(), batch.end());
  return all;
}

Epoch together(int ranks, std::int64_t epoch, LoaderOptions options) {
  std::vector<Epoch> parts;
  for (int rank = 0; rank < ranks; ++rank) {
    DistributedLoader loader(ten_rows(), options, rank, ranks);
    loader.start_epoch(epoch);
    parts.push_back(rest_of(loader));
  }
  return sorted_union(parts);
}

TEST(Unit_21_3, EveryBatchIsTheSameSetForAnyNumberOfRanks) {
  const LoaderOptions options{.batch_size = 3, .shuffle = true, .seed = 5};
  const Epoch one = together(1, 2, options);
  ASSERT_EQ(one.size(), 4u);
  EXPECT_EQ(one[3].size(), 1u) << "the short last batch";
  const auto order = epoch_order(10, true, 5, 2);
  Epoch wanted(4);
  for (std::size_t i = 0; i < 10; ++i) wanted[i / 3].push_back(static_cast<std::int32_t>(order[i]));
  for (auto& batch : wanted) std::sort(batch.begin(), batch.end());
  EXPECT_EQ(one, wanted);
  for (const int ranks : {2, 3, 4}) EXPECT_EQ(together(ranks, 2, options), wanted) << ranks << " ranks";
}

TEST(Unit_21_3, ALoaderPadsWhereItIsAskedTo) {
  for (int rank = 0; rank < 2; ++rank) {
    DistributedLoader loader(ten_rows(), {.batch_size = 3}, rank, 2, Uneven::padded);
    loader.start_epoch(0);
    const Epoch batches = rest_of(loader);
    ASSERT_EQ(batches.size(), 4u);
    EXPECT_EQ(batches[0], (rank == 0 ? std::vector<std::int32_t>{0, 2} : std::vector<std::int32_t>{1, 0}));
    EXPECT_EQ(batches[3], std::vector<std::int32_t>{9}) << "one example, which both ranks have";
  }
}

TEST(Unit_21_3, EachEpochHasAnOrderOfItsOwn) {
  const LoaderOptions options{.batch_size = 4, .shuffle = true, .drop_last = true, .seed = 9};
  EXPECT_NE(together(2, 0, options), together(2, 1, options));
  EXPECT_EQ(together(2, 1, options), together(2, 1, options));
  EXPECT_EQ(together(2, 1, options).size(), 2u) << "drop_last";
  DistributedLoader loader(ten_rows(), options, 1, 2);
  EXPECT_THROWS_WITH(loader.start_epoch(-1), ValueError, "-1");
  Batch batch;
  while (loader.next(batch)) {
  }
  loader.start_epoch(3);
  EXPECT_EQ(rest_of(loader).size(), 2u) << "start_epoch begins at the first batch";
}

TEST(Unit_21_3, AnEpochBeginsAnewHoweverFarItWas) {
  const LoaderOptions options{.batch_size = 3, .shuffle = true, .seed = 5};
  DistributedLoader loader(ten_rows(), options, 1, 2), fresh(ten_rows(), options, 1, 2);
  fresh.start_epoch(2);
  const Epoch whole = rest_of(fresh);
  Batch batch;
  for (const int steps : {0, 1, 3, 4, 5}) {  // the last one asks behind the end
    loader.start_epoch(2);
    for (int i = 0; i < steps; ++i) EXPECT_EQ(loader.next(batch), i < 4);
    EXPECT_EQ(loader.state().position, std::min(steps, 4));
    loader.start_epoch(2);
    EXPECT_EQ(loader.state().position, 0);
    EXPECT_EQ(rest_of(loader), whole) << "after " << steps << " batches";
  }
}

TEST(Unit_21_3, AStateOfTwoRanksFitsThree) {
  const LoaderOptions options{.batch_size = 3, .shuffle = true, .seed = 5};
  DistributedLoader before(ten_rows(), options, 1, 2);
  before.start_epoch(2);
  Batch batch;
  ASSERT_TRUE(before.next(batch));
  ASSERT_TRUE(before.next(batch));
  const LoaderState state = before.state();
  EXPECT_EQ(state.position, 2);
  std::vector<Epoch> parts;
  for (int rank = 0; rank < 3; ++rank) {
    DistributedLoader after(ten_rows(), options, rank, 3);
    after.load_state(state);
    parts.push_back(rest_of(after));
  }
  const Epoch whole = together(1, 2, options);
  EXPECT_EQ(sorted_union(parts), Epoch(whole.begin() + 2, whole.end()));
  DistributedLoader other(ten_rows(), {.batch_size = 4, .shuffle = true, .seed = 5}, 0, 2);
  EXPECT_THROWS_WITH(other.load_state(state), ValueError, "batch_size");
}

}  // namespace
}  // namespace rushlight::test
