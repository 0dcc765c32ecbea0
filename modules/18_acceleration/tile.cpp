// tile.cpp: the innermost loops of a matrix product, over vectors, with the results in registers.
//
// A tile of C is tile_rows rows by two vectors. One step of k loads two vectors of B and tile_rows numbers of A, and
// does a multiplication and an addition of whole vectors for each of the tile's sums. With twelve rows, every vector of
// B is used twelve times and every number of A for two vectors, where the blocked loop loads two vectors and stores one
// for each that it multiplies.
//
// What is around the tile keeps its operands near. B is packed into panels, two vectors wide, in the order in which
// tiles read them. A panel stays in the first-level cache while the tiles of a block of rows go by; that block of A
// stays in the second-level cache while the panels go by. A is read where it lies.
#include <algorithm>
#include <bit>
#include <xsimd/xsimd.hpp>

#include "01_tensor/todo.hpp"
#include "18_acceleration/ladder.hpp"
#include "18_acceleration/turn_over.hpp"

namespace rushlight {
namespace {

using Vector = xsimd::batch<Real>;
constexpr std::int64_t lanes = Vector::size;  // numbers in a vector
constexpr std::int64_t columns = 2 * lanes;   // of a tile

// A product is cut into parts of so much depth (k) and so many columns, and these into blocks of rows. With vectors of
// 64 bytes, a panel has 32 KiB, all panels of a part 512 KiB, and a block of A 96 KiB.
constexpr std::int64_t part_depth = 256, part_columns = 32 * lanes, block_rows = 96;
static_assert(block_rows % tile_rows == 0 && part_columns % columns == 0);

}  // namespace

// Given.
std::int64_t tile_columns() { return columns; }

// 18.2 tiled_gemm  sizes; a, b, c as in gemm()
// Part by part: all columns in steps of part_columns, all of k in steps of part_depth. For each part: pack op(B)'s
// panels, then block after block of rows, panel after panel, tile after tile down the block. What the first part of a
// column gave, the others add to. The last columns and the last rows may be fewer than a tile has: nothing may be read
// or stored beyond them. Without depth (k = 0), C is zeros, or stays as it is if it is added to.
// Hint: a part is a Gemm with less n and k and pointers that moved on. For the tile, 2·tile_rows Vectors of sums in
// local variables, xsimd::fma(factor, b, sum); a template over the number of rows serves the last tiles too. Tiles of
// the last columns are stored to a small array; copy what lies inside.
void tiled_gemm(const Gemm& sizes, const Real* a, const Real* b, Real* c) {
  todo("18.2");
}

// 18.2 matmul_vectorised  a (M, K), b (K, N) -> (M, N)
// Hint: one product, nothing transposed.
Array matmul_vectorised(const Array& a, const Array& b) {
  check_product("matmul_vectorised", a, b);
  todo("18.2");
}

}  // namespace rushlight
