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

// solution helper
// Of a tree being built: two trees become one until one is left.
struct Tree {
  std::int64_t count;
  std::size_t node;
  bool operator>(const Tree& other) const { return std::tie(count, node) > std::tie(other.count, other.node); }
};

// How far each node is from the last one; parents come after their children.
std::vector<int> depths_of(const std::vector<std::size_t>& parents) {
  std::vector<int> depths(parents.size(), 0);
  for (std::size_t node = parents.size() - 1; node-- > 0;) depths[node] = depths[parents[node]] + 1;
  return depths;
}

// Reads bits from the highest of each byte down.
class BitReader {
 public:
  explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint64_t next() {
    if (place_ / 8 >= bytes_.size()) throw ValueError("huffman_decode: the bits end too early.");
    const int bit = bytes_[place_ / 8] >> (7 - place_ % 8) & 1;
    ++place_;
    return static_cast<std::uint64_t>(bit);
  }
  void expect_end() {
    while (place_ % 8 != 0) {
      if (next() != 0) throw ValueError("huffman_decode: the last byte is not filled up with zeros.");
    }
    if (place_ / 8 != bytes_.size()) throw ValueError("huffman_decode: there are bytes behind the last symbol.");
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t place_ = 0;
};
// end solution

}  // namespace

// 17.9 code_lengths  counts (K) -> bits for each symbol; 0 for a count of 0; 1 for a symbol that is alone
// Put every symbol that occurs into a queue; while there are two trees, take out the two with the smallest counts and
// put back one that holds both. The length of a code is the depth of its leaf. More than longest_code bits: ValueError.
// Hint: std::priority_queue with std::greater<>. Number the nodes as they are made, and each knows its parent.
CodeLengths code_lengths(std::span<const std::int64_t> counts) {
  check_counts(counts);
  // solution 17.9
  std::vector<std::size_t> symbols;
  std::priority_queue<Tree, std::vector<Tree>, std::greater<>> queue;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    if (counts[k] == 0) continue;
    queue.push({counts[k], symbols.size()});
    symbols.push_back(k);
  }
  CodeLengths lengths(counts.size(), 0);
  if (symbols.size() == 1) lengths[symbols[0]] = 1;
  if (symbols.size() < 2) return lengths;
  std::vector<std::size_t> parents(2 * symbols.size() - 1, 0);
  for (std::size_t node = symbols.size(); node < parents.size(); ++node) {
    const Tree a = queue.top();
    queue.pop();
    const Tree b = queue.top();
    queue.pop();
    parents[a.node] = parents[b.node] = node;
    queue.push({a.count + b.count, node});
  }
  const std::vector<int> depths = depths_of(parents);
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (depths[i] > longest_code) throw ValueError("code_lengths: a code would have {} bits.", {depths[i]});
    lengths[symbols[i]] = static_cast<std::uint8_t>(depths[i]);
  }
  return lengths;
  // end solution
}

// 17.9 canonical_codes  lengths -> the bits of each symbol
//   in the order of in_order (above): the first is 0; each next one = (the one before + 1) << (how much longer it is)
// A code that no longer fits into its length: ValueError, no prefix code has such lengths.
// Hint: after the + 1 and the shift, code >> length must be 0.
std::vector<std::uint64_t> canonical_codes(const CodeLengths& lengths) {
  std::vector<std::uint64_t> codes(lengths.size(), 0);
  // solution 17.9
  std::uint64_t next = 0;
  int length = 0;
  for (const std::size_t symbol : in_order(lengths)) {
    next <<= lengths[symbol] - length;
    length = lengths[symbol];
    if (next >> length != 0) throw ValueError("canonical_codes: no prefix code has these lengths.");
    codes[symbol] = next++;
  }
  return codes;
  // end solution
}

// 17.9 huffman_encode  symbols -> their codes one after the other, highest bit first; zeros fill up the last byte
// A symbol outside the lengths, or with length 0: ValueError that names it.
// Hint: push_back a 0 whenever the last byte is full, and set its bits one by one.
std::vector<std::uint8_t> huffman_encode(std::span<const std::int32_t> symbols, const CodeLengths& lengths) {
  const std::vector<std::uint64_t> codes = canonical_codes(lengths);
  std::vector<std::uint8_t> bytes;
  // solution 17.9
  std::size_t place = 0;
  for (const std::int32_t symbol : symbols) {
    if (symbol < 0 || static_cast<std::size_t>(symbol) >= lengths.size() || lengths[symbol] == 0) {
      throw ValueError("huffman_encode: symbol {} has no code.", {symbol});
    }
    for (int bit = lengths[symbol] - 1; bit >= 0; --bit, ++place) {
      if (place % 8 == 0) bytes.push_back(0);
      bytes.back() |= static_cast<std::uint8_t>((codes[symbol] >> bit & 1) << (7 - place % 8));
    }
  }
  return bytes;
  // end solution
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
  // solution 17.9
  std::vector<std::size_t> begin(longest_code + 2,
                                 0);  // codes of a length are order[begin[length]] to begin[length + 1]
  for (const std::size_t symbol : order) ++begin[lengths[symbol] + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  BitReader reader(bits);
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint64_t value = 0;
    int length = 0;
    for (bool found = false; !found;) {
      value = 2 * value + reader.next();
      if (++length > longest_code) throw ValueError("huffman_decode: the bits begin no code.");
      const std::size_t from = begin[length], to = begin[length + 1];
      if (from == to || value < codes[order[from]] || value - codes[order[from]] >= to - from) continue;
      symbols.push_back(static_cast<std::int32_t>(order[from + (value - codes[order[from]])]));
      found = true;
    }
  }
  reader.expect_end();
  return symbols;
  // end solution
}

}  // namespace rushlight
