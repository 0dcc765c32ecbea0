// Broadcast and the ring: what arrives, how many messages it takes, and what happens when a rank does not come.
#include <algorithm>

#include "03_layers/layers.hpp"
#include "ranks.hpp"

namespace rushlight {

// How gtest shows a chunk in a failure.
static void PrintTo(const Chunk& chunk, std::ostream* out) { *out << "[" << chunk.begin << ", " << chunk.end << ")"; }

}  // namespace rushlight

namespace rushlight::test {
namespace {

// Numbers that no other rank has, and whose sums round.
std::vector<Real> own_numbers(int rank, std::size_t count) {
  Generator random(static_cast<std::uint64_t>(100 + rank));
  std::vector<Real> numbers(count);
  for (Real& number : numbers) number = static_cast<Real>(random.normal());
  return numbers;
}

// ---- 21.1

RANKS(broadcast_messages) {
  std::vector<Real> numbers(7);
  broadcast(world, numbers, 1);
  says["messages"] = world.messages_sent();
  says["numbers"] = world.numbers_sent();
}

TEST(Unit_21_1, ATreeIsNotARowOfLetters) {
  const std::vector<json> said = on_ranks(4, "broadcast_messages");
  std::int64_t messages = 0, most = 0;
  for (const json& each : said) {
    messages += each["messages"].get<std::int64_t>();
    most = std::max(most, each["messages"].get<std::int64_t>());
    EXPECT_EQ(each["numbers"].get<std::int64_t>(), 7 * each["messages"].get<std::int64_t>());
  }
  EXPECT_EQ(messages, 3) << "each rank but the root receives once";
  EXPECT_EQ(most, 2) << "four ranks take two rounds, and the root sends in both";
  EXPECT_EQ(said[1]["messages"], 2);
}

RANKS(broadcast_from_each) {
  says["got"] = json::array();
  for (int root = 0; root < world.size(); ++root) {
    std::vector<Real> numbers = own_numbers(world.rank(), 5);
    broadcast(world, numbers, root);
    says["got"].push_back(numbers);
  }
}

TEST(Unit_21_1, EveryRankHasTheRootsNumbers) {
  for (const int ranks : {1, 2, 3}) {
    for (const json& said : on_ranks(ranks, "broadcast_from_each")) {
      for (int root = 0; root < ranks; ++root) EXPECT_EQ(said["got"][root], json(own_numbers(root, 5)));
    }
  }
}

RANKS(broadcast_nothing) {
  std::vector<Real> none;
  broadcast(world, none, 1);
  says["messages"] = world.messages_sent();
}

TEST(Unit_21_1, NoNumbersTravelLikeAnyOthers) {
  std::int64_t messages = 0;
  for (const json& said : on_ranks(3, "broadcast_nothing")) messages += said["messages"].get<std::int64_t>();
  EXPECT_EQ(messages, 2) << "each rank but the root receives once";
}

RANKS(broadcast_wrong_root) {
  std::vector<Real> numbers(1);
  EXPECT_THROWS_WITH(broadcast(world, numbers, 2), IndexError, "root is 2");
  broadcast(world, numbers, 0);
}

TEST(Unit_21_1, ARootThatIsNoRank) { on_ranks(2, "broadcast_wrong_root"); }

Sequential a_net(std::uint64_t seed) {
  Generator random(seed);
  return Sequential{Linear({.in = 3, .out = 4}, random), BatchNorm1d({.features = 4}), Dropout({.p = 0.5}, random),
                    Linear({.in = 4, .out = 2}, random), Dropout({.p = 0.5}, random)};
}

RANKS(broadcast_a_module) {
  Sequential net = a_net(static_cast<std::uint64_t>(world.rank()));
  for (auto& [name, buffer] : net.named_buffers()) {
    for (Real& number : buffer.mutable_value().mutable_data()) number += static_cast<Real>(world.rank());
  }
  const Tensors before = net.parameters();
  broadcast_module(world, net);
  says["values"] = json::array();
  for (const auto& [name, array] : net.state_dict()) says["values"].push_back(to_doubles(array));
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].identity(), net.parameters()[i].identity());
    EXPECT_TRUE(before[i].requires_grad());
  }
}

