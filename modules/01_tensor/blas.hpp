// blas.hpp: one matrix product, C = op(A)·op(B), on row-major blocks of memory. Given: it is OpenBLAS's gemm with
// its arguments named, called through xtensor-blas.
#pragma once

#include <cstdint>

#include "01_tensor/array.hpp"
#include "01_tensor/kernel_slot.hpp"

namespace rushlight {

struct Gemm {
  std::int64_t m, n, k;      // op(A) is m x k, op(B) is k x n, C is m x n
  bool transpose_a = false;  // A is stored k x m
  bool transpose_b = false;  // B is stored n x k
  bool accumulate = false;   // C += instead of C =
  // Leading dimensions: how far apart the rows of A, B and C are stored. 0: one row follows the other.
  std::int64_t lda = 0, ldb = 0, ldc = 0;
};

// The same with every leading dimension filled in.
Gemm with_leading_dimensions(Gemm sizes);

// The product that the framework calls: by the kernel in gemm_slot if there is one, else by OpenBLAS.
void gemm(const Gemm& sizes, const Real* a, const Real* b, Real* c);

void blas_gemm(const Gemm& sizes, const Real* a, const Real* b, Real* c);  // by OpenBLAS

struct GemmKernel {
  void (*forward)(const Gemm& sizes, const Real* a, const Real* b, Real* c);
};
inline KernelSlot<GemmKernel> gemm_slot;

// How many threads a product may use: OPENBLAS_NUM_THREADS, or else one per core, unless somebody set it.
int blas_threads();
void set_blas_threads(int threads);

}  // namespace rushlight
