// 08.7 resuming.
#include "08_dataloader/sources.hpp"

namespace rushlight::test {
namespace {

constexpr std::int64_t examples = 20;
constexpr LoaderOptions options{.batch_size = 3, .shuffle = true, .seed = 12};

// A state of these loaders.
LoaderState place(std::int64_t epoch, std::int64_t position) {
  return {.epoch = epoch, .position = position, .seed = 12, .examples = 20, .batch_size = 3, .shuffle = true};
}

DataLoader make_loader(int workers = 0) {
  LoaderOptions mine = options;
  mine.workers = workers;
  return DataLoader(std::make_shared<ProbeDataset>(examples), mine);
}

void take(DataLoader& loader, int count) {
  for (int i = 0; i < count; ++i) ASSERT_TRUE(next_of(loader).has_value());
}

TEST(Unit_08_7, TheStateIsThePlace) {
  DataLoader loader = make_loader();
  EXPECT_EQ(loader.state(), place(0, 0));
  loader.start_epoch(3);
  take(loader, 2);
  EXPECT_EQ(loader.state(), place(3, 2));
  take(loader, 5);
  next_of(loader);
  EXPECT_EQ(loader.state(), place(3, 7));
}

TEST(Unit_08_7, TheStateHoldsWhatMustAgree) {
  const auto dataset = std::make_shared<ProbeDataset>(6);
  const DataLoader plain(dataset, {.batch_size = 2, .seed = 7}), cut(dataset, {.batch_size = 4, .drop_last = true});
  EXPECT_EQ(plain.state(), (LoaderState{.seed = 7, .examples = 6, .batch_size = 2}));
  EXPECT_EQ(cut.state(), (LoaderState{.examples = 6, .batch_size = 4, .drop_last = true}));
}

TEST(Unit_08_7, AnyPlaceCanBeContinuedFrom) {
  for (int taken = 0; taken <= 7; ++taken) {
    DataLoader uninterrupted = make_loader();
    uninterrupted.start_epoch(5);
    take(uninterrupted, taken);
    DataLoader resumed = make_loader();
    resumed.load_state(uninterrupted.state());
    EXPECT_TRUE(same_batches(rest_of_epoch(resumed), rest_of_epoch(uninterrupted))) << "after " << taken;
    EXPECT_TRUE(same_batches(batches_of(resumed, 6), batches_of(uninterrupted, 6)));
  }
}

TEST(Unit_08_7, SkippedExamplesAreNotRead) {
  const auto dataset = std::make_shared<ProbeDataset>(examples);
  DataLoader loader(dataset, options);
  loader.load_state(place(1, 6));
  EXPECT_EQ(dataset->reads, 0);
  EXPECT_EQ(visited(rest_of_epoch(loader)).size(), 2u);
  EXPECT_EQ(dataset->reads, 2);
}

TEST(Unit_08_7, WhatWaitsInTheQueueWasNotHandedOut) {
  const auto dataset = std::make_shared<ProbeDataset>(examples);
  LoaderOptions mine = options;
  mine.workers = 2;
  DataLoader loader(dataset, mine);
  loader.start_epoch(1);
  take(loader, 2);
  EXPECT_TRUE(eventually([&] { return dataset->reads >= 15; })) << "the workers should be ahead";
  EXPECT_EQ(loader.state().position, 2);
}

TEST(Unit_08_7, TheNumberOfWorkersMayChange) {
  DataLoader before = make_loader(2);
  before.start_epoch(1);
  take(before, 3);
  for (const int workers : {0, 1, 3}) {
    DataLoader after = make_loader(workers);
    after.load_state(before.state());
    DataLoader reference = make_loader();
    reference.start_epoch(1);
    take(reference, 3);
    EXPECT_TRUE(same_batches(rest_of_epoch(after), rest_of_epoch(reference))) << workers << " workers";
  }
}

TEST(Unit_08_7, OneMayGoBackInARunningEpoch) {
  DataLoader loader = make_loader(2);
  loader.start_epoch(2);
  take(loader, 1);
  const LoaderState mark = loader.state();
  const auto first = rest_of_epoch(loader);
  loader.load_state(mark);
  EXPECT_TRUE(same_batches(rest_of_epoch(loader), first));
}

TEST(Unit_08_7, TheEndOfAnEpochIsAPlace) {
  DataLoader loader = make_loader();
  loader.load_state(place(4, 7));
  EXPECT_FALSE(next_of(loader).has_value());
  EXPECT_EQ(loader.state(), place(4, 7));
}

TEST(Unit_08_7, AStateThatCannotBeIsRefusedAndChangesNothing) {
  DataLoader loader = make_loader();
  loader.start_epoch(2);
  take(loader, 1);
  const LoaderState before = loader.state();
  EXPECT_THROWS_WITH(loader.load_state(place(2, 8)), ValueError, "batch 8", "7 batches");
  EXPECT_THROWS_WITH(loader.load_state(place(2, -1)), ValueError, "-1");
  EXPECT_THROWS_WITH(loader.load_state(place(-1, 0)), ValueError, "epoch -1");
  EXPECT_EQ(loader.state(), before);
  EXPECT_EQ(rest_of_epoch(loader).size(), 6u);
}

TEST(Unit_08_7, AStateOfAnotherLoaderIsRefused) {
  DataLoader loader = make_loader();
  const auto changed = [](auto change) {
    LoaderState state = place(1, 2);
    change(state);
    return state;
  };
  const LoaderState before = loader.state();
  EXPECT_THROWS_WITH(loader.load_state(changed([](LoaderState& s) { s.seed = 13; })), ValueError, "seed", "13", "12");
  EXPECT_THROWS_WITH(loader.load_state(changed([](LoaderState& s) { s.examples = 21; })), ValueError, "examples", "21",
                     "20");
  EXPECT_THROWS_WITH(loader.load_state(changed([](LoaderState& s) { s.batch_size = 4; })), ValueError, "batch_size",
                     "4", "3");
  EXPECT_THROWS_WITH(loader.load_state(changed([](LoaderState& s) { s.shuffle = false; })), ValueError, "shuffle");
  EXPECT_THROWS_WITH(loader.load_state(changed([](LoaderState& s) { s.drop_last = true; })), ValueError, "drop_last");
  EXPECT_EQ(loader.state(), before);
}

// Also where the order would be the same: crops follow from the seed without shuffle, and the state of a loader is not
// that of another that happens to cut the data alike.
TEST(Unit_08_7, EveryFieldCountsWhateverTheOthersAre) {
  DataLoader loader(std::make_shared<ProbeDataset>(6), {.batch_size = 3, .seed = 12});
  LoaderState other_seed = loader.state(), other_end = other_seed, other_shuffle = other_seed;
  other_seed.seed = 13;
  EXPECT_THROWS_WITH(loader.load_state(other_seed), ValueError, "seed", "13", "12");
  other_end.drop_last = true;
  EXPECT_THROWS_WITH(loader.load_state(other_end), ValueError, "drop_last");
  other_shuffle.shuffle = true;
  EXPECT_THROWS_WITH(loader.load_state(other_shuffle), ValueError, "shuffle");
}

// Numbers that agree in their lower half, or of which one is 0, are not the same.
TEST(Unit_08_7, EveryBitOfAStateCounts) {
  const std::uint64_t seed = 0xfedcba9876543210;
  DataLoader loader(std::make_shared<ProbeDataset>(6), {.batch_size = 3, .seed = seed});
  const LoaderState own = loader.state();
  EXPECT_EQ(own.seed, seed);
  const auto refused = [&](const char* field, auto LoaderState::*member, auto value) {
    LoaderState other = own;
    other.*member = value;
    EXPECT_THROWS_WITH(loader.load_state(other), ValueError, field, fmt::format("{}", value));
  };
  for (int bit = 0; bit < 64; ++bit) refused("seed", &LoaderState::seed, seed ^ (std::uint64_t{1} << bit));
  for (int bit = 0; bit < 63; ++bit) {
    const std::int64_t one = std::int64_t{1} << bit;
    refused("examples", &LoaderState::examples, own.examples ^ one);
    refused("batch_size", &LoaderState::batch_size, own.batch_size ^ one);
    if (one > 2) refused("batch", &LoaderState::position, one);  // there are two batches
  }
  for (const std::int64_t none : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN}) {
    refused("examples", &LoaderState::examples, none);
    refused("batch_size", &LoaderState::batch_size, none);
    if (none < 0) refused("epoch", &LoaderState::epoch, none);
  }
  EXPECT_EQ(loader.state(), own);
  LoaderState late = own;
  late.epoch = std::int64_t{1} << 40;
  late.position = 1;
  loader.load_state(late);
  EXPECT_EQ(loader.state(), late);
}

TEST(Unit_08_7, ThroughTheInterfaceOfTraining) {
  DataLoader loader = make_loader(1);
  BatchSource& source = loader;
  source.start_epoch(1);
  EXPECT_EQ(source.batches(), 7);
  const Batch batch = *next_of(source);
  source.load_state(place(1, 0));
  EXPECT_TRUE(same_bits(next_of(source)->inputs, batch.inputs));
}

}  // namespace
}  // namespace rushlight::test
