// matmul.cpp: three rungs of the ladder. The naive kernel asks device memory for every factor; the tiled one fetches a tile of
// each operand once and lets 256 threads share it; the last one lets each thread use what it reads from the tile four times.
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {
namespace {

constexpr int tile = 16;
constexpr int own = 4;            // rows, and columns, that a thread of the last kernel has
constexpr int wide = own * tile;  // and its block

__device__ std::int64_t place_a(const Product& p, std::int64_t row, std::int64_t k) {
  return blockIdx.z * p.stride_a + (p.transpose_a ? k * p.m + row : row * p.k + k);
}

__device__ std::int64_t place_b(const Product& p, std::int64_t k, std::int64_t column) {
  return blockIdx.z * p.stride_b + (p.transpose_b ? column * p.k + k : k * p.n + column);
}

Grid grid_of(const Product& p, std::int64_t side = tile) {
  const auto blocks = [side](std::int64_t size) { return static_cast<unsigned>((size + side - 1) / side); };
  return {.blocks = {blocks(p.n), blocks(p.m), static_cast<unsigned>(p.batch)}, .threads = {tile, tile}};
}

}  // namespace

// 22.3 naive_kernel  c (batch, m, n), a, b -> c[z][row][column] = Σ_k a·b, one thread a number
//   column = blockIdx.x · 16 + threadIdx.x, row the same with y; place_a and place_b say where the factors lie
// Hint: threads beyond m or n have nothing to do.
__global__ void naive_kernel(Global<Real> c, Reals a, Reals b, Product p) {
  todo("22.3");
}

// 22.3 tiled_kernel  the same, in steps of 16 along k: the block fetches a 16 x 16 tile of a and one of b, waits, adds up
//   16 products out of shared memory, and waits again before it fetches the next
// Hint: fetch 0 where a tile hangs over the edge. Every thread comes to every barrier, also one without a number in c.
__global__ void tiled_kernel(Global<Real> c, Reals a, Reals b, Product p) {
  todo("22.3");
}

// 22.3 register_kernel  the same tiles along k, but 64 rows of a and 64 columns of b, for 64 x 64 numbers of c. Thread (x, y)
//   has 4 x 4 of them, in registers: rows y, y + 16, y + 32, y + 48 of the block and columns x, x + 16, ... For each k it
//   reads 4 numbers of each tile and makes 16 products of them
// Hint: each thread fetches 4 numbers of each tile. Local arrays of 4 and of 4 x 4, in loops of constant length: registers.
__global__ void register_kernel(Global<Real> c, Reals a, Reals b, Product p) {
  todo("22.3");
}

void matmul_naive(Global<Real> c, Reals a, Reals b, const Product& product) {
  launch(naive_kernel, grid_of(product), c, a, b, product);
}

void matmul_tiled(Global<Real> c, Reals a, Reals b, const Product& product) {
  launch(tiled_kernel, grid_of(product), c, a, b, product);
}

void matmul_registers(Global<Real> c, Reals a, Reals b, const Product& product) {
  launch(register_kernel, grid_of(product, wide), c, a, b, product);
}

}  // namespace rushlight::cuda
