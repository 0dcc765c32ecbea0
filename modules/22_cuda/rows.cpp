// rows.cpp: one warp takes one row. Its lanes exchange sums by shuffles; no shared memory, no barrier.
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {
namespace {

constexpr unsigned warps_a_block = 4;

__device__ int lane() { return static_cast<int>(threadIdx.x) % warpSize; }
__device__ std::int64_t row_of_warp() { return std::int64_t{blockIdx.x} * warps_a_block + threadIdx.x / warpSize; }

Grid grid_of(std::int64_t rows) {
  return {.blocks = {static_cast<unsigned>((rows + warps_a_block - 1) / warps_a_block)},
          .threads = {warps_a_block * 32}};
}

// 22.4 sum_of_warp  value, one a lane -> Σ over the 32 lanes, in every lane
// Hint: __shfl_xor_sync gives both of a pair the other's value, so that both have the sum.
__device__ Real sum_of_warp(Real value) {
  todo("22.4");
}

// 22.4 max_of_warp  value, one a lane -> the largest, in every lane; NaN wins
// Hint: functors::Max knows what to do with NaN.
__device__ Real max_of_warp(Real value) {
  todo("22.4");
}

}  // namespace

// 22.4 softmax_kernel  y, x (rows, width):  y = exp(x - max) / Σ exp(x - max)
// Hint: three walks over the row in steps of 32. A whole warp has a row or none, so returning early is allowed here.
__global__ void softmax_kernel(Global<Real> y, Reals x, std::int64_t rows, std::int64_t width) {
  todo("22.4");
}

// 22.4 softmax_backward_kernel  dx, dy, y (rows, width):  dx = y · (dy - Σ dy·y)
// Hint: one sum over the row, then one walk.
__global__ void softmax_backward_kernel(Global<Real> dx, Reals dy, Reals y, std::int64_t rows, std::int64_t width) {
  todo("22.4");
}

// 22.4 layer_norm_kernel  y, x (rows, width), mean, rstd (rows):  y = (x - mean) · rstd · weight + bias
//   rstd = 1/√(variance + eps), the variance being the mean of (x - mean)²; without weight and bias y = (x - mean) · rstd
// Hint: the mean first, then the squares of the differences. One lane writes mean and rstd.
__global__ void layer_norm_kernel(Global<Real> y, Global<Real> mean, Global<Real> rstd, Reals x, Reals weight,
                                  Reals bias, std::int64_t rows, std::int64_t width, Real eps) {
  todo("22.4");
}

// 22.4 layer_norm_backward_kernel  dx, dy, x (rows, width), mean, rstd (rows), weight (width) or empty
//   with g = dy · weight and n = (x - mean) · rstd:  dx = rstd · (g - mean(g) - n · mean(g·n))
// Hint: both means come out of one walk.
__global__ void layer_norm_backward_kernel(Global<Real> dx, Reals dy, Reals x, Reals weight, Reals mean, Reals rstd,
                                           std::int64_t rows, std::int64_t width) {
  todo("22.4");
}

void softmax_rows(Global<Real> y, Reals x, std::int64_t rows, std::int64_t width) {
  if (rows > 0) launch(softmax_kernel, grid_of(rows), y, x, rows, width);
}

void softmax_rows_backward(Global<Real> dx, Reals dy, Reals y, std::int64_t rows, std::int64_t width) {
  if (rows > 0) launch(softmax_backward_kernel, grid_of(rows), dx, dy, y, rows, width);
}

void layer_norm_rows(Global<Real> y, Global<Real> mean, Global<Real> rstd, Reals x, Reals weight, Reals bias,
                     std::int64_t rows, std::int64_t width, Real eps) {
  if (rows > 0) launch(layer_norm_kernel, grid_of(rows), y, mean, rstd, x, weight, bias, rows, width, eps);
}

void layer_norm_rows_backward(Global<Real> dx, Reals dy, Reals x, Reals weight, Reals mean, Reals rstd,
                              std::int64_t rows, std::int64_t width) {
  if (rows > 0) launch(layer_norm_backward_kernel, grid_of(rows), dx, dy, x, weight, mean, rstd, rows, width);
}

}  // namespace rushlight::cuda
