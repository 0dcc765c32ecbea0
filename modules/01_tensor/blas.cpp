// blas.cpp: given. OpenBLAS through cxxblas, the part of xtensor-blas that knows memory and leading dimensions.
#include "01_tensor/blas.hpp"

#include <algorithm>

#include "01_tensor/xtensor_headers.hpp"

#include <xtensor-blas/xblas.hpp>

extern "C" {
int openblas_get_num_threads();
void openblas_set_num_threads(int threads);
}

namespace rushlight {

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
  const Gemm s = with_leading_dimensions(sizes);
  const auto transpose = [](bool on) { return on ? cxxblas::Trans : cxxblas::NoTrans; };
  const auto number = [](std::int64_t size) { return static_cast<xt::blas_index_t>(size); };
  const auto leading = [&](std::int64_t size) { return std::max(number(size), 1); };  // BLAS insists
  cxxblas::gemm<xt::blas_index_t>(cxxblas::RowMajor, transpose(s.transpose_a), transpose(s.transpose_b), number(s.m),
                                  number(s.n), number(s.k), Real{1}, a, leading(s.lda), b, leading(s.ldb),
                                  Real(s.accumulate), c, leading(s.ldc));
}

int blas_threads() { return openblas_get_num_threads(); }
void set_blas_threads(int threads) { openblas_set_num_threads(threads); }

}  // namespace rushlight
