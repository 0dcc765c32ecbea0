// turn_over.cpp: given. Eight rows by four columns at a time, in registers.
#include "18_acceleration/turn_over.hpp"

#include <cstring>

namespace rushlight {

#ifndef RUSHLIGHT_DOUBLE
namespace {

// Vectors of the compiler's own: where the processor has none of eight floats, xsimd has none either, and these are two
// of four. Handed on by reference, because how a function takes them by value depends on what the processor has.
using Four = float __attribute__((vector_size(16)));
using Eight = float __attribute__((vector_size(32)));

// Four numbers of one row and of the row four below.
void load_two(const float* row, std::int64_t leading, Eight& to) {
  Four upper, lower;
  std::memcpy(&upper, row, sizeof(Four));
  std::memcpy(&lower, row + 4 * leading, sizeof(Four));
  to = __builtin_shufflevector(upper, lower, 0, 1, 2, 3, 4, 5, 6, 7);
}

// In each half by itself: (a b c d) and (e f g h) become (a e b f) and (c g d h).
void zip(Eight& x, Eight& y) {
  const Eight low = __builtin_shufflevector(x, y, 0, 8, 1, 9, 4, 12, 5, 13);
  y = __builtin_shufflevector(x, y, 2, 10, 3, 11, 6, 14, 7, 15);
  x = low;
}

// Eight rows by four columns. Two rounds of zipping rows that are two apart, then one apart, turn each half over.
void turn_over_block(const float* from, std::int64_t leading, float* to, std::int64_t to_leading) {
  Eight block[4];
  for (int i = 0; i < 4; ++i) load_two(from + i * leading, leading, block[i]);
  zip(block[0], block[2]);  // columns 0 and 1 of the rows 0 and 2, then 2 and 3 of them
  zip(block[1], block[3]);
  zip(block[0], block[1]);
  zip(block[2], block[3]);
  for (int i = 0; i < 4; ++i) std::memcpy(to + i * to_leading, &block[i], sizeof(Eight));
}

}  // namespace
#endif

void turn_over(const Real* from, std::int64_t rows, std::int64_t length, std::int64_t leading, Real* to,
               std::int64_t to_leading) {
  std::int64_t done = 0;
#ifndef RUSHLIGHT_DOUBLE
  const std::int64_t fours = length / 4 * 4;
  for (; done + 8 <= rows; done += 8) {
    const Real* const row = from + done * leading;
    for (std::int64_t i = 0; i < fours; i += 4)
      turn_over_block(row + i, leading, to + i * to_leading + done, to_leading);
    for (std::int64_t i = fours; i < length; ++i) {
      for (std::int64_t r = 0; r < 8; ++r) to[i * to_leading + done + r] = row[i + r * leading];
    }
  }
#endif
  for (; done < rows; ++done) {
    for (std::int64_t i = 0; i < length; ++i) to[i * to_leading + done] = from[done * leading + i];
  }
}

}  // namespace rushlight