TEST(Unit_21_1, AModelBecomesThatOfRank0) {
  json wanted = json::array();
  for (const auto& [name, array] : a_net(0).state_dict()) wanted.push_back(to_doubles(array));
  for (const int ranks : rank_counts()) {
    for (const json& said : on_ranks(ranks, "broadcast_a_module")) EXPECT_EQ(said["values"], wanted) << "buffers too";
  }
}

RANKS(broadcast_what_is_frozen) {
  Sequential net = a_net(static_cast<std::uint64_t>(world.rank()));
  for (Tensor& parameter : net.parameters()) parameter.requires_grad_(false);
  broadcast_module(world, net);
  says["values"] = json::array();
  for (const auto& [name, array] : net.state_dict()) says["values"].push_back(to_doubles(array));
}

TEST(Unit_21_1, WhatIsFrozenBecomesRank0sToo) {
  const std::vector<json> said = on_ranks(2, "broadcast_what_is_frozen");
  EXPECT_EQ(said[0]["values"], said[1]["values"]);
}

TEST(Unit_21_1, RandomSourcesGoApart) {
  std::vector<Generator::State> seen;
  for (int rank = 0; rank < 3; ++rank) {
    Sequential net = a_net(7);
    const NamedGenerators before = net.named_generators();
    ASSERT_EQ(before.size(), 2u);
    const std::vector<Generator::State> old{before[0].second->state(), before[1].second->state()};
    separate_generators(net, rank);
    for (std::size_t k = 0; k < 2; ++k) {
      const Generator::State now = net.named_generators()[k].second->state();
      const Generator::State wanted =
          rank == 0 ? old[k] : stream(old[k][0], rank, static_cast<std::int64_t>(k)).state();
      EXPECT_EQ(now, wanted) << "source " << k << " of rank " << rank;
      EXPECT_EQ(std::count(seen.begin(), seen.end(), now), 0);
      seen.push_back(now);
    }
  }
}

// ---- 21.2

