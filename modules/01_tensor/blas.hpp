// blas.hpp: one matrix product, C = op(A)·op(B), on row-major blocks of memory. Given: it is OpenBLAS's gemm with
// its thirteen arguments named. In a file of its own because <cblas.h> and xtensor-blas cannot share one.
#pragma once

#include <cstdint>

#include "01_tensor/array.hpp"

namespace rushlight {

struct Gemm {
  std::int64_t m, n, k;      // op(A) is m x k, op(B) is k x n, C is m x n
  bool transpose_a = false;  // A is stored k x m
  bool transpose_b = false;  // B is stored n x k
  bool accumulate = false;   // C += instead of C =
};

void gemm(const Gemm& sizes, const Real* a, const Real* b, Real* c);

// How many threads a product may use: OPENBLAS_NUM_THREADS, or else one per core, unless somebody set it.
int blas_threads();
void set_blas_threads(int threads);

}  // namespace rushlight
