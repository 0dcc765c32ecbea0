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
  for (int step = warpSize / 2; step > 0; step /= 2) value += __shfl_xor_sync(whole_warp, value, step);
  return value;
}

// 22.4 max_of_warp  value, one a lane -> the largest, in every lane; NaN wins
// Hint: functors::Max knows what to do with NaN.
__device__ Real max_of_warp(Real value) {
  for (int step = warpSize / 2; step > 0; step /= 2) {
    value = functors::Max()(value, __shfl_xor_sync(whole_warp, value, step));
  }
  return value;
}

}  // namespace

// 22.4 softmax_kernel  y, x (rows, width):  y = exp(x - max) / Σ exp(x - max)
// Hint: three walks over the row in steps of 32. A whole warp has a row or none, so returning early is allowed here.
__global__ void softmax_kernel(Global<Real> y, Reals x, std::int64_t rows, std::int64_t width) {
  const std::int64_t row = row_of_warp(), begin = row * width;
  if (row >= rows) return;
  Real most = functors::Max::identity();
  for (std::int64_t i = lane(); i < width; i += warpSize) most = functors::Max()(most, x[begin + i]);
  most = max_of_warp(most);
  Real total = 0;
  for (std::int64_t i = lane(); i < width; i += warpSize) total += std::exp(x[begin + i] - most);
  total = sum_of_warp(total);
  for (std::int64_t i = lane(); i < width; i += warpSize) y[begin + i] = std::exp(x[begin + i] - most) / total;
}

// 22.4 softmax_backward_kernel  dx, dy, y (rows, width):  dx = y · (dy - Σ dy·y)
// Hint: one sum over the row, then one walk.
__global__ void softmax_backward_kernel(Global<Real> dx, Reals dy, Reals y, std::int64_t rows, std::int64_t width) {
  const std::int64_t row = row_of_warp(), begin = row * width;
  if (row >= rows) return;
  Real inner = 0;
  for (std::int64_t i = lane(); i < width; i += warpSize) inner += dy[begin + i] * y[begin + i];
  inner = sum_of_warp(inner);
  for (std::int64_t i = lane(); i < width; i += warpSize) dx[begin + i] = y[begin + i] * (dy[begin + i] - inner);
}

// 22.4 layer_norm_kernel  y, x (rows, width), mean, rstd (rows):  y = (x - mean) · rstd · weight + bias
//   rstd = 1/√(variance + eps), the variance being the mean of (x - mean)²; without weight and bias y = (x - mean) · rstd
// Hint: the mean first, then the squares of the differences. One lane writes mean and rstd.
__global__ void layer_norm_kernel(Global<Real> y, Global<Real> mean, Global<Real> rstd, Reals x, Reals weight,
                                  Reals bias, std::int64_t rows, std::int64_t width, Real eps) {
  const std::int64_t row = row_of_warp(), begin = row * width;
  if (row >= rows) return;
  const Real count = static_cast<Real>(width), first = x[begin];
  Real total = 0, squares = 0;
  for (std::int64_t i = lane(); i < width; i += warpSize) total += x[begin + i] - first;
  const Real middle = first + sum_of_warp(total) / count;  // equal numbers have exactly this mean
  for (std::int64_t i = lane(); i < width; i += warpSize) {
    const Real away = x[begin + i] - middle;
    squares += away * away;
  }
  const Real scale = 1 / std::sqrt(sum_of_warp(squares) / count + eps);
  if (lane() == 0) mean[row] = middle;
  if (lane() == 0) rstd[row] = scale;
  for (std::int64_t i = lane(); i < width; i += warpSize) {
    const Real normal = (x[begin + i] - middle) * scale;
    y[begin + i] = weight ? normal * weight[i] + bias[i] : normal;
  }
}

// 22.4 layer_norm_backward_kernel  dx, dy, x (rows, width), mean, rstd (rows), weight (width) or empty
//   with g = dy · weight and n = (x - mean) · rstd:  dx = rstd · (g - mean(g) - n · mean(g·n))
// Hint: both means come out of one walk.
__global__ void layer_norm_backward_kernel(Global<Real> dx, Reals dy, Reals x, Reals weight, Reals mean, Reals rstd,
                                           std::int64_t rows, std::int64_t width) {
  const std::int64_t row = row_of_warp(), begin = row * width;
  if (row >= rows) return;
  const Real middle = mean[row], scale = rstd[row], count = static_cast<Real>(width);
  Real plain = 0, along = 0;
  for (std::int64_t i = lane(); i < width; i += warpSize) {
    const Real g = weight ? dy[begin + i] * weight[i] : dy[begin + i];
    plain += g;
    along += g * (x[begin + i] - middle) * scale;
  }
  plain = sum_of_warp(plain) / count;
  along = sum_of_warp(along) / count;
  for (std::int64_t i = lane(); i < width; i += warpSize) {
    const Real g = weight ? dy[begin + i] * weight[i] : dy[begin + i];
    dx[begin + i] = scale * (g - plain - (x[begin + i] - middle) * scale * along);
  }
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
