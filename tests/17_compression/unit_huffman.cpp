// Huffman's code: lengths, codes and bits.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Symbols = std::vector<std::int32_t>;

CodeLengths lengths_for(const std::vector<std::int64_t>& counts) { return code_lengths(counts); }

std::int64_t cost(const std::vector<std::int64_t>& counts, const CodeLengths& lengths) {
  std::int64_t bits = 0;
  for (std::size_t k = 0; k < counts.size(); ++k) bits += counts[k] * lengths[k];
  return bits;
}

// The sum of all inner nodes of Huffman's tree, by sorting anew at every step: what the best code costs.
std::int64_t best_cost(std::vector<std::int64_t> counts) {
  std::erase(counts, 0);
  if (counts.size() == 1) return counts[0];
  std::int64_t bits = 0;
  while (counts.size() > 1) {
    std::sort(counts.begin(), counts.end(), std::greater<>());
    const std::int64_t both = counts.back() + counts[counts.size() - 2];
    counts.pop_back();
    counts.back() = both;
    bits += both;
  }
  return bits;
}

TEST(Unit_17_9, LengthsByHand) {  // counts 5, 2, 1, 1: a tree that leans
  EXPECT_EQ(lengths_for({5, 2, 1, 1}), (CodeLengths{1, 2, 3, 3}));
  EXPECT_EQ(lengths_for({1, 1, 1, 1}), (CodeLengths{2, 2, 2, 2}));
  EXPECT_EQ(lengths_for({0, 7, 0}), (CodeLengths{0, 1, 0})) << "alone, it still takes a bit";
  EXPECT_EQ(lengths_for({0, 3, 9}), (CodeLengths{0, 1, 1}));
  EXPECT_EQ(lengths_for({}), CodeLengths{});
  EXPECT_EQ(lengths_for({0, 0}), (CodeLengths{0, 0}));
  EXPECT_THROWS_WITH(lengths_for({1, -1}), ValueError, "code_lengths", "-1");
}

TEST(Unit_17_9, NoPrefixCodeIsShorter) {
  Generator g(1);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<std::int64_t> counts(static_cast<std::size_t>(g.below(40) + 1));
    for (std::int64_t& count : counts) count = g.below(3) == 0 ? 0 : g.below(1 << g.below(12)) + 1;
    if (std::count(counts.begin(), counts.end(), 0) == static_cast<std::int64_t>(counts.size())) counts[0] = 1;
    const CodeLengths lengths = code_lengths(counts);
    ASSERT_EQ(cost(counts, lengths), best_cost(counts)) << "trial " << trial;
    for (std::size_t k = 0; k < counts.size(); ++k) ASSERT_EQ(lengths[k] == 0, counts[k] == 0) << k;
  }
}

TEST(Unit_17_9, ATreeThatIsTooDeep) {  // Fibonacci's numbers make every code one bit longer than the next
  std::vector<std::int64_t> counts{1, 1};
  while (counts.size() < 64) counts.push_back(counts.back() + counts[counts.size() - 2]);
  const CodeLengths lengths = code_lengths(counts);
  EXPECT_EQ(lengths[0], 63);
  EXPECT_EQ(huffman_decode(huffman_encode(Symbols{0, 63, 1}, lengths), lengths, 3), (Symbols{0, 63, 1}));
  counts.push_back(counts.back() + counts[counts.size() - 2]);
  EXPECT_THROW(code_lengths(counts), ValueError);
}

TEST(Unit_17_9, CanonicalCodesByHand) {
  EXPECT_EQ(canonical_codes({2, 1, 3, 3}), (std::vector<std::uint64_t>{0b10, 0b0, 0b110, 0b111}));
  EXPECT_EQ(canonical_codes({3, 0, 1, 3, 2}), (std::vector<std::uint64_t>{0b110, 0, 0b0, 0b111, 0b10}));
  EXPECT_EQ(canonical_codes({2, 2}), (std::vector<std::uint64_t>{0, 1})) << "a code with gaps is a code";
  EXPECT_THROW((canonical_codes({1, 1, 1})), ValueError);
  EXPECT_THROW((canonical_codes({1, 1, 63})), ValueError);
  EXPECT_THROW((canonical_codes({64})), ValueError);
}

