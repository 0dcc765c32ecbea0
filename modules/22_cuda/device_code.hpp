// device_code.hpp: what files with kernels include. The same text is compiled by nvcc for a GPU and by g++ for the emulator;
// which of the two it is shows nowhere but here. Given.
//
//   __global__ void twice(Global<Real> out, Global<const Real> x) {
//     const std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
//     if (i < out.size()) out[i] = 2 * x[i];
//   }
//   launch(twice, {.blocks = {blocks}, .threads = {256}}, out, x);
//
// Global<T>          an array in device memory: x.size(), x[i], &x[i] for an atomic. Write Real v = x[i], not auto.
// Shared<T, N, M>    __shared__ Shared<Real, 32, 33> tile;  tile(row, column). With one axis also line[i].
// launch             kernel<<<blocks, threads, 0, stream>>>(...), with arguments converted and errors thrown (KernelError)
//
// A block has at most 1024 threads. Where warps exchange values, blocks have a multiple of 32.
#pragma once

#include <cmath>
#include <cstdint>

#include "01_tensor/array.hpp"
#include "22_cuda/kernel_error.hpp"

#ifdef __CUDACC__
#include "22_cuda/native/device.hpp"
#else
#include "01_tensor/todo.hpp"
#include "22_cuda/emulator/graphs.hpp"
#include "22_cuda/emulator/launch.hpp"
#include "22_cuda/emulator/runtime.hpp"
#include "22_cuda/emulator/views.hpp"
#endif

namespace rushlight::cuda {

constexpr unsigned whole_warp = 0xffffffffU;
constexpr int block_threads = 256;

// Enough blocks for a thread each, up to a number that keeps any GPU busy: a grid-stride loop does the rest.
inline Grid grid_for(std::int64_t count, int line = __builtin_LINE()) {
  const std::int64_t wanted = (count + block_threads - 1) / block_threads;
  const auto blocks = static_cast<unsigned>(wanted < 1 ? 1 : wanted > 1024 ? 1024 : wanted);
  return {.blocks = {blocks}, .threads = {block_threads}, .stream = current_stream(), .line = line};
}

// The first number of this thread in a grid-stride loop, and how far it is to its next.
__device__ inline std::int64_t grid_first() { return std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; }
__device__ inline std::int64_t grid_stride() { return std::int64_t{gridDim.x} * blockDim.x; }

}  // namespace rushlight::cuda
