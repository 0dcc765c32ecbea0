// matmul.cpp: two rungs of the ladder. The naive kernel asks device memory for every factor; the tiled one fetches a tile of
// each operand once and lets 256 threads share it.
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {
namespace {

constexpr int tile = 16;

__device__ std::int64_t place_a(const Product& p, std::int64_t row, std::int64_t k) {
  return blockIdx.z * p.stride_a + (p.transpose_a ? k * p.m + row : row * p.k + k);
}

__device__ std::int64_t place_b(const Product& p, std::int64_t k, std::int64_t column) {
  return blockIdx.z * p.stride_b + (p.transpose_b ? column * p.k + k : k * p.n + column);
}

Grid grid_of(const Product& p) {
  const auto blocks = [](std::int64_t size) { return static_cast<unsigned>((size + tile - 1) / tile); };
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

void matmul_naive(Global<Real> c, Reals a, Reals b, const Product& product) {
  launch(naive_kernel, grid_of(product), c, a, b, product);
}

void matmul_tiled(Global<Real> c, Reals a, Reals b, const Product& product) {
  launch(tiled_kernel, grid_of(product), c, a, b, product);
}

}  // namespace rushlight::cuda
