// Compressed files: they decode to the bit or not at all.
#include <cstdlib>
#include <cstring>
#include <functional>

#include "08_dataloader/files.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Names of several lengths, a scalar, an empty array, a NaN and a minus zero; three codebooks, one of a single value.
CompressedState some_state() {
  CompressedState state;
  state.plain["bias"] = Array({3}, {static_cast<Real>(not_a_number), Real(-0.0), static_cast<Real>(-infinity)});
  state.plain["count"] = Array::scalar(17);
  state.plain["empty"] = zeros({0, 4});
  Array sparse = randn({6, 7}, 91);
  for (std::int64_t i = 0; i < 42; i += 2) sparse.mutable_data()[i] = 0;
  state.shared["fc.weight"] = share_weights(sparse, {.clusters = 5});
  state.shared["dense"] = share_weights(randn({4, 3, 2}, 92), {.clusters = 8});
  state.shared["one"] = share_weights(Array::full({9}, Real(0.25)), {.clusters = 1});
  return state;
}

TEST(Unit_17_9, AFileGivesBackEveryBit) {
  const CompressedState state = some_state();
  const CompressedState read = decode_compressed(encode_compressed(state), "state.rlhc");
  const StateDict before = restored(state), after = restored(read);
  ASSERT_EQ(after.size(), before.size());
  for (const auto& [name, array] : before) {
    ASSERT_EQ(after.at(name).shape(), array.shape()) << name;
    EXPECT_TRUE(same_bits(after.at(name), array)) << name;
  }
  EXPECT_EQ(encode_compressed(read), encode_compressed(state)) << "and the same file again";
  EXPECT_TRUE(restored(decode_compressed(encode_compressed({}), "empty")).empty());
}

TEST(Unit_17_9, AFileIsAsLargeAsItsParts) {
  CompressedState state;
  state.shared["w"] = Codebook{Array({3}, {0, 1, 2}), Indices({8}, {0, 0, 0, 0, 0, 1, 1, 2})};
  // 5 of 1 bit, 3 of 2 bits: 11 bits. Header; name; kind, rank, one size; K, numbers, lengths; count of bytes, bits.
  EXPECT_EQ(encode_compressed(state).size(), 14u + (2 + 1) + (1 + 1 + 8) + (4 + 3 * sizeof(Real) + 3) + (8 + 2));
}

TEST(Unit_17_9, AModelGoesThroughAFileOnDisk) {
  Sequential net = small_net(93), other = small_net(94);
  const CompressedState state = share_state(net.state_dict(), {"0.weight", "2.weight"}, {.clusters = 6});
  net.load_state_dict(restored(state));
  const TempFolder folder;
  const std::string path = folder.file("net.rlhc");
  save_compressed(path, state);
  other.load_state_dict(restored(load_compressed(path)));
  const Tensor x(randn({3, 5}, 95));
  EXPECT_TRUE(same_bits(other(x).value(), net(x).value()));
  EXPECT_THROWS_WITH(load_compressed(folder.file("nowhere.rlhc")), FileError, "nowhere.rlhc");
  EXPECT_THROWS_WITH(share_state(net.state_dict(), {"9.weight"}), ValueError, "share_state", "9.weight");
  EXPECT_THROWS_WITH(share_state(net.state_dict(), {"0.weight", "0.weight"}), ValueError, "0.weight");
}

TEST(Unit_17_9, WhatAFileCannotHold) {
  CompressedState twice = some_state();
  twice.plain["dense"] = zeros({1});
  EXPECT_THROWS_WITH(encode_compressed(twice), ValueError, "encode_compressed", "dense");
  CompressedState outside;
  outside.shared["w"] = Codebook{Array({2}, {0, 1}), Indices({1}, {2})};
  EXPECT_THROWS_WITH(encode_compressed(outside), ValueError, "'w'", "2");
}

std::uint32_t plain_crc(const Bytes& bytes, std::size_t from) {
  std::uint32_t crc = ~0U;
  for (std::size_t i = from; i < bytes.size(); ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xEDB88320U & (0U - (crc & 1U)));
  }
  return ~crc;
}

// A CRC that fits, so that what is behind it is looked at.
void mend_crc(Bytes& bytes) {
  if (bytes.size() < 14) return;
  const std::uint32_t crc = plain_crc(bytes, 14);
  std::memcpy(bytes.data() + 10, &crc, 4);
}

