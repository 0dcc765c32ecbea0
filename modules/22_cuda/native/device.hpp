// device.hpp: the same names on a GPU, compiled by nvcc. Arrays are plain memory here, and nothing is checked. Given.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <cstdio>
#include <type_traits>
#include <utility>

#include "22_cuda/current_stream.hpp"
#include "22_cuda/kernel_error.hpp"

// A blank in a kernel stops the kernel.
#define todo(id) ::rushlight::native::blank(id)

namespace rushlight {
namespace native {

__host__ __device__ inline void blank(const char* id) {
#ifdef __CUDA_ARCH__
  printf("TODO %s\n", id);
  __trap();
#else
  throw KernelError("TODO {}", {id});
#endif
}

}  // namespace native

template <class T>
class Global {
 public:
  Global() = default;
  __host__ __device__ Global(T* pointer, std::int64_t count) : pointer_(pointer), count_(count) {}
  template <class Other>
  requires(std::is_same_v<const Other, T>) __host__ __device__ Global(const Global<Other>& other)
      : pointer_(other.pointer_), count_(other.count_) {}

  __host__ __device__ std::int64_t size() const { return count_; }
  __host__ __device__ explicit operator bool() const { return pointer_ != nullptr; }
  __device__ T& operator[](std::int64_t i) const { return pointer_[i]; }

 private:
  template <class Other>
  friend class Global;
  T* pointer_ = nullptr;
  std::int64_t count_ = 0;
};

template <class T, int... sizes>
class Shared {
 public:
  template <class... Index>
  __device__ T& operator()(Index... index) {
    static_assert(sizeof...(Index) == sizeof...(sizes), "one index for each axis");
    int at = 0;
    ((at = at * sizes + static_cast<int>(index)), ...);
    return values_[at];
  }
  __device__ T& operator[](std::int64_t i) {
    static_assert(sizeof...(sizes) == 1, "more than one axis: write tile(row, column)");
    return values_[i];
  }

 private:
  T values_[(1 * ... * sizes)];
};

struct Grid {
  dim3 blocks;
  dim3 threads;
  cudaStream_t stream = cuda::current_stream();
  int line = __builtin_LINE();
};

inline void check(cudaError_t error, int line = __builtin_LINE()) {
  if (error != cudaSuccess) throw KernelError("line {}: {}.", {line, cudaGetErrorString(error)});
}

template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), const Grid& grid, Arguments&&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = grid.blocks;
  config.blockDim = grid.threads;
  config.stream = grid.stream;
  check(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...), grid.line);
}

}  // namespace rushlight
