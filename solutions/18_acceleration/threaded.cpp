// threaded.cpp: the vectorised product on all cores, and with what follows it done on the way.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "18_acceleration/ladder.hpp"
#include "18_acceleration/parallel.hpp"

namespace rushlight {
namespace {

// Rows of a piece of work: a multiple of a tile's, small enough that a few hundred rows keep several threads busy.
constexpr std::int64_t rows_of_a_piece = 48;
static_assert(rows_of_a_piece % tile_rows == 0);

// solution helper
// Rows first, ..., last - 1 of a·b, written to the same rows of out (M, N).
void multiply_band(const Array& a, const Array& b, std::int64_t first, std::int64_t last, Real* out) {
  const std::int64_t K = a.dim(1), N = b.dim(1);
  tiled_gemm({.m = last - first, .n = N, .k = K}, a.data().data() + first * K, b.data().data(), out + first * N);
}
// end solution

}  // namespace

// 18.3 matmul_threaded  a (M, K), b (K, N) -> (M, N)
// Hint: parallel_for over the rows, a tiled_gemm for each piece. No two pieces write the same row.
Array matmul_threaded(const Array& a, const Array& b) {
  check_product("matmul_threaded", a, b);
  // solution 18.3
  Array y({a.dim(0), b.dim(1)});
  Real* out = y.mutable_data().data();
  parallel_for(a.dim(0), rows_of_a_piece,
               [&](std::int64_t first, std::int64_t last) { multiply_band(a, b, first, last, out); });
  return y;
  // end solution
}

// 18.4 matmul_bias_relu  a (M, K), b (K, N), bias (N) -> (M, N);  max(a·b + bias, 0)
// A NaN stays a NaN, as in relu.
// Hint: as matmul_threaded; the second half of the body passes over its own rows, which are still in the cache.
Array matmul_bias_relu(const Array& a, const Array& b, const Array& bias) {
  check_product("matmul_bias_relu", a, b);
  if (bias.shape() != Shape{b.dim(1)}) {
    throw ShapeError("matmul_bias_relu: bias is {}, but b {} has {} columns: needs bias ({},).",
                     {bias.shape(), b.shape(), b.dim(1), b.dim(1)});
  }
  // solution 18.4
  const std::int64_t N = b.dim(1);
  Array y({a.dim(0), N});
  Real* out = y.mutable_data().data();
  const Real* shift = bias.data().data();
  parallel_for(a.dim(0), rows_of_a_piece, [&](std::int64_t first, std::int64_t last) {
    multiply_band(a, b, first, last, out);
    for (std::int64_t i = first; i < last; ++i) {
      Real* row = out + i * N;
      for (std::int64_t j = 0; j < N; ++j) {
        const Real value = row[j] + shift[j];
        row[j] = value < 0 ? 0 : value;
      }
    }
  });
  return y;
  // end solution
}

}  // namespace rushlight
