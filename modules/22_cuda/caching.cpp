// caching.cpp: which block may be handed out again, and when.
#include "22_cuda/caching.hpp"

#include <algorithm>

namespace rushlight::cuda {

// 22.9 rounded  bytes -> the next multiple of granule; for 0 bytes one granule
// Hint: (bytes + granule - 1) / granule rounds up.
std::size_t CachingAllocator::rounded(std::size_t bytes) {
  todo("22.9");
}

// 22.9 finished  a free block -> whether all its events have happened. Those that have are destroyed and forgotten.
// Hint: cudaEventQuery does not wait: cudaSuccess, or cudaErrorNotReady. An event that has happened is not asked again.
bool CachingAllocator::finished(Block& block) {
  todo("22.9");
}

// 22.9 fresh  bytes, rounded -> a new block of the device
// Hint: cudaMalloc says cudaSuccess or not. What is cached may be what is missing.
void* CachingAllocator::fresh(std::size_t bytes) {
  todo("22.9");
}

// 22.9 allocate
// Hint: used_.insert(free_.extract(place)) moves an entry from one map into the other.
void* CachingAllocator::allocate(std::size_t bytes, cudaStream_t stream) {
  todo("22.9");
}

// 22.9 used_in
// Hint: entry_of(block) finds the entry. Its own stream needs no event.
void CachingAllocator::used_in(void* block, cudaStream_t stream) {
  todo("22.9");
}

// 22.9 free
// Hint: for each other stream cudaEventCreate and cudaEventRecord: the event happens when what is enqueued there now is done.
void CachingAllocator::free(void* block) {
  todo("22.9");
}

}  // namespace rushlight::cuda
