// threaded_gemm.cpp: a product in bands, one a thread. Large bands are multiplied by tiles, small ones by OpenBLAS,
// whose threads stay out of it.
//
// A thread that waits for work either sleeps, and then it takes long to wake, or it looks again and again, and then it
// occupies a core. OpenBLAS's threads look for 50 ms and more after every product, ours for 10 (thread_pool.cpp): on as
// many cores as there are threads, two crews would take the cores from each other all the time. One crew for everything
// is there when it is needed.
#include <array>

#include "01_tensor/blas.hpp"
#include "01_tensor/todo.hpp"
#include "18_acceleration/kernels.hpp"
#include "18_acceleration/ladder.hpp"
#include "18_acceleration/parallel.hpp"
#include "18_acceleration/turn_over.hpp"

namespace rushlight {
namespace {

// A product of fewer multiplications stays in one thread, with OpenBLAS too: it takes 5 µs.
constexpr std::int64_t worth_dividing = 1 << 18;

// Rows or columns of a piece are a multiple of this, as in the tiles inside OpenBLAS.
constexpr std::int64_t step = 16;

// Up to so many multiplications, OpenBLAS (0.3.21, with AVX-512) reads A and B where they lie; larger ones it copies to
// where they suit it.
constexpr std::int64_t small_product = 1000 * 1000;

// A small product with Bᵀ, whose rows OpenBLAS then multiplies pair by pair: with AVX-512 that takes it twice as long
// as the same product with B, and turning B over first a ninth as long. The numbers of C's rows and of B from and up
// to which it pays.
constexpr std::int64_t least_rows = 32, most_of_b = 8192;

bool worth_turning_over(const Gemm& s) {
  return s.transpose_b && s.m >= least_rows && s.n * s.k <= most_of_b && s.m * s.n * s.k <= small_product;
}

void multiply_turned_over(const Gemm& sizes, const Real* a, const Real* b, Real* c) {
  std::array<Real, most_of_b> turned;
  Gemm s = with_leading_dimensions(sizes);
  turn_over(b, s.n, s.k, s.ldb, turned.data(), s.n);
  s.transpose_b = false;
  s.ldb = s.n;
  blas_gemm(s, a, turned.data(), c);
}

// Tiles copy B and read A where it lies; OpenBLAS copies both, unless the product is small. So tiles are faster if
// there are rows enough to pay for the copy of B (`rush bench ladder` shows what that is worth), and if they were
// compiled, as in the preset release, for a processor with AVX-512. With AVX2 they gain nothing in a step of a GPT, and
// in a build for any processor they lose: OpenBLAS looks what the processor can do when the program starts.
[[maybe_unused]] void multiply(const Gemm& s, const Real* a, const Real* b, Real* c) {
  constexpr std::int64_t least_bytes_of_a_vector = 64;
  const bool wide = tile_columns() / 2 * static_cast<std::int64_t>(sizeof(Real)) >= least_bytes_of_a_vector;
  const bool by_tiles = wide && s.m >= least_rows && s.m * s.n * s.k > small_product;
  if (worth_turning_over(s)) return multiply_turned_over(s, a, b, c);
  (by_tiles ? tiled_gemm : blas_gemm)(s, a, b, c);
}

}  // namespace

// 18.3 threaded_gemm  sizes; a, b, c as in gemm()
// One piece a thread, each a product by multiply() above. A single thread, or less than worth_dividing: one multiply().
// Hint: inside somebody else's piece, blas_threads() is 1. Cut C into bands of rows if it has at least as many rows as
// columns, else into bands of columns: parallel_for over them. In a piece, m or n is smaller and two of the three
// pointers move on. Where does row `first` of op(A) begin if A is transposed?
void threaded_gemm(const Gemm& sizes, const Real* a, const Real* b, Real* c) {
  todo("18.3");
}

}  // namespace rushlight
