// blas.cpp: given.
#include "01_tensor/blas.hpp"

#include <cblas.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace rushlight {
namespace {

template <class Function>
void call(Function function, const Gemm& sizes, const Real* a, const Real* b, Real* c) {
  const auto transpose = [](bool on) { return on ? CblasTrans : CblasNoTrans; };
  const auto at_least_1 = [](std::int64_t leading) { return std::max<std::int64_t>(1, leading); };  // BLAS insists
  const Gemm s = with_leading_dimensions(sizes);
  function(CblasRowMajor, transpose(s.transpose_a), transpose(s.transpose_b), s.m, s.n, s.k, 1, a, at_least_1(s.lda), b,
           at_least_1(s.ldb), s.accumulate ? 1 : 0, c, at_least_1(s.ldc));
}

#ifndef RUSHLIGHT_DOUBLE
// A small product with Bᵀ, whose rows OpenBLAS 0.3.21 multiplies pair by pair: with AVX-512 that takes it twice as long
// as the same product with B, and turning B over first a ninth as long. The numbers of C's rows and of B from and up
// to which it pays.
constexpr std::int64_t least_rows = 32, most_of_b = 8192;

bool worth_turning_over(const Gemm& s) {
  return s.transpose_b && s.m >= least_rows && s.n * s.k <= most_of_b && s.m * s.n * s.k <= small_product;
}

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
#endif

}  // namespace

Gemm with_leading_dimensions(Gemm s) {
  if (s.lda == 0) s.lda = s.transpose_a ? s.m : s.k;
  if (s.ldb == 0) s.ldb = s.transpose_b ? s.k : s.n;
  if (s.ldc == 0) s.ldc = s.n;
  return s;
}

void gemm(const Gemm& sizes, const Real* a, const Real* b, Real* c) {
  gemm_slot.get(Device::cpu, {blas_gemm}).forward(sizes, a, b, c);
}

void blas_gemm(const Gemm& sizes, const Real* a, const Real* b, Real* c) {
  if (sizes.m == 0 || sizes.n == 0) return;
#ifdef RUSHLIGHT_DOUBLE
  call(cblas_dgemm, sizes, a, b, c);
#else
  if (!worth_turning_over(sizes)) return call(cblas_sgemm, sizes, a, b, c);
  std::array<float, most_of_b> turned;
  Gemm s = with_leading_dimensions(sizes);
  turn_over(b, s.n, s.k, s.ldb, turned.data(), s.n);
  s.transpose_b = false;
  s.ldb = s.n;
  call(cblas_sgemm, s, a, turned.data(), c);
#endif
}

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

int blas_threads() { return openblas_get_num_threads(); }
void set_blas_threads(int threads) { openblas_set_num_threads(threads); }

}  // namespace rushlight
