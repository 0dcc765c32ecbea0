// buffer_pool.hpp: memory for blocks, kept for the next one of its size. A training step asks for the same sizes again
// and again. The system's allocator takes a microsecond for an aligned block, and returns large ones to the kernel,
// which hands them back as empty pages at 0.25 µs per KiB: more than most loops need to fill them. Given.
#pragma once

#include <cstddef>
#include <memory>

#include "01_tensor/array.hpp"

namespace rushlight::pool {

inline constexpr std::size_t alignment = 64;                    // bytes: a cache line, and the widest vector
inline constexpr std::size_t most_kept = std::size_t{1} << 30;  // bytes that a thread keeps; the rest is freed

// At least `bytes` bytes, not initialised. Every thread has a pool of its own; a block may be given back in another
// thread than the one it was taken in. Under AddressSanitizer nothing is kept, so that it sees every misuse.
void* take(std::size_t bytes);
void give_back(void* block, std::size_t bytes) noexcept;  // `bytes` as it was asked for

// A Block<T> on the CPU, its reference counts and its numbers in one piece of the pool: in a small network, looking for
// memory twice for every Array is a good part of the step. T is Real, std::int32_t or std::uint8_t.
template <class T>
std::shared_ptr<Block<T>> make_block(std::int64_t count);

}  // namespace rushlight::pool
