// ladder.hpp: the matrix product five times, each with one idea more than the one before. What a matrix product
// costs is 2·M·N·K operations; what a processor could do in that time is usually ten to a hundred times as much,
// because it waits for memory. All five compute the same sums, in different orders, so they agree to rounding.
// tiled_gemm, the third rung, is also what the framework multiplies large matrices with (kernels.hpp, threaded_gemm).
// Letters: a (M, K), b (K, N), result (M, N). What takes Arrays throws ShapeError that names both shapes and the rule.
// A product over K = 0 is zeros.
#pragma once

#include "01_tensor/array.hpp"
#include "01_tensor/blas.hpp"

namespace rushlight {

// --- 18.1 the order of the loops (ladder.cpp) -----------------------------------------------------------------

// The definition: for every element of the result, a sum along a row of a and down a column of b.
Array matmul_naive(const Array& a, const Array& b);

// The same additions in blocks, along rows: a block of b is read from memory once and used for every row of a while it
// lies in the cache.
Array matmul_blocked(const Array& a, const Array& b);

// --- 18.2 a tile that stays in registers (tile.cpp) ------------------------------------------------------------

// How large the tile of the result is that the innermost loop works on. Its sums, two vectors of B and one number of A
// have to fit into the processor's registers for vectors: 32 with AVX-512 and on ARM, 16 on other x86.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr std::int64_t tile_rows = 12;
#else
inline constexpr std::int64_t tile_rows = 6;
#endif
std::int64_t tile_columns();  // two vectors: 32, 16 or 8 numbers, whatever this program was compiled for. Given.

// As gemm() in blas.hpp, in the thread that asks: any of A and B transposed, C set or added to, and rows as far apart
// as the leading dimensions say. A tile of C is added up in registers and stored once, where the blocked product loads
// and stores a row for every number of a. Every element of C is the same sum in the same order, wherever it lies in C:
// a product of a band of rows or columns has the bits of the whole.
void tiled_gemm(const Gemm& sizes, const Real* a, const Real* b, Real* c);

// a·b by tiled_gemm.
Array matmul_vectorised(const Array& a, const Array& b);

// --- 18.3 more than one core (threaded.cpp) --------------------------------------------------------------------

// The vectorised product, its rows divided among the threads of parallel.hpp.
Array matmul_threaded(const Array& a, const Array& b);

// --- 18.4 no second pass (threaded.cpp) -------------------------------------------------------------------------

// relu(a·b + bias), bias (N): the bias and the rectifier are applied to a block of rows while it is still in the cache,
// instead of in two more passes over the result. Throws ShapeError also when bias is not (N).
Array matmul_bias_relu(const Array& a, const Array& b, const Array& bias);

// What all of them check at the door. Given.
void check_product(const char* op, const Array& a, const Array& b);

}  // namespace rushlight
