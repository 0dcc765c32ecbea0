// tile.cpp: the innermost loops of a matrix product, over vectors, with the results in registers.
//
// Six rows by two vectors of the result are twelve registers of sums; one step of k loads two vectors of b and six
// numbers of a, and does twelve multiplications and additions of whole vectors with them. So every vector of b is used
// six times and every number of a twice, where the blocked loop loads two vectors and stores one for each that it
// multiplies.
#include <algorithm>
#include <array>
#include <vector>
#include <xsimd/xsimd.hpp>

#include "01_tensor/todo.hpp"
#include "18_acceleration/ladder.hpp"

namespace rushlight {
namespace {

using Vector = xsimd::batch<Real>;
constexpr std::int64_t lanes = Vector::size;  // numbers in a vector
constexpr std::int64_t columns = 2 * lanes;   // of a tile

// What of b a tile reads: K rows of `columns` numbers, one after the other, so that nothing is read that is not needed.
using Panel = std::vector<Real, xsimd::aligned_allocator<Real, 64>>;

// solution helper
// Columns first_column, ... of b (K, N) as a panel; zeros where b ends before the panel does.
void pack(const Real* b, std::int64_t K, std::int64_t N, std::int64_t first_column, Panel& panel) {
  const std::int64_t width = std::min(columns, N - first_column);
  for (std::int64_t k = 0; k < K; ++k) {
    Real* row = panel.data() + k * columns;
    std::copy_n(b + k * N + first_column, width, row);
    std::fill_n(row + width, columns - width, Real{0});
  }
}

using Tile = std::array<Real, tile_rows * columns>;

// `rows` rows of a (row r starts at a + r·K) times a panel. The count is a constant, so that the sums have names, and
// what has a name can live in a register.
template <std::int64_t rows>
void multiply_tile(const Real* a, std::int64_t K, const Real* panel, Real* tile) {
  Vector left[rows], right[rows];
  for (std::int64_t r = 0; r < rows; ++r) left[r] = right[r] = Vector(Real{0});
  for (std::int64_t k = 0; k < K; ++k, panel += columns) {
    const Vector b0 = Vector::load_aligned(panel), b1 = Vector::load_aligned(panel + lanes);
    for (std::int64_t r = 0; r < rows; ++r) {
      const Vector factor(a[r * K + k]);
      left[r] = xsimd::fma(factor, b0, left[r]);
      right[r] = xsimd::fma(factor, b1, right[r]);
    }
  }
  for (std::int64_t r = 0; r < rows; ++r) {
    left[r].store_unaligned(tile + r * columns);
    right[r].store_unaligned(tile + r * columns + lanes);
  }
}

// The last rows may be fewer than a tile has.
void multiply_some(std::int64_t rows, const Real* a, std::int64_t K, const Real* panel, Real* tile) {
  static_assert(tile_rows == 6);
  switch (rows) {
    case 6:
      return multiply_tile<6>(a, K, panel, tile);
    case 5:
      return multiply_tile<5>(a, K, panel, tile);
    case 4:
      return multiply_tile<4>(a, K, panel, tile);
    case 3:
      return multiply_tile<3>(a, K, panel, tile);
    case 2:
      return multiply_tile<2>(a, K, panel, tile);
    default:
      return multiply_tile<1>(a, K, panel, tile);
  }
}
// end solution

}  // namespace

// Given.
std::int64_t tile_columns() { return columns; }

// 18.2 multiply_rows  rows first, ..., last - 1 of a·b (a (M, K), b (K, N)) -> the same rows of out (M, N)
// Panel by panel of b; for each of them tile by tile down the rows. The panel of the last columns and the tile of the
// last rows may stick out over the edge of the result: nothing may be stored there.
// Hint: pack the panel's columns of b first, with zeros behind the edge. For the tile, 2·tile_rows Vectors of sums in
// local variables, xsimd::fma(factor, b, sum), and a small array that they are stored to at the end; copy what lies
// inside from there to out. A template over the number of rows serves the last tile.
void multiply_rows(const Array& a, const Array& b, std::int64_t first, std::int64_t last, Real* out) {
  // solution 18.2
  const std::int64_t K = a.dim(1), N = b.dim(1);
  const Real* left = a.data().data();
  const Real* right = b.data().data();
  Panel panel(static_cast<std::size_t>(std::max<std::int64_t>(1, K * columns)));
  alignas(64) Tile tile;
  for (std::int64_t j = 0; j < N; j += columns) {
    pack(right, K, N, j, panel);
    const std::int64_t width = std::min(columns, N - j);
    for (std::int64_t i = first; i < last; i += tile_rows) {
      const std::int64_t rows = std::min(tile_rows, last - i);
      multiply_some(rows, left + i * K, K, panel.data(), tile.data());
      for (std::int64_t r = 0; r < rows; ++r) std::copy_n(tile.data() + r * columns, width, out + (i + r) * N + j);
    }
  }
  // end solution
}

// 18.2 matmul_vectorised  a (M, K), b (K, N) -> (M, N)
// Hint: all rows at once.
Array matmul_vectorised(const Array& a, const Array& b) {
  check_product("matmul_vectorised", a, b);
  // solution 18.2
  Array y({a.dim(0), b.dim(1)});
  multiply_rows(a, b, 0, a.dim(0), y.mutable_data().data());
  return y;
  // end solution
}

}  // namespace rushlight
