// huffman.hpp: frequent codes in few bits, rare ones in many (Huffman, 1952). The code is canonical: whoever knows the
// lengths knows the code, so only those are stored (Schwartz and Kallick, 1964).
// A symbol is a number 0..K-1. Bits fill a byte from its highest bit down; the last byte is filled up with zeros.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rushlight {

// --- 17.9 Huffman's code (huffman.cpp) -----------------------------------------------------------------------------

using CodeLengths = std::vector<std::uint8_t>;  // bits for each symbol; 0: the symbol does not occur
constexpr int longest_code = 63;

// counts[k]: how often symbol k occurs -> lengths for which Σ counts·lengths is as small as a prefix code can make it.
// A symbol that occurs alone takes 1 bit. Throws ValueError for a negative count, and where a code would be longer than
// 63 bits.
CodeLengths code_lengths(std::span<const std::int64_t> counts);

// The bits of each symbol, in the lowest bits of a number; 0 where the length is 0. In the order of lengths, and of
// symbols among equal ones, every code is the one before plus 1, shifted to its own length; the first is all zeros.
// Throws ValueError for a length above 63, and for lengths that no prefix code can have (Σ 2^-length > 1).
std::vector<std::uint64_t> canonical_codes(const CodeLengths& lengths);

// Throws ValueError for a symbol without a code.
std::vector<std::uint8_t> huffman_encode(std::span<const std::int32_t> symbols, const CodeLengths& lengths);

// The first `count` symbols of `bits`, which must hold just these. Throws ValueError, never reads outside: lengths as
// above, a count below 0, bits that end too early or begin no code, a byte too many, and padding that is not zero.
// Whatever the count says, no more memory than the bits can fill.
std::vector<std::int32_t> huffman_decode(std::span<const std::uint8_t> bits, const CodeLengths& lengths,
                                         std::int64_t count);

}  // namespace rushlight
