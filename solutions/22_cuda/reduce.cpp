// reduce.cpp: many numbers become one. Lanes of a warp exchange values by shuffles, warps of a block through shared memory,
// blocks through device memory and a second launch. The order is always the same, and so are the bits.
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {
namespace {

// 22.2 warp_reduce  value, one a lane -> f over all 32 of them, in lane 0 at least
//   after the step with 16, lane i holds f of i and i + 16; then 8, 4, 2, 1
// Hint: __shfl_down_sync(whole_warp, value, step) is the value of lane + step.
template <class F>
__device__ Real warp_reduce(F f, Real value) {
  for (int step = warpSize / 2; step > 0; step /= 2) value = f(value, __shfl_down_sync(whole_warp, value, step));
  return value;
}

// 22.2 block_reduce  value, one a thread -> f over all threads of the block, in thread 0
//   the threads are a multiple of 32, at most 1024: each warp leaves one number, the first warp reduces those
// Hint: a barrier between writing and reading; lanes without a warp of their own bring F::identity().
template <class F>
__device__ Real block_reduce(F f, Real value) {
  __shared__ Shared<Real, 32> of_warp;
  const int lane = static_cast<int>(threadIdx.x) % warpSize, warp = static_cast<int>(threadIdx.x) / warpSize;
  const int warps = static_cast<int>(blockDim.x) / warpSize;
  value = warp_reduce(f, value);
  if (lane == 0) of_warp[warp] = value;
  __syncthreads();
  Real rest = F::identity();
  if (warp == 0 && lane < warps) rest = of_warp[lane];
  if (warp == 0) rest = warp_reduce(f, rest);
  return rest;
}

}  // namespace

// 22.2 reduce_rows_kernel  out (rows), x (rows, width); block r reduces row r
// Hint: each thread first reduces the numbers threadIdx.x, threadIdx.x + blockDim.x, ... by itself.
template <class F>
__global__ void reduce_rows_kernel(F f, Global<Real> out, Reals x, std::int64_t width) {
  const std::int64_t row = blockIdx.x;
  Real mine = F::identity();
  for (std::int64_t i = threadIdx.x; i < width; i += blockDim.x) mine = f(mine, x[row * width + i]);
  const Real all = block_reduce(f, mine);
  if (threadIdx.x == 0) out[row] = all;
}

// 22.2 partial_kernel  x (any count) -> partials, one of each block: f over the block's share, by a grid-stride loop
// Hint: the row kernel with grid_first() and grid_stride().
template <class F>
__global__ void partial_kernel(F f, Global<Real> partials, Reals x) {
  Real mine = F::identity();
  for (std::int64_t i = grid_first(); i < x.size(); i += grid_stride()) mine = f(mine, x[i]);
  const Real all = block_reduce(f, mine);
  if (threadIdx.x == 0) partials[blockIdx.x] = all;
}

void reduce_rows(Reduction op, Global<Real> out, Reals x, std::int64_t rows, std::int64_t width) {
  if (rows == 0) return;
  const Grid grid{.blocks = {static_cast<unsigned>(rows)}, .threads = {block_threads}};
  visit_op(op, [&](auto f) { launch(reduce_rows_kernel<decltype(f)>, grid, f, out, x, width); });
}

// 22.2 reduce_all  x (any count) -> out (1); partials (one a block)
// Hint: two launches. The second is a row of partials.size() numbers.
void reduce_all(Reduction op, Global<Real> out, Reals x, Global<Real> partials) {
  const Grid grid{.blocks = {static_cast<unsigned>(partials.size())}, .threads = {block_threads}};
  visit_op(op, [&](auto f) { launch(partial_kernel<decltype(f)>, grid, f, partials, x); });
  reduce_rows(op, out, partials, 1, partials.size());
}

}  // namespace rushlight::cuda
