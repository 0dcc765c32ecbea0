// huffman.cpp: short codes for what is frequent.
#include "17_compression/huffman.hpp"

#include <algorithm>
#include <numeric>
#include <queue>
#include <tuple>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

void check_counts(std::span<const std::int64_t> counts) {
  for (std::size_t k = 0; k < counts.size(); ++k) {
    if (counts[k] < 0) throw ValueError("code_lengths: symbol {} occurs {} times.", {k, counts[k]});
  }
}

// Symbols with a code, in the order in which canonical codes are given out.
std::vector<std::size_t> in_order(const CodeLengths& lengths) {
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < lengths.size(); ++k) {
    if (lengths[k] > longest_code)
      throw ValueError("canonical_codes: symbol {} has a code of {} bits.", {k, int(lengths[k])});
    if (lengths[k] > 0) order.push_back(k);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return lengths[a] < lengths[b]; });
  return order;
}

}  // namespace

// 17.9 code_lengths  counts (K) -> bits for each symbol; 0 for a count of 0; 1 for a symbol that is alone
// Put every symbol that occurs into a queue; while there are two trees, take out the two with the smallest counts and
// put back one that holds both. The length of a code is the depth of its leaf. More than longest_code bits: ValueError.
// Hint: std::priority_queue with std::greater<>. Number the nodes as they are made, and each knows its parent.
CodeLengths code_lengths(std::span<const std::int64_t> counts) {
  check_counts(counts);
  todo("17.9");
}

// 17.9 canonical_codes  lengths -> the bits of each symbol
//   in the order of in_order (above): the first is 0; each next one = (the one before + 1) << (how much longer it is)
// A code that no longer fits into its length: ValueError, no prefix code has such lengths.
// Hint: after the + 1 and the shift, code >> length must be 0.
std::vector<std::uint64_t> canonical_codes(const CodeLengths& lengths) {
  std::vector<std::uint64_t> codes(lengths.size(), 0);
  todo("17.9");
}

// 17.9 huffman_encode  symbols -> their codes one after the other, highest bit first; zeros fill up the last byte
// A symbol outside the lengths, or with length 0: ValueError that names it.
// Hint: push_back a 0 whenever the last byte is full, and set its bits one by one.
std::vector<std::uint8_t> huffman_encode(std::span<const std::int32_t> symbols, const CodeLengths& lengths) {
  const std::vector<std::uint64_t> codes = canonical_codes(lengths);
  std::vector<std::uint8_t> bytes;
  todo("17.9");
}

// 17.9 huffman_decode  bits, lengths, count -> that many symbols
// ValueError: a count below 0; the bits end inside a symbol; they begin no code; bytes are left over; the padding is
// not zero.
// Hint: read bit by bit, value = 2·value + bit. Codes of one length are neighbours: with the first code of each length
// and where its symbols begin in in_order, a value that is less than (first + how many) is found.
std::vector<std::int32_t> huffman_decode(std::span<const std::uint8_t> bits, const CodeLengths& lengths,
                                         std::int64_t count) {
  if (count < 0) throw ValueError("huffman_decode: {} symbols; needs 0 or more.", {count});
  const std::vector<std::uint64_t> codes = canonical_codes(lengths);
  const std::vector<std::size_t> order = in_order(lengths);
  std::vector<std::int32_t> symbols;
  todo("17.9");
}

}  // namespace rushlight
