// blas.cpp: given. OpenBLAS through cxxblas, the part of xtensor-blas that knows memory and leading dimensions.
#include "01_tensor/blas.hpp"

#include <algorithm>
#include <utility>

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

namespace {

cxxblas::Transpose transposed(bool on) { return on ? cxxblas::Trans : cxxblas::NoTrans; }
xt::blas_index_t number(std::int64_t size) { return static_cast<xt::blas_index_t>(size); }
xt::blas_index_t leading(std::int64_t size) { return std::max(number(size), 1); }  // BLAS insists

// c = a·op(B), or +=, for a single row a. gemm copies B to where it suits it, which for the next token of a text takes three
// times as long as the product; gemv reads B where it lies.
void row_product(const Gemm& s, const Real* a, const Real* b, Real* c) {
  const auto [rows, columns] = s.transpose_b ? std::pair(s.n, s.k) : std::pair(s.k, s.n);  // as B is stored
  cxxblas::gemv<xt::blas_index_t>(cxxblas::RowMajor, transposed(!s.transpose_b), number(rows), number(columns), Real{1},
                                  b, leading(s.ldb), a, leading(s.transpose_a ? s.lda : 1), Real(s.accumulate), c, 1);
}

}  // namespace

void blas_gemm(const Gemm& sizes, const Real* a, const Real* b, Real* c) {
  if (sizes.m == 0 || sizes.n == 0) return;
  const Gemm s = with_leading_dimensions(sizes);
  if (s.m == 1 && s.k > 0) return row_product(s, a, b, c);
  cxxblas::gemm<xt::blas_index_t>(cxxblas::RowMajor, transposed(s.transpose_a), transposed(s.transpose_b), number(s.m),
                                  number(s.n), number(s.k), Real{1}, a, leading(s.lda), b, leading(s.ldb),
                                  Real(s.accumulate), c, leading(s.ldc));
}

int blas_threads() { return openblas_get_num_threads(); }
void set_blas_threads(int threads) { openblas_set_num_threads(threads); }

}  // namespace rushlight