// Accepted files are none of our business if they mean the same thing twice; everything else is one clear error.
void expect_refused_or_sound(const Bytes& bytes) {
  try {
    const CompressedState state = decode_compressed(bytes, "fuzzed");
    for (const auto& [name, array] : restored(state)) ASSERT_TRUE(array.defined()) << name;
    ASSERT_EQ(decode_compressed(encode_compressed(state), "again").plain.size(), state.plain.size());
  } catch (const FileError& error) {
    ASSERT_TRUE(std::string(error.what()).starts_with("fuzzed: offset ")) << error.what();
  }
}

TEST(Unit_17_9, EveryDamagedByteIsNoticed) {
  const Bytes whole = encode_compressed(some_state());
  for (std::size_t place = 0; place < whole.size(); ++place) {
    Bytes damaged = whole;
    damaged[place] ^= static_cast<std::uint8_t>(1 + place % 255);
    if (place >= 6 && place < 10) continue;  // the number of entries: below
    ASSERT_THROW(decode_compressed(damaged, "damaged"), FileError) << "byte " << place;
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_THROW(decode_compressed(cut, "cut"), FileError) << size << " bytes";
  }
}

TEST(Unit_17_9, DamageBehindAGoodCrc) {
  const Bytes whole = encode_compressed(some_state());
  const auto refuse = [&](const char* what, const std::function<void(Bytes&)>& damage, const char* words) {
    SCOPED_TRACE(what);
    Bytes bytes = whole;
    damage(bytes);
    mend_crc(bytes);
    EXPECT_THROWS_WITH(decode_compressed(bytes, "bad.rlhc"), FileError, "bad.rlhc: offset ", words);
  };
  refuse(
      "another mark", [](Bytes& b) { b[0] = 'X'; }, "RLHC");
  refuse(
      "another version", [](Bytes& b) { b[4] = 2; }, "version 2");
  refuse(
      "numbers of another size", [](Bytes& b) { b[5] = 2; }, "2 bytes");
  refuse(
      "one entry more", [](Bytes& b) { ++b[6]; }, "ends within");
  refuse(
      "one entry less", [](Bytes& b) { --b[6]; }, "behind the last entry");
  refuse(
      "billions of entries", [](Bytes& b) { b[9] = 0xff; }, "ends within");
  refuse(
      "a byte at the end", [](Bytes& b) { b.push_back(0); }, "1 bytes behind");
  const std::size_t first = 14 + 2 + 4;  // behind the name "bias": kind, rank, sizes
  refuse(
      "kind 7", [&](Bytes& b) { b[first] = 7; }, "kind 7");
  refuse(
      "nine axes", [&](Bytes& b) { b[first + 1] = 9; }, "9 axes");
  refuse(
      "a negative size", [&](Bytes& b) { b[first + 9] = 0x80; }, "size");
  refuse(
      "2^56 numbers", [&](Bytes& b) { b[first + 9] = 0x01; }, "ends within");
  refuse(
      "names that go down", [&](Bytes& b) { b[16] = 'z'; }, "ascend");
}

TEST(Unit_17_9, OneNumberCannotTakeAllMemory) {  // a short file that says it holds 2^40 codes
  CompressedState state;
  state.shared["w"] = Codebook{Array({2}, {0, 1}), Indices({8}, {0, 1, 0, 1, 0, 1, 0, 1})};
  Bytes bytes = encode_compressed(state);
  bytes[14 + 3 + 2 + 5] = 1;
  mend_crc(bytes);
  EXPECT_THROWS_WITH(decode_compressed(bytes, "large"), FileError, "fewer bits than numbers");
}

// RUSHLIGHT_FUZZ=1000000 with the test program itself makes it a long one.
TEST(Unit_17_9, FuzzedFilesAreRefusedOrSound) {
  const char* asked = std::getenv("RUSHLIGHT_FUZZ");
  const std::int64_t rounds = asked == nullptr ? 4000 : std::max<std::int64_t>(std::atoll(asked), 1);
  const Bytes whole = encode_compressed(some_state());
  Generator g(96);
  for (std::int64_t round = 0; round < rounds && !testing::Test::HasFatalFailure(); ++round) {
    Bytes bytes = whole;
    for (std::int64_t times = g.below(4) + 1; times > 0; --times) {
      const auto place = static_cast<std::size_t>(g.below(static_cast<std::int64_t>(bytes.size())));
      const std::int64_t way = g.below(4);
      if (way == 0) bytes[place] = static_cast<std::uint8_t>(g.below(256));
      if (way == 1) bytes[place] ^= static_cast<std::uint8_t>(1 << g.below(8));
      if (way == 2 && bytes.size() > 20) bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(place));
      if (way == 3)
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(place), static_cast<std::uint8_t>(g.below(256)));
    }
    mend_crc(bytes);
    expect_refused_or_sound(bytes);
  }
}

}  // namespace
}  // namespace rushlight::test
