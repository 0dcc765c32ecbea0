// blas.cpp: given.
#include "01_tensor/blas.hpp"

#include <cblas.h>

#include <algorithm>

namespace rushlight {
namespace {

template <class Function>
void call(Function function, const Gemm& s, const Real* a, const Real* b, Real* c) {
  const auto transpose = [](bool on) { return on ? CblasTrans : CblasNoTrans; };
  function(CblasRowMajor, transpose(s.transpose_a), transpose(s.transpose_b), s.m, s.n, s.k, 1, a,
           std::max<std::int64_t>(1, s.transpose_a ? s.m : s.k), b,
           std::max<std::int64_t>(1, s.transpose_b ? s.k : s.n), s.accumulate ? 1 : 0, c,
           std::max<std::int64_t>(1, s.n));
}

}  // namespace

void gemm(const Gemm& sizes, const Real* a, const Real* b, Real* c) {
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
