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
  const std::int64_t column = std::int64_t{blockIdx.x} * tile + threadIdx.x;
  const std::int64_t row = std::int64_t{blockIdx.y} * tile + threadIdx.y;
  if (row >= p.m || column >= p.n) return;
  Real sum = 0;
  for (std::int64_t k = 0; k < p.k; ++k) sum += a[place_a(p, row, k)] * b[place_b(p, k, column)];
  c[(blockIdx.z * p.m + row) * p.n + column] = sum;
}

// 22.3 tiled_kernel  the same, in steps of 16 along k: the block fetches a 16 x 16 tile of a and one of b, waits, adds up
//   16 products out of shared memory, and waits again before it fetches the next
// Hint: fetch 0 where a tile hangs over the edge. Every thread comes to every barrier, also one without a number in c.
__global__ void tiled_kernel(Global<Real> c, Reals a, Reals b, Product p) {
  __shared__ Shared<Real, tile, tile> tile_a;
  __shared__ Shared<Real, tile, tile> tile_b;
  const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
  const std::int64_t column = std::int64_t{blockIdx.x} * tile + x, row = std::int64_t{blockIdx.y} * tile + y;
  Real sum = 0;
  for (std::int64_t first = 0; first < p.k; first += tile) {
    Real from_a = 0, from_b = 0;
    if (row < p.m && first + x < p.k) from_a = a[place_a(p, row, first + x)];
    if (first + y < p.k && column < p.n) from_b = b[place_b(p, first + y, column)];
    tile_a(y, x) = from_a;
    tile_b(y, x) = from_b;
    __syncthreads();
    for (int k = 0; k < tile; ++k) sum += tile_a(y, k) * tile_b(k, x);
    __syncthreads();
  }
  if (row < p.m && column < p.n) c[(blockIdx.z * p.m + row) * p.n + column] = sum;
}

// 22.3 register_kernel  the same tiles along k, but 64 rows of a and 64 columns of b, for 64 x 64 numbers of c. Thread (x, y)
//   has 4 x 4 of them, in registers: rows y, y + 16, y + 32, y + 48 of the block and columns x, x + 16, ... For each k it
//   reads 4 numbers of each tile and makes 16 products of them
// Hint: each thread fetches 4 numbers of each tile. Local arrays of 4 and of 4 x 4, in loops of constant length: registers.
__global__ void register_kernel(Global<Real> c, Reals a, Reals b, Product p) {
  __shared__ Shared<Real, wide, tile> tile_a;
  __shared__ Shared<Real, tile, wide> tile_b;
  const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
  const std::int64_t left = std::int64_t{blockIdx.x} * wide, top = std::int64_t{blockIdx.y} * wide;
  const int along = (y * tile + x) % wide, down = (y * tile + x) / wide;  // a warp has 32 neighbours of a row of b
  Real sums[own][own] = {};
  for (std::int64_t first = 0; first < p.k; first += tile) {
    for (int i = 0; i < own; ++i) {
      const int row_a = y + i * tile, row_b = down + i * own;
      Real from_a = 0, from_b = 0;
      if (top + row_a < p.m && first + x < p.k) from_a = a[place_a(p, top + row_a, first + x)];
      if (first + row_b < p.k && left + along < p.n) from_b = b[place_b(p, first + row_b, left + along)];
      tile_a(row_a, x) = from_a;
      tile_b(row_b, along) = from_b;
    }
    __syncthreads();
    for (int k = 0; k < tile; ++k) {
      Real of_a[own], of_b[own];
      for (int i = 0; i < own; ++i) {
        of_a[i] = tile_a(y + i * tile, k);
        of_b[i] = tile_b(k, x + i * tile);
      }
      for (int i = 0; i < own; ++i) {
        for (int j = 0; j < own; ++j) sums[i][j] += of_a[i] * of_b[j];
      }
    }
    __syncthreads();
  }
  for (int i = 0; i < own; ++i) {
    for (int j = 0; j < own; ++j) {
      const std::int64_t row = top + y + i * tile, column = left + x + j * tile;
      if (row < p.m && column < p.n) c[(blockIdx.z * p.m + row) * p.n + column] = sums[i][j];
    }
  }
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
