// movement.cpp: numbers go elsewhere. Threads that are neighbours should touch neighbours, when they read and when they
// write; a transpose can have both only by way of shared memory.
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {
namespace {

constexpr int tile = 32;
constexpr int lines = 8;  // a block of 32 x 8 threads moves a tile of 32 x 32 in four turns

}  // namespace

// 22.5 transpose_kernel  x (batch, rows, columns) -> y (batch, columns, rows); a block moves one tile, blockIdx.z the batch
//   the tile at (blockIdx.y · 32, blockIdx.x · 32) of x goes to (blockIdx.x · 32, blockIdx.y · 32) of y; threadIdx.x runs
//   along the rows of x when reading, and along the rows of y when writing
// Hint: one column more than 32 puts the numbers of a column into different banks.
__global__ void transpose_kernel(Global<Real> y, Reals x, std::int64_t rows, std::int64_t columns) {
  todo("22.5");
}

// 22.5 read_kernel  out (count), x:  out[i] = x[start + place(layout, 0, i)]
// Hint: a grid-stride loop over out.
__global__ void read_kernel(Global<Real> out, Reals x, Layout layout, std::int64_t start) {
  todo("22.5");
}

// 22.5 write_kernel  out, x (count):  out[start + place(layout, 0, i)] = x[i]
// Hint: a grid-stride loop over x.
__global__ void write_kernel(Global<Real> out, Reals x, Layout layout, std::int64_t start) {
  todo("22.5");
}

void transpose_tiled(Global<Real> y, Reals x, std::int64_t batch, std::int64_t rows, std::int64_t columns) {
  if (x.size() == 0) return;
  const auto tiles = [](std::int64_t size) { return static_cast<unsigned>((size + tile - 1) / tile); };
  const Grid grid{.blocks = {tiles(columns), tiles(rows), static_cast<unsigned>(batch)}, .threads = {tile, lines}};
  launch(transpose_kernel, grid, y, x, rows, columns);
}

void read_strided(Global<Real> out, Reals x, const Layout& layout, std::int64_t start) {
  launch(read_kernel, grid_for(out.size()), out, x, layout, start);
}

void write_strided(Global<Real> out, Reals x, const Layout& layout, std::int64_t start) {
  launch(write_kernel, grid_for(x.size()), out, x, layout, start);
}

}  // namespace rushlight::cuda
