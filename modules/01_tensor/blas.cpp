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
// to which it pays, and the multiplications up to which OpenBLAS does without copies of its own.
constexpr std::int64_t least_rows = 32, most_of_b = 8192, most_multiplications = 1000 * 1000;

bool worth_turning_over(const Gemm& s) {
  return s.transpose_b && s.m >= least_rows && s.n * s.k <= most_of_b && s.m * s.n * s.k <= most_multiplications;
}

// b (n, k) -> to (k, n). Four rows by four columns at a time: zip_lo of (a b c d) and (e f g h) is (a e b f), zip_hi
// (c g d h).
void turn_over(const Gemm& s, const float* b, float* to) {
  using Four = xsimd::make_sized_batch_t<float, 4>;
  std::int64_t j = 0;
  for (; j + 4 <= s.n; j += 4) {
    const float* const row = b + j * s.ldb;
    std::int64_t i = 0;
    for (; i + 4 <= s.k; i += 4) {
      const Four r0 = Four::load_unaligned(row + i), r1 = Four::load_unaligned(row + i + s.ldb),
                 r2 = Four::load_unaligned(row + i + 2 * s.ldb), r3 = Four::load_unaligned(row + i + 3 * s.ldb);
      const Four low02 = zip_lo(r0, r2), low13 = zip_lo(r1, r3), high02 = zip_hi(r0, r2), high13 = zip_hi(r1, r3);
      float* const out = to + i * s.n + j;
      zip_lo(low02, low13).store_unaligned(out);
      zip_hi(low02, low13).store_unaligned(out + s.n);
      zip_lo(high02, high13).store_unaligned(out + 2 * s.n);
      zip_hi(high02, high13).store_unaligned(out + 3 * s.n);
    }
    for (; i < s.k; ++i) {
      for (int r = 0; r < 4; ++r) to[i * s.n + j + r] = row[i + r * s.ldb];
    }
  }
  for (; j < s.n; ++j) {
    for (std::int64_t i = 0; i < s.k; ++i) to[i * s.n + j] = b[j * s.ldb + i];
  }
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
  turn_over(s, b, turned.data());
  s.transpose_b = false;
  s.ldb = s.n;
  call(cblas_sgemm, s, a, turned.data(), c);
#endif
}

int blas_threads() { return openblas_get_num_threads(); }
void set_blas_threads(int threads) { openblas_set_num_threads(threads); }

}  // namespace rushlight
