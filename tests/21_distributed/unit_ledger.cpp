// The ledger and the checksum: what differs is named before it hangs.
#include <cmath>
#include <cstring>

#include "networks.hpp"

namespace rushlight::test {
namespace {

RANKS(ledgers_agree) {
  Ledger ledger(world);
  ledger.enter("broadcast", 10);
  ledger.enter("sum of bucket 0", 64);
  says["lines"] = json::array();
  for (const LedgerLine& line : ledger.lines()) says["lines"].push_back({line.op, line.numbers});
}

TEST(Unit_21_4, LinesAreWrittenInOrder) {
  for (const int ranks : {1, 2, 3}) {
    for (const json& said : on_ranks(ranks, "ledgers_agree")) {
      EXPECT_EQ(said["lines"], json::parse(R"([["broadcast", 10], ["sum of bucket 0", 64]])"));
    }
  }
}

RANKS(ledgers_differ) {
  Ledger ledger(world);
  for (int line = 0; line < 7; ++line) ledger.enter("broadcast", 10);
  says["message"] = "";
  try {
    ledger.enter(world.rank() == 0 ? "sum of weights" : "sum of biases", world.rank() == 0 ? 64 : 640);
  } catch (const WorldError& error) {
    says["message"] = error.what();
  }
}

TEST(Unit_21_4, AMismatchNamesBothSides) {
  const std::vector<json> said = on_ranks(2, "ledgers_differ");
  for (int rank = 0; rank < 2; ++rank) {
    const std::string message = said[rank]["message"];
    for (const char* piece :
         {"sum of weights", "sum of biases", "64", "640", "7", "0", "1"}) {  // line 7, ranks 0 and 1
      EXPECT_NE(message.find(piece), std::string::npos) << piece << " in: " << message;
    }
  }
}

RANKS(rank_1_differs) {
  Ledger ledger(world);
  says["threw"] = false;
  try {
    ledger.enter("broadcast", world.rank() == 1 ? 11 : 10);
  } catch (const WorldError&) {
    says["threw"] = true;
  }
}

TEST(Unit_21_4, ARankComparesWithTheOneBefore) {  // rank 0 with rank 2, whose line is the same
  const std::vector<json> said = on_ranks(3, "rank_1_differs");
  const std::vector<bool> wanted{false, true, true};
  for (std::size_t rank = 0; rank < 3; ++rank) EXPECT_EQ(said[rank]["threw"], wanted[rank]) << "rank " << rank;
}

RANKS(only_numbers_differ) {
  Ledger ledger(world);
  says["threw"] = false;
  try {
    ledger.enter("broadcast", 10 + world.rank());
  } catch (const WorldError&) {
    says["threw"] = true;
  }
}

TEST(Unit_21_4, ACountAloneIsAMismatch) {
  for (const json& said : on_ranks(2, "only_numbers_differ")) EXPECT_TRUE(said["threw"].get<bool>());
}

RANKS(names_that_end_in_numbers) {
  const std::vector<std::array<LedgerLine, 2>> pairs{
      {{{"sum1", 2}, {"sum", 12}}}, {{{"sum 1", 2}, {"sum", 12}}}, {{{"a", 10}, {"a", 1}}}, {{{"a b", 1}, {"ab", 1}}}};
  for (const auto& pair : pairs) {
    Ledger ledger(world);
    const LedgerLine& mine = pair[static_cast<std::size_t>(world.rank())];
    EXPECT_THROW(ledger.enter(mine.op, mine.numbers), WorldError) << mine.op << " and " << mine.numbers;
    EXPECT_EQ(ledger.lines().size(), 1u);
  }
  says["done"] = true;
}

TEST(Unit_21_4, ANameAndACountDoNotRunTogether) {
  for (const json& said : on_ranks(2, "names_that_end_in_numbers")) EXPECT_EQ(said["done"], true);
}

std::uint64_t plain_checksum(Module& model) {
  std::uint64_t hash = 14695981039346656037u;
  Arrays arrays;
  for (const auto& [name, parameter] : model.named_parameters()) arrays.push_back(parameter.value());
  for (const auto& [name, buffer] : model.named_buffers()) arrays.push_back(buffer.value());
  for (const Array& array : arrays) {
    std::vector<unsigned char> bytes(array.data().size_bytes());
    std::memcpy(bytes.data(), array.data().data(), bytes.size());
    for (const unsigned char byte : bytes) hash = (hash ^ byte) * 1099511628211u;
  }
  return hash;
}

TEST(Unit_21_4, TheChecksumSeesEveryBitAndItsPlace) {
  Generator random(1);
  Sequential net{Linear({.in = 3, .out = 4}, random), BatchNorm1d({.features = 4})};
  const std::uint64_t first = checksum(net);
  EXPECT_EQ(first, plain_checksum(net));
  Tensor weight = net.parameters()[0];
  std::swap(weight.mutable_value().mutable_data()[0], weight.mutable_value().mutable_data()[1]);
  EXPECT_NE(checksum(net), first) << "two numbers changed places";
  std::swap(weight.mutable_value().mutable_data()[0], weight.mutable_value().mutable_data()[1]);
  EXPECT_EQ(checksum(net), first);
  Tensor mean = net.named_buffers()[0].second;
  mean.mutable_value().mutable_data()[3] = std::nextafter(mean.value().data()[3], Real{9});
  EXPECT_NE(checksum(net), first) << "one bit of a buffer";
}

TEST(Unit_21_4, WhatIsFrozenCountsToo) {
  SmallNet net(3);
  net.first.weight.requires_grad_(false);
  const std::uint64_t first = checksum(net);
  EXPECT_EQ(first, plain_checksum(net));
  net.first.weight.mutable_value().mutable_data()[2] += Real(0.5);
  EXPECT_NE(checksum(net), first);
}

RANKS(one_model_differs) {
  SmallNet net(3);
  require_agreement(world, net);
  if (world.rank() == 1) net.first.bias.mutable_value().mutable_data()[0] += Real(0.5);
  says["message"] = "";
  try {
    require_agreement(world, net);
  } catch (const WorldError& error) {
    says["message"] = error.what();
  }
}

TEST(Unit_21_4, EveryRankHearsWhoWentAstray) {
  on_ranks(1, "one_model_differs");
  const std::vector<json> said = on_ranks(3, "one_model_differs");
  for (const std::size_t rank : {0, 2}) {  // the beginning of rank 1's own message has that number anyway
    const std::string message = said[rank]["message"];
    EXPECT_NE(message.find('1'), std::string::npos) << "all ranks throw, with the same list: " << message;
  }
  EXPECT_NE(said[1]["message"], "");
}

RANKS(two_models_differ) {
  SmallNet net(3);
  Real& number = net.first.bias.mutable_value().mutable_data()[0];
  const Real before = number;
  number += Real(world.rank());
  says["message"] = "";
  try {
    require_agreement(world, net);
  } catch (const WorldError& error) {
    says["message"] = error.what();
  }
  number = before;
  require_agreement(world, net);  // nothing of the first time is left on the way
}

TEST(Unit_21_4, EveryoneWhoWentAstrayIsListed) {
  const std::vector<json> said = on_ranks(3, "two_models_differ");
  const std::string message = said[0]["message"];  // its own number is neither of the two
  EXPECT_NE(message.find('1'), std::string::npos) << message;
  EXPECT_NE(message.find('2'), std::string::npos) << message;
}

}  // namespace
}  // namespace rushlight::test
