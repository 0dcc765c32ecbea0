// block_product.hpp: float inputs times a weight that stays in its blocks. For one token at a time, when a layer's cost is
// reading its weight: a quarter of the bytes, or a seventh, and no range of the input to find.
// Letters: M rows of the input, N rows of the weight (outputs), K numbers in a row.
#pragma once

#include <cstdint>
#include <vector>

#include "16_quantization/blocks.hpp"

namespace rushlight {

// y = x·Wᵀ, W in blocks along its rows.
struct BlockProduct {
  BlockType type = BlockType::q8_0;
  const float* x = nullptr;              // (M, K), row-major
  const std::uint8_t* blocks = nullptr;  // (N, K/32) blocks
  float* y = nullptr;                    // (M, N), written
  std::int64_t m = 0, n = 0, k = 0;      // k is a multiple of 32
};

// --- 16.5 (block_product.cpp) ------------------------------------------------------------------------------------------

// y[m, n] = Σ over the blocks of row n of scale·Σ_j (its number j)·x[m, ...]. A weight is never written out as floats.
void block_product_loop(const BlockProduct& p);

// x (M, K), weight (N, K) in blocks, bias (N) or undefined -> y (M, N) = x·Wᵀ + bias. NaN and infinities in x come through.
// Throws ShapeError where the shapes do not fit.
Array block_linear(const Array& x, const BlockTensor& weight, const Array& bias);

// --- given (block_kernels.cpp) -----------------------------------------------------------------------------------------

using BlockKernel = void (*)(const BlockProduct&);
struct NamedBlockKernel {
  const char* name;
  BlockKernel run;
};
// Those that this processor has the instructions for, the fastest first: "avx512", "avx2", "loop" (yours). They add up in
// different orders, so their last digits differ.
std::vector<NamedBlockKernel> block_kernels();
void block_product(const BlockProduct& p);  // the first of them

std::vector<float> floats_of(const Array& x);  // x's numbers as floats, from any device
void check_block_linear(const Array& x, const BlockTensor& weight, const Array& bias);  // (checks.cpp)

}  // namespace rushlight
