// blas.cpp: given.
#include "01_tensor/blas.hpp"

#include <cblas.h>

#include <algorithm>
#include <array>
#include <xsimd/xsimd.hpp>

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
// as the same product with B, and turning B over first a seventh as long. The numbers of C's rows and of B from and up
// to which it pays.
constexpr std::int64_t least_rows = 32, most_of_b = 8192;

bool worth_turning_over(const Gemm& s) {
  return s.transpose_b && s.m >= least_rows && s.n * s.k <= most_of_b && s.m * s.n * s.k <= small_product;
}

using Four = xsimd::make_sized_batch_t<float, 4>;

// Four rows by four columns: zip_lo of (a b c d) and (e f g h) is (a e b f), zip_hi (c g d h).
void turn_over_four(const float* from, std::int64_t leading, float* to, std::int64_t to_leading) {
  const Four r0 = Four::load_unaligned(from), r1 = Four::load_unaligned(from + leading),
             r2 = Four::load_unaligned(from + 2 * leading), r3 = Four::load_unaligned(from + 3 * leading);
  const Four low02 = zip_lo(r0, r2), low13 = zip_lo(r1, r3), high02 = zip_hi(r0, r2), high13 = zip_hi(r1, r3);
  zip_lo(low02, low13).store_unaligned(to);
  zip_hi(low02, low13).store_unaligned(to + to_leading);
  zip_lo(high02, high13).store_unaligned(to + 2 * to_leading);
  zip_hi(high02, high13).store_unaligned(to + 3 * to_leading);
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
  for (; done + 4 <= rows; done += 4) {
    const Real* const row = from + done * leading;
    for (std::int64_t i = 0; i < fours; i += 4)
      turn_over_four(row + i, leading, to + i * to_leading + done, to_leading);
    for (std::int64_t i = fours; i < length; ++i) {
      for (std::int64_t r = 0; r < 4; ++r) to[i * to_leading + done + r] = row[i + r * leading];
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
