// rows.hpp: a maximum or a sum along a row of contiguous numbers, which most fused kernels are made of. Given. Written so
// that the compiler turns them into vector instructions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "01_tensor/array.hpp"

namespace rushlight {

// An array of shape (..., N) seen as rows of N contiguous numbers. A scalar is one row of one.
struct Rows {
  std::int64_t count;   // 0 when the array is empty
  std::int64_t length;  // N
};

inline Rows rows_of(const Shape& shape) {
  const std::int64_t length = shape.rank() == 0 ? 1 : shape[shape.rank() - 1];
  return {length == 0 ? 0 : shape.numel() / length, length};
}

// Combines term(0), ..., term(length - 1) in eight independent lanes, which the processor works on at once: a single
// running result would have to wait for itself at every step.
template <class Term, class Combine>
Real reduce_row(std::int64_t length, Real start, Term term, Combine combine) {
  constexpr std::int64_t lanes = 8;
  Real part[lanes];
  std::fill_n(part, lanes, start);
  std::int64_t i = 0;
  for (; i + lanes <= length; i += lanes) {
#pragma GCC unroll 1  // unrolled before it is vectorised, this becomes eight single operations: up to six times slower
    for (std::int64_t lane = 0; lane < lanes; ++lane) part[lane] = combine(part[lane], term(i + lane));
  }
  for (; i < length; ++i) part[0] = combine(part[0], term(i));
  for (std::int64_t lane = 1; lane < lanes; ++lane) part[0] = combine(part[0], part[lane]);
  return part[0];
}

// -inf for an empty row. It may or may not see a NaN: where that matters, the NaN is still in the row.
inline Real row_max(const Real* row, std::int64_t length) {
  return reduce_row(
      length, -std::numeric_limits<Real>::infinity(), [row](std::int64_t i) { return row[i]; },
      [](Real a, Real b) { return a > b ? a : b; });
}

inline Real row_sum(const Real* row, std::int64_t length) {
  return reduce_row(
      length, 0, [row](std::int64_t i) { return row[i]; }, [](Real a, Real b) { return a + b; });
}

inline Real row_dot(const Real* a, const Real* b, std::int64_t length) {
  return reduce_row(
      length, 0, [a, b](std::int64_t i) { return a[i] * b[i]; }, [](Real x, Real y) { return x + y; });
}

}  // namespace rushlight
