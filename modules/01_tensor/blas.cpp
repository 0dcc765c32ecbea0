// blas.cpp: given.
#include "01_tensor/blas.hpp"

#include <cblas.h>

#include <algorithm>

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
  call(cblas_sgemm, sizes, a, b, c);
#endif
}

int blas_threads() { return openblas_get_num_threads(); }
void set_blas_threads(int threads) { openblas_set_num_threads(threads); }

}  // namespace rushlight
