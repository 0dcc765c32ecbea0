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

// solution helper
// Numbers of A, from the first row at hand on: row r at step k is from[r * row_step + k * depth_step]. A transposed
// matrix is one with these steps swapped.
struct Left {
  const Real* from;
  std::int64_t row_step, depth_step;
};

// Where the sums go, and whether they are added to what is there.
struct Result {
  Real* to;
  std::int64_t leading;
  bool add;
};

// Columns of B, as they are stored, into a panel.
void pack_columns(const Gemm& s, const Real* b, std::int64_t width, Real* panel) {
  for (std::int64_t k = 0; k < s.k; ++k, b += s.ldb, panel += columns) {
    if (width == columns) {
      Vector::load_unaligned(b).store_aligned(panel);
      Vector::load_unaligned(b + lanes).store_aligned(panel + lanes);
    } else {
      std::copy_n(b, width, panel);
    }
  }
}

// op(B) (s.k, s.n) as panels, one after the other: each s.k rows of `columns` numbers.
void pack(const Gemm& s, const Real* b, Real* panel) {
  for (std::int64_t j = 0; j < s.n; j += columns, panel += s.k * columns) {
    const std::int64_t width = std::min(columns, s.n - j);
    if (width < columns) std::fill_n(panel, s.k * columns, Real{0});  // where B has no more columns
    if (s.transpose_b) {
      turn_over(b + j * s.ldb, width, s.k, s.ldb, panel, columns);
    } else {
      pack_columns(s, b + j, width, panel);
    }
  }
}

// `rows` rows of A times a panel. The count is a constant, so that the sums have names, and what has a name can live in
// a register.
template <std::int64_t rows>
void multiply_tile(const Left& a, const Real* panel, std::int64_t depth, const Result& c) {
  Vector left[rows], right[rows];
  for (std::int64_t r = 0; r < rows; ++r) left[r] = right[r] = Vector(Real{0});
  for (std::int64_t r = 0; r < rows; ++r) {  // C is in no cache most of the time, and wanted when the sums are done
    __builtin_prefetch(c.to + r * c.leading);
    __builtin_prefetch(c.to + r * c.leading + lanes);
  }
  const Real* from = a.from;
  for (std::int64_t k = 0; k < depth; ++k, panel += columns, from += a.depth_step) {
    const Vector b0 = Vector::load_aligned(panel), b1 = Vector::load_aligned(panel + lanes);
    for (std::int64_t r = 0; r < rows; ++r) {
      const Vector factor(from[r * a.row_step]);
      left[r] = xsimd::fma(factor, b0, left[r]);
      right[r] = xsimd::fma(factor, b1, right[r]);
    }
  }
  for (std::int64_t r = 0; r < rows; ++r) {
    Real* to = c.to + r * c.leading;
    if (c.add) {
      left[r] += Vector::load_unaligned(to);
      right[r] += Vector::load_unaligned(to + lanes);
    }
    left[r].store_unaligned(to);
    right[r].store_unaligned(to + lanes);
  }
}

// All rows of a block times a panel: as many tiles of `rows` rows as there are, and for the rest smaller ones.
template <std::int64_t rows = tile_rows>
void multiply_rows(std::int64_t count, Left a, const Real* panel, std::int64_t depth, Result c) {
  for (; count >= rows; count -= rows) {
    multiply_tile<rows>(a, panel, depth, c);
    a.from += rows * a.row_step;
    c.to += rows * c.leading;
  }
  if constexpr (rows > 1) multiply_rows<std::bit_floor(std::uint64_t{rows - 1})>(count, a, panel, depth, c);
}

// The last columns: a tile would stick out over the edge of C, so what lies inside is taken over from `edge`.
void multiply_edge(std::int64_t count, std::int64_t width, const Left& a, const Real* panel, std::int64_t depth,
                   const Result& c) {
  Real edge[block_rows * columns];
  multiply_rows(count, a, panel, depth, {edge, columns, false});
  for (std::int64_t r = 0; r < count; ++r) {
    const Real* from = edge + r * columns;
    Real* to = c.to + r * c.leading;
    for (std::int64_t j = 0; j < width; ++j) to[j] = c.add ? to[j] + from[j] : from[j];
  }
}

// A part of a product, whose panels are packed.
void multiply_part(const Gemm& s, const Real* a, const Real* panels, Real* c) {
  const std::int64_t row_step = s.transpose_a ? 1 : s.lda, depth_step = s.transpose_a ? s.lda : 1;
  for (std::int64_t i = 0; i < s.m; i += block_rows) {
    const std::int64_t count = std::min(block_rows, s.m - i);
    const Left block{a + i * row_step, row_step, depth_step};
    for (std::int64_t j = 0; j < s.n; j += columns) {
      const Real* panel = panels + j * s.k;
      const Result result{c + i * s.ldc + j, s.ldc, s.accumulate};
      if (s.n - j >= columns) {
        multiply_rows(count, block, panel, s.k, result);
      } else {
        multiply_edge(count, s.n - j, block, panel, s.k, result);
      }
    }
  }
}
// end solution

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
  const Gemm s = with_leading_dimensions(sizes);
  if (s.k == 0 && !s.accumulate) {
    for (std::int64_t i = 0; i < s.m; ++i) std::fill_n(c + i * s.ldc, s.n, Real{0});
  }
  const std::int64_t widest = (std::min(part_columns, s.n) + columns - 1) / columns * columns;
  Array panels({widest * std::min(part_depth, s.k)});
  Real* const packed = panels.mutable_data().data();
  for (std::int64_t j = 0; j < s.n; j += part_columns) {
    for (std::int64_t k = 0; k < s.k; k += part_depth) {
      Gemm part = s;
      part.n = std::min(part_columns, s.n - j);
      part.k = std::min(part_depth, s.k - k);
      part.accumulate = s.accumulate || k > 0;
      pack(part, b + (s.transpose_b ? j * s.ldb + k : k * s.ldb + j), packed);
      multiply_part(part, a + (s.transpose_a ? k * s.lda : k), packed, c + j);
    }
  }
}

// 18.2 matmul_vectorised  a (M, K), b (K, N) -> (M, N)
// Hint: one product, nothing transposed.
Array matmul_vectorised(const Array& a, const Array& b) {
  check_product("matmul_vectorised", a, b);
  // solution 18.2
  Array y({a.dim(0), b.dim(1)});
  tiled_gemm({.m = a.dim(0), .n = b.dim(1), .k = a.dim(1)}, a.data().data(), b.data().data(), y.mutable_data().data());
  return y;
  // end solution
}

}  // namespace rushlight
