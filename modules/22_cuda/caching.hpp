// caching.hpp: device memory out of blocks that were used before. cudaFree waits until the whole device stands still, and
// cudaMalloc takes longer than a small kernel; but each step of a training asks for the sizes that the step before asked for.
// Given; what it does is caching.cpp.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <vector>

#include "22_cuda/device_code.hpp"

namespace rushlight::cuda {

// A block belongs to the stream that it was allocated for. Work in that stream runs in order, so a block that the host has
// freed can be handed out there at once: whoever uses it next comes after whoever used it last. For one thread.
class CachingAllocator {
 public:
  static constexpr std::size_t granule = 512;  // sizes are multiples of it, so that more blocks fit

  CachingAllocator() = default;
  ~CachingAllocator() {  // its blocks go with it, also those in use
    free_.merge(used_);
    release();
  }
  CachingAllocator(const CachingAllocator&) = delete;
  CachingAllocator& operator=(const CachingAllocator&) = delete;

  // At least `bytes`, for work that is enqueued in `stream` from now on. A free block of that stream and of the same
  // rounded size, if there is one that nobody uses; else a new one. If the device has no more memory, free blocks are
  // given back and it is tried once more; then KernelError, "out of memory".
  void* allocate(std::size_t bytes, cudaStream_t stream);

  // `block` is in use, and work that was enqueued in `stream`, which is not its own, uses it, too.
  void used_in(void* block, cudaStream_t stream);

  // The host is done with `block`; what is enqueued may not be. It is handed out again as soon as the streams of used_in()
  // have done what was enqueued in them before now. KernelError, "not in use", for a block that is freed twice or that
  // comes from elsewhere.
  void free(void* block);

  // Gives all free blocks back to the device. KernelError while the current stream is being captured: nothing can be given
  // back then, and nothing be had. Given.
  void release() {
    check_not_capturing();
    for (auto& [block, entry] : free_) {
      cudaFree(block);  // waits for all streams first
      for (const cudaEvent_t event : entry.unfinished) cudaEventDestroy(event);
    }
    free_.clear();
  }

  std::size_t in_use() const { return used_.size(); }  // blocks
  std::size_t cached() const { return free_.size(); }

 private:
  struct Block {
    std::size_t bytes = 0;
    cudaStream_t stream = nullptr;
    std::set<cudaStream_t> others = {};        // of used_in(), until it is freed
    std::vector<cudaEvent_t> unfinished = {};  // recorded in the others when it was freed
  };

  static std::size_t rounded(std::size_t bytes);
  static bool finished(Block& block);
  void* fresh(std::size_t bytes);

  static void check_not_capturing() {
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    cudaStreamIsCapturing(current_stream(), &status);
    if (status == cudaStreamCaptureStatusNone) return;
    throw KernelError(
        "a capture asks for memory that the cache does not have, and nothing can be allocated now. Let the work run "
        "twice before it is captured.",
        {});
  }

  // The entry in used_, or KernelError. Given.
  std::map<void*, Block>::iterator entry_of(void* block) {
    const auto found = used_.find(block);
    if (found != used_.end()) return found;
    throw KernelError("the block is not in use: it was freed before, or allocated by somebody else.", {});
  }

  std::map<void*, Block> used_, free_;
};

}  // namespace rushlight::cuda
