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
  __shared__ Shared<Real, tile, tile + 1> held;
  const std::int64_t begin = blockIdx.z * rows * columns;
  const int along = static_cast<int>(threadIdx.x);
  const std::int64_t top = std::int64_t{blockIdx.y} * tile, left = std::int64_t{blockIdx.x} * tile;
  for (int line = static_cast<int>(threadIdx.y); line < tile; line += lines) {
    if (top + line < rows && left + along < columns) {
      held(line, along) = x[begin + (top + line) * columns + left + along];
    }
  }
  __syncthreads();
  for (int line = static_cast<int>(threadIdx.y); line < tile; line += lines) {
    if (left + line < columns && top + along < rows) {
      y[begin + (left + line) * rows + top + along] = held(along, line);
    }
  }
}

// 22.5 read_kernel  out (count), x:  out[i] = x[start + place(layout, 0, i)]
// Hint: a grid-stride loop over out.
__global__ void read_kernel(Global<Real> out, Reals x, Layout layout, std::int64_t start) {
  for (std::int64_t i = grid_first(); i < out.size(); i += grid_stride()) out[i] = x[start + place(layout, 0, i)];
}

// 22.5 write_kernel  out, x (count):  out[start + place(layout, 0, i)] = x[i]
// Hint: a grid-stride loop over x.
__global__ void write_kernel(Global<Real> out, Reals x, Layout layout, std::int64_t start) {
  for (std::int64_t i = grid_first(); i < x.size(); i += grid_stride()) out[start + place(layout, 0, i)] = x[i];
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
