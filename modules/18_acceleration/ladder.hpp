// ladder.hpp: the matrix product five times, each faster than the one before and for one reason. What a matrix product
// costs is 2·M·N·K operations; what a processor could do in that time is usually ten to a hundred times as much,
// because it waits for memory. All five compute the same sums, in different orders, so they agree to rounding.
// The framework goes on calling OpenBLAS: these are here to see what it does for you.
// Letters: a (M, K), b (K, N), result (M, N). All throw ShapeError that names both shapes and the rule. A product over
// K = 0 is zeros.
#pragma once

#include "01_tensor/array.hpp"

namespace rushlight {

// --- 18.1 the order of the loops (ladder.cpp) -----------------------------------------------------------------

// The definition: for every element of the result, a sum along a row of a and down a column of b.
Array matmul_naive(const Array& a, const Array& b);

// The same additions in blocks, along rows: a block of b is read from memory once and used for every row of a while it
// lies in the cache.
Array matmul_blocked(const Array& a, const Array& b);

// --- 18.2 a tile that stays in registers (tile.cpp) ------------------------------------------------------------

// How large the tile of the result is that the innermost loop works on.
inline constexpr std::int64_t tile_rows = 6;
std::int64_t tile_columns();  // two vectors: 32, 16 or 8 numbers, whatever this program was compiled for. Given.

// The blocked product with its innermost loop over vectors: a tile of the result is added up in registers and stored
// once, where the loop above loads and stores a row for every product.
Array matmul_vectorised(const Array& a, const Array& b);

// --- 18.3 more than one core (threaded.cpp) --------------------------------------------------------------------

// The vectorised product, its rows divided among the threads of parallel.hpp.
Array matmul_threaded(const Array& a, const Array& b);

// --- 18.4 no second pass (threaded.cpp) -------------------------------------------------------------------------

// relu(a·b + bias), bias (N): the bias and the rectifier are applied to a block of rows while it is still in the cache,
// instead of in two more passes over the result. Throws ShapeError also when bias is not (N).
Array matmul_bias_relu(const Array& a, const Array& b, const Array& bias);

// Rows first, ..., last - 1 of a·b, written to the same rows of out (M, N). matmul_vectorised is one call of it,
// matmul_threaded one call for each piece of work.
void multiply_rows(const Array& a, const Array& b, std::int64_t first, std::int64_t last, Real* out);

// What all of them check at the door. Given.
void check_product(const char* op, const Array& a, const Array& b);

}  // namespace rushlight
