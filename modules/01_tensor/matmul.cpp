// matmul.cpp: the matrix product, over batches that broadcast. OpenBLAS multiplies, through xtensor-blas; this file says
// what with what.
#include "01_tensor/blas.hpp"
#include "01_tensor/plain.hpp"
#include "01_tensor/strided.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight::plain {

// 01.4 matmul  (..., M, K) x (..., K, N) -> (..., M, N);  Σₖ a[m, k] · b[k, n]; leading axes broadcast
// A flag reads that operand's last two axes as swapped. Rank 1: (K) x (K, N) -> (N), (M, K) x (K) -> (M),
// (K) x (K) -> (); a flag says nothing about a vector. A product over K = 0 is zeros.
// Throws ShapeError with both shapes (as they were given) and the rule, "(..., M, K) x (..., K, N)"; rank 0 is an error
// too.
// Hint: gemm() in blas.hpp multiplies two matrices; you find where each one of the batch starts.
Array matmul(const Array& a, const Array& b, MatmulFlags flags) {
  todo("01.4");
}

}  // namespace rushlight::plain