TEST(Unit_17_9, BitsByHand) {  // 0, 10, 110, 111
  const CodeLengths lengths{1, 2, 3, 3};
  EXPECT_EQ(huffman_encode(Symbols{0, 1, 2, 3, 0, 0}, lengths), (Bytes{0b01011011, 0b10000000}))
      << "0 10 110 11|1 0 0, then zeros";
  EXPECT_EQ(huffman_encode(Symbols{}, lengths), Bytes{});
  EXPECT_EQ(huffman_encode(Symbols{3, 3, 1}, lengths), (Bytes{0b11111110})) << "eight bits are one byte";
  EXPECT_EQ(huffman_decode(Bytes{0b01011011, 0b10000000}, lengths, 6), (Symbols{0, 1, 2, 3, 0, 0}));
  EXPECT_THROWS_WITH(huffman_encode(Symbols{4}, lengths), ValueError, "4");
  EXPECT_THROWS_WITH(huffman_encode(Symbols{-1}, lengths), ValueError, "-1");
  EXPECT_THROWS_WITH(huffman_encode(Symbols{1}, CodeLengths{1, 0}), ValueError, "1");
}

TEST(Unit_17_9, WhatIsEncodedIsDecoded) {
  Generator g(2);
  for (int trial = 0; trial < 40; ++trial) {
    const std::int64_t kinds = g.below(30) + 1;
    Symbols symbols(static_cast<std::size_t>(g.below(300) + 1));
    std::vector<std::int64_t> counts(static_cast<std::size_t>(kinds), 0);
    for (std::int32_t& symbol : symbols) {
      symbol = static_cast<std::int32_t>(std::min(g.below(kinds), g.below(kinds)));
      ++counts[symbol];
    }
    const CodeLengths lengths = code_lengths(counts);
    const Bytes bits = huffman_encode(symbols, lengths);
    ASSERT_EQ(static_cast<std::int64_t>(bits.size()), (cost(counts, lengths) + 7) / 8);
    ASSERT_EQ(huffman_decode(bits, lengths, static_cast<std::int64_t>(symbols.size())), symbols) << "trial " << trial;
  }
}

TEST(Unit_17_9, BitsThatAreNone) {
  const CodeLengths lengths{1, 2, 3, 3}, gaps{2, 2};
  EXPECT_THROW(huffman_decode(Bytes{0b01011011}, lengths, 6), ValueError);
  EXPECT_THROW(huffman_decode(Bytes{}, lengths, 1), ValueError);
  EXPECT_THROW(huffman_decode(Bytes{0, 0}, lengths, 3), ValueError);        // a byte too many
  EXPECT_THROW(huffman_decode(Bytes{0}, lengths, 0), ValueError);           // likewise
  EXPECT_THROW(huffman_decode(Bytes{0b00000001}, lengths, 3), ValueError);  // padding
  EXPECT_THROW(huffman_decode(Bytes(10, 0xff), gaps, 1), ValueError);       // 11 begins no code
  EXPECT_THROW(huffman_decode(Bytes{0}, CodeLengths{1, 1, 1}, 1), ValueError);
  EXPECT_THROW(huffman_decode(Bytes{0}, CodeLengths{0, 0}, 1), ValueError);  // no symbol at all
  EXPECT_THROW(huffman_decode(Bytes{}, CodeLengths{1, 1, 1}, 0), ValueError);
}

TEST(Unit_17_9, ACountThatCannotBe) {  // an error about the bits, not about memory
  const CodeLengths lengths{1, 2, 3, 3};
  for (const std::int64_t count : {std::int64_t{9}, std::int64_t{1} << 40, std::int64_t{1} << 60, INT64_MAX}) {
    EXPECT_THROW(huffman_decode(Bytes{0}, lengths, count), ValueError) << count;
  }
  EXPECT_THROWS_WITH(huffman_decode(Bytes{}, lengths, -1), ValueError, "-1");
  EXPECT_THROWS_WITH(huffman_decode(Bytes{0}, lengths, INT64_MIN), ValueError, "huffman_decode");
  EXPECT_EQ(huffman_decode(Bytes{}, lengths, 0), Symbols{});
}

}  // namespace
}  // namespace rushlight::test
