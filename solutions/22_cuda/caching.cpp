// caching.cpp: which block may be handed out again, and when.
#include "22_cuda/caching.hpp"

#include <algorithm>

namespace rushlight::cuda {

// 22.9 rounded  bytes -> the next multiple of granule; for 0 bytes one granule
// Hint: (bytes + granule - 1) / granule rounds up.
std::size_t CachingAllocator::rounded(std::size_t bytes) {
  return std::max<std::size_t>((bytes + granule - 1) / granule, 1) * granule;
}

// 22.9 finished  a free block -> whether all its events have happened. Those that have are destroyed and forgotten.
// Hint: cudaEventQuery does not wait: cudaSuccess, or cudaErrorNotReady. An event that has happened is not asked again.
bool CachingAllocator::finished(Block& block) {
  std::erase_if(block.unfinished, [](cudaEvent_t event) {
    if (cudaEventQuery(event) != cudaSuccess) return false;
    cudaEventDestroy(event);
    return true;
  });
  return block.unfinished.empty();
}

// 22.9 fresh  bytes, rounded -> a new block of the device
// Hint: cudaMalloc says cudaSuccess or not. What is cached may be what is missing.
void* CachingAllocator::fresh(std::size_t bytes) {
  void* block = nullptr;
  if (cudaMalloc(&block, bytes) == cudaSuccess) return block;
  release();
  if (cudaMalloc(&block, bytes) == cudaSuccess) return block;
  throw KernelError("out of memory: a block of {} bytes was asked for. Try a smaller batch or model.", {bytes});
}

// 22.9 allocate
// Hint: used_.insert(free_.extract(place)) moves an entry from one map into the other.
void* CachingAllocator::allocate(std::size_t bytes, cudaStream_t stream) {
  const std::size_t size = rounded(bytes);
  for (auto place = free_.begin(); place != free_.end(); ++place) {
    Block& block = place->second;
    if (block.bytes != size || block.stream != stream || !finished(block)) continue;
    void* const found = place->first;
    used_.insert(free_.extract(place));
    return found;
  }
  void* const block = fresh(size);
  used_[block] = {size, stream};
  return block;
}

// 22.9 used_in
// Hint: entry_of(block) finds the entry. Its own stream needs no event.
void CachingAllocator::used_in(void* block, cudaStream_t stream) {
  Block& entry = entry_of(block)->second;
  if (stream != entry.stream) entry.others.insert(stream);
}

// 22.9 free
// Hint: for each other stream cudaEventCreate and cudaEventRecord: the event happens when what is enqueued there now is done.
void CachingAllocator::free(void* block) {
  const auto place = entry_of(block);
  Block& entry = place->second;
  for (const cudaStream_t other : entry.others) {
    cudaEvent_t event = nullptr;
    cudaEventCreate(&event);
    cudaEventRecord(event, other);
    entry.unfinished.push_back(event);
  }
  entry.others.clear();
  free_.insert(used_.extract(place));
}

}  // namespace rushlight::cuda
