// block_product.cpp: a weight that is read in its blocks and never written out.
// Letters: M rows of the input, N outputs, K numbers in a row.
#include "16_quantization/block_product.hpp"

#include <cstring>

#include "01_tensor/primitives.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {  // solution

// Σ over the blocks of one row of the weight.
template <class Block>
float row_product(const std::uint8_t* blocks, const float* x, std::int64_t count) {
  float total = 0;
  for (std::int64_t b = 0; b < count; ++b) {
    Block block;
    std::memcpy(&block, blocks + b * static_cast<std::int64_t>(sizeof(Block)), sizeof(Block));
    const std::array<float, 32> numbers = dequantize(block);
    for (std::int64_t j = 0; j < 32; ++j) total += numbers[static_cast<std::size_t>(j)] * x[b * 32 + j];
  }
  return total;
}

}  // namespace

// 16.5 block_product_loop  x (M, K), blocks (N, K/32) -> y[m, n] = Σ over the blocks of row n of its numbers times x's
// Hint: a row of the weight is K/32 · block_bytes long; dequantize() of 16.3 gives one block's 32 numbers at a time, which
// stay in the nearest cache.
void block_product_loop(const BlockProduct& p) {
  const std::int64_t count = p.k / block_size, row_bytes = count * block_bytes(p.type);
  for (std::int64_t m = 0; m < p.m; ++m) {
    for (std::int64_t n = 0; n < p.n; ++n) {
      const std::uint8_t* row = p.blocks + n * row_bytes;
      p.y[m * p.n + n] = p.type == BlockType::q8_0 ? row_product<BlockQ8>(row, p.x + m * p.k, count)
                                                   : row_product<BlockQ4>(row, p.x + m * p.k, count);
    }
  }
}

// 16.5 block_linear  x (M, K), weight (N, K) in blocks, bias (N) or undefined -> y (M, N)
// check_block_linear first. Hint: block_product runs the fastest kernel there is, on floats: floats_of(x).
Array block_linear(const Array& x, const BlockTensor& weight, const Array& bias) {
  check_block_linear(x, weight, bias);
  const std::int64_t rows = x.dim(0), outputs = weight.shape[0];
  const std::vector<float> from = floats_of(x);
  std::vector<float> products(static_cast<std::size_t>(rows * outputs));
  block_product({.type = weight.type,
                 .x = from.data(),
                 .blocks = weight.bytes.data(),
                 .y = products.data(),
                 .m = rows,
                 .n = outputs,
                 .k = x.dim(1)});
  const Array y({rows, outputs}, std::vector<Real>(products.begin(), products.end()));
  return bias.defined() ? y + bias.cpu() : y;
}

}  // namespace rushlight
