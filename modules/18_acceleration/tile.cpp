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
  todo("18.2");
}

// 18.2 matmul_vectorised  a (M, K), b (K, N) -> (M, N)
// Hint: all rows at once.
Array matmul_vectorised(const Array& a, const Array& b) {
  check_product("matmul_vectorised", a, b);
  todo("18.2");
}

}  // namespace rushlight
