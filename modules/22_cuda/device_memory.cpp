// device_memory.cpp: given. Blocks of the device, from cudaMalloc or from the cache, and copies.
#include <algorithm>
#include <cstdio>

#include "22_cuda/caching.hpp"
#include "22_cuda/cuda.hpp"

namespace rushlight::cuda {
namespace {

void check(cudaError_t error, const char* what) {
  if (error != cudaSuccess) throw KernelError("{}: {}.", {what, cudaGetErrorString(error)});
}

void* allocate(std::size_t bytes) {
  void* block = nullptr;
  if (const cudaError_t error = cudaMalloc(&block, std::max<std::size_t>(bytes, 1)); error != cudaSuccess) {
    throw KernelError("cudaMalloc of {} bytes: {}. Try a smaller batch or model.", {bytes, cudaGetErrorString(error)});
  }
  return block;
}

void free_block(void* block, std::size_t) noexcept {
  if (const cudaError_t error = cudaFree(block); error != cudaSuccess) {
    std::fprintf(stderr, "cudaFree: %s\n", cudaGetErrorString(error));  // a destructor asked: nobody could catch it
  }
}

// In their place among the work of the stream. Those from and to the host have happened when they return.
void copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, const char* what) {
  check(cudaMemcpyAsync(to, from, bytes, kind, current_stream()), what);
  if (kind != cudaMemcpyDeviceToDevice) check(cudaStreamSynchronize(current_stream()), what);
}

void copy_in(void* to, const void* from, std::size_t bytes) {
  copy(to, from, bytes, cudaMemcpyHostToDevice, "copying to the device");
}

void copy_out(void* to, const void* from, std::size_t bytes) {
  copy(to, from, bytes, cudaMemcpyDeviceToHost, "copying from the device");
}

void copy_within(void* to, const void* from, std::size_t bytes) {
  copy(to, from, bytes, cudaMemcpyDeviceToDevice, "copying on the device");
}

CachingAllocator& cache() {
  static CachingAllocator* const mine = new CachingAllocator;  // outlives the statics that own arrays
  return *mine;
}

void* take(std::size_t bytes) { return cache().allocate(bytes, current_stream()); }

void give_back(void* block, std::size_t) noexcept {
  try {
    cache().free(block);
  } catch (const KernelError& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
}

}  // namespace

const DeviceMemory& cached_memory() {
  static constexpr DeviceMemory mine{take, give_back, copy_in, copy_out, copy_within};
  return mine;
}

void release_cached_memory() { cache().release(); }

const DeviceMemory& memory() {
  static constexpr DeviceMemory mine{allocate, free_block, copy_in, copy_out, copy_within};
  return mine;
}

}  // namespace rushlight::cuda
