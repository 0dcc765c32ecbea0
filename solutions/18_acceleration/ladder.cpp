// ladder.cpp: the matrix product as it is defined, and in an order that suits the cache.
#include "18_acceleration/ladder.hpp"

#include <algorithm>

#include "01_tensor/todo.hpp"

namespace rushlight {

// Given.
void check_product(const char* op, const Array& a, const Array& b) {
  if (a.rank() == 2 && b.rank() == 2 && a.dim(1) == b.dim(0)) return;
  throw ShapeError("{}: shapes {} and {} do not multiply: needs (M, K) x (K, N).", {op, a.shape(), b.shape()});
}

// 18.1 matmul_naive  a (M, K), b (K, N) -> (M, N);  y[i, j] = Σₖ a[i, k] · b[k, j]
// Throws ShapeError (check_product, above).
// Hint: three loops: i, j, k. Each step of the innermost one jumps N numbers ahead in b: remember that for the lesson.
Array matmul_naive(const Array& a, const Array& b) {
  check_product("matmul_naive", a, b);
  // solution 18.1
  const std::int64_t M = a.dim(0), K = a.dim(1), N = b.dim(1);
  Array y({M, N});
  const Real* left = a.data().data();
  const Real* right = b.data().data();
  Real* out = y.mutable_data().data();
  for (std::int64_t i = 0; i < M; ++i) {
    for (std::int64_t j = 0; j < N; ++j) {
      Real total = 0;
      for (std::int64_t k = 0; k < K; ++k) total += left[i * K + k] * right[k * N + j];
      out[i * N + j] = total;
    }
  }
  return y;
  // end solution
}

// 18.1 matmul_blocked  a (M, K), b (K, N) -> (M, N);  the same, a block of b at a time
// For each block of b (block_k rows, block_n columns of it), for each row i of a:  y[i, cols] += a[i, k] · b[k, cols]
// Throws ShapeError.
// Hint: start from zeros. Five loops: blocks of k, blocks of j, then i, k inside the block, j inside the block. The
// innermost one runs along a row of b and a row of y; the last blocks may be smaller than the others.
Array matmul_blocked(const Array& a, const Array& b) {
  check_product("matmul_blocked", a, b);
  constexpr std::int64_t block_k = 64, block_n = 512;  // 128 KiB of b: half of a small second-level cache
  // solution 18.1
  const std::int64_t M = a.dim(0), K = a.dim(1), N = b.dim(1);
  Array y = zeros({M, N});
  const Real* left = a.data().data();
  const Real* right = b.data().data();
  Real* out = y.mutable_data().data();
  for (std::int64_t k0 = 0; k0 < K; k0 += block_k) {
    const std::int64_t k1 = std::min(K, k0 + block_k);
    for (std::int64_t j0 = 0; j0 < N; j0 += block_n) {
      const std::int64_t width = std::min(block_n, N - j0);
      for (std::int64_t i = 0; i < M; ++i) {
        Real* to = out + i * N + j0;
        for (std::int64_t k = k0; k < k1; ++k) {
          const Real factor = left[i * K + k];
          const Real* from = right + k * N + j0;
          for (std::int64_t j = 0; j < width; ++j) to[j] += factor * from[j];
        }
      }
    }
  }
  return y;
  // end solution
}

}  // namespace rushlight