TEST(Unit_21_2, ChunksCoverAndDifferByOne) {
  for (const std::int64_t numbers : {0, 1, 2, 5, 7, 12}) {
    for (const int ranks : {1, 2, 3, 5}) {
      std::int64_t at = 0;
      for (int k = 0; k < ranks; ++k) {
        const Chunk chunk = chunk_of(numbers, ranks, k);
        EXPECT_EQ(chunk.begin, at) << k << " of " << numbers << " in " << ranks;
        EXPECT_EQ(chunk.size(), numbers / ranks + (k < numbers % ranks ? 1 : 0));
        at = chunk.end;
      }
      EXPECT_EQ(at, numbers);
    }
  }
  EXPECT_EQ(chunk_of(6'000'000'001, 2, 1), (Chunk{3'000'000'001, 6'000'000'001})) << "more than 32 bits count";
  EXPECT_THROWS_WITH(chunk_of(4, 2, 2), ValueError, "chunk");
  EXPECT_THROWS_WITH(chunk_of(-1, 2, 0), ValueError, "chunk");
}

RANKS(ring_traffic) {
  std::vector<Real> numbers(1200, 1);
  const std::int64_t before = world.numbers_sent();
  ring_all_reduce(world, numbers);
  says["sent"] = world.numbers_sent() - before;
}

TEST(Unit_21_2, NobodySendsMoreThanTheRingNeeds) {
  for (const int ranks : {2, 3, 4}) {
    for (const json& said : on_ranks(ranks, "ring_traffic")) {
      EXPECT_EQ(said["sent"], 2 * 1200 * (ranks - 1) / ranks) << ranks << " ranks";
    }
  }
}

const std::vector<std::size_t> sizes = {0, 1, 2, 3, 5, 64, 1001};

RANKS(reduce_and_gather) {
  says["scattered"] = says["gathered"] = json::array();
  for (const std::size_t size : sizes) {
    std::vector<Real> numbers = own_numbers(world.rank(), size);
    reduce_scatter(world, numbers);
    const Chunk mine = chunk_of(static_cast<std::int64_t>(size), world.size(), (world.rank() + 1) % world.size());
    says["scattered"].push_back(std::vector<Real>(numbers.begin() + mine.begin, numbers.begin() + mine.end));
    std::vector<Real> parts = own_numbers(world.rank(), size);
    all_gather(world, parts);
    says["gathered"].push_back(parts);
  }
}

TEST(Unit_21_2, BothHalvesByThemselves) {
  for (const int ranks : {2, 3}) {
    const std::vector<json> said = on_ranks(ranks, "reduce_and_gather");
    for (std::size_t s = 0; s < sizes.size(); ++s) {
      std::vector<std::vector<Real>> all;
      for (int rank = 0; rank < ranks; ++rank) all.push_back(own_numbers(rank, sizes[s]));
      for (int rank = 0; rank < ranks; ++rank) {
        const auto count = static_cast<std::int64_t>(sizes[s]);
        const Chunk mine = chunk_of(count, ranks, (rank + 1) % ranks);
        ASSERT_EQ(static_cast<std::int64_t>(said[rank]["scattered"][s].size()), mine.size());
        for (std::int64_t i = 0; i < mine.size(); ++i) {
          double sum = 0;
          for (const auto& each : all) sum += static_cast<double>(each[mine.begin + i]);
          EXPECT_NEAR(said[rank]["scattered"][s][i].get<double>(), sum, 1e-5);
        }
        for (int owner = 0; owner < ranks; ++owner) {  // rank `owner` began with chunk owner + 1
          const Chunk theirs = chunk_of(count, ranks, (owner + 1) % ranks);
          for (std::int64_t i = theirs.begin; i < theirs.end; ++i) {
            EXPECT_EQ(said[rank]["gathered"][s][i].get<double>(), static_cast<double>(all[owner][i]));
          }
        }
      }
    }
  }
}

RANKS(ring_sums) {
  says["sums"] = says["theirs"] = json::array();
  for (const std::size_t size : sizes) {
    std::vector<Real> numbers = own_numbers(world.rank(), size), theirs = numbers;
    ring_all_reduce(world, numbers);
    says["sums"].push_back(numbers);
    world.start_sum(theirs).wait();
    says["theirs"].push_back(theirs);
  }
}

TEST(Unit_21_2, TheSumOfAnySizeOnEveryRankWithTheSameBits) {
  for (const int ranks : {1, 2, 3}) {
    const std::vector<json> said = on_ranks(ranks, "ring_sums");
    for (std::size_t s = 0; s < sizes.size(); ++s) {
      for (const json& each : said) {
        EXPECT_EQ(each["sums"][s], said[0]["sums"][s]) << "the same bits on every rank";
        ASSERT_EQ(each["sums"][s].size(), sizes[s]);
        for (std::size_t i = 0; i < sizes[s]; ++i) {
          EXPECT_NEAR(each["sums"][s][i].get<double>(), each["theirs"][s][i].get<double>(), 1e-5)
              << "number " << i << " of " << sizes[s] << " on " << ranks << " ranks, against MPI_Iallreduce";
        }
      }
    }
  }
}

RANKS(one_stays_away) {
  std::vector<Real> numbers(8, 1);
  if (world.rank() == 1) return;  // with all its patience, for the end of the case
  world.set_patience(0.3);
  EXPECT_THROWS_WITH(ring_all_reduce(world, numbers), WorldError, "rank 0 of 2, in ring_all_reduce", "rank 1", "0.3 s");
}

TEST(Unit_21_2, WhoeverStaysAwayIsMissedByName) { on_ranks(2, "one_stays_away"); }

}  // namespace
}  // namespace rushlight::test
