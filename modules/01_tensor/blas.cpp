// blas.cpp: given.
#include "01_tensor/blas.hpp"

#include <cblas.h>

#include <algorithm>

namespace rushlight {
namespace {

// BLAS wants leading dimensions of at least 1, of empty matrices too.
int leading(std::int64_t given, std::int64_t row) {
  return static_cast<int>(std::max<std::int64_t>(1, given != 0 ? given : row));
}

template <class Function>
void call(Function function, const Gemm& s, const Real* a, const Real* b, Real* c) {
  const auto transpose = [](bool on) { return on ? CblasTrans : CblasNoTrans; };
  function(CblasRowMajor, transpose(s.transpose_a), transpose(s.transpose_b), s.m, s.n, s.k, 1, a,
           leading(s.lda, s.transpose_a ? s.m : s.k), b, leading(s.ldb, s.transpose_b ? s.k : s.n),
           s.accumulate ? 1 : 0, c, leading(s.ldc, s.n));
}

}  // namespace

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
