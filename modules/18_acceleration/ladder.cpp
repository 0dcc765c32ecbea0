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
  todo("18.1");
}

// 18.1 matmul_blocked  a (M, K), b (K, N) -> (M, N);  the same, a block of b at a time
// For each block of b (block_k rows, block_n columns of it), for each row i of a:  y[i, cols] += a[i, k] · b[k, cols]
// Throws ShapeError.
// Hint: start from zeros. Five loops: blocks of k, blocks of j, then i, k inside the block, j inside the block. The
// innermost one runs along a row of b and a row of y; the last blocks may be smaller than the others.
Array matmul_blocked(const Array& a, const Array& b) {
  check_product("matmul_blocked", a, b);
  constexpr std::int64_t block_k = 64, block_n = 512;  // 128 KiB of b: half of a small second-level cache
  todo("18.1");
}

}  // namespace rushlight
