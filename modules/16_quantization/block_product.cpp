// block_product.cpp: a weight that is read in its blocks and never written out.
// Letters: M rows of the input, N outputs, K numbers in a row.
#include "16_quantization/block_product.hpp"

#include <cstring>

#include "01_tensor/primitives.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 16.5 block_product_loop  x (M, K), blocks (N, K/32) -> y[m, n] = Σ over the blocks of row n of its numbers times x's
// Hint: a row of the weight is K/32 · block_bytes long; dequantize() of 16.3 gives one block's 32 numbers at a time, which
// stay in the nearest cache.
void block_product_loop(const BlockProduct& p) {
  todo("16.5");
}

// 16.5 block_linear  x (M, K), weight (N, K) in blocks, bias (N) or undefined -> y (M, N)
// check_block_linear first. Hint: block_product runs the fastest kernel there is, on floats: floats_of(x).
Array block_linear(const Array& x, const BlockTensor& weight, const Array& bias) {
  todo("16.5");
}

}  // namespace rushlight
