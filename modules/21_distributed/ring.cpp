// ring.cpp: the sum over all ranks, round a ring.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "21_distributed/collectives.hpp"

namespace rushlight {

// 21.2 chunk_of  n numbers, R ranks, k -> the k-th of R pieces: the first n mod R have one number more
// Hint: chunk k begins at k·(n / R) + min(k, n mod R).
Chunk chunk_of(std::int64_t numbers, int ranks, int k) {
  if (numbers < 0 || k < 0 || k >= ranks) {
    throw ValueError("chunk_of: chunk {} of {} numbers in {} pieces.", {k, numbers, ranks});
  }
  todo("21.2");
}

// 21.2 reduce_scatter  numbers (n) -> in chunk (rank + 1) mod R, the sum over all ranks
// In step s = 0 .. R-2 a rank sends chunk (rank - s) mod R to the right, receives chunk (rank - s - 1) mod R from the
// left, and adds that to its own.
// Hint: all ranks send at the same time: start_send, receive into a vector, and only then wait() for what was sent.
void reduce_scatter(World& world, std::span<Real> numbers) {
  const Doing doing(world, "reduce_scatter");
  todo("21.2");
}

// 21.2 all_gather  chunk (rank + 1) mod R is right on each rank -> all chunks are right on all
// In step s a rank sends chunk (rank + 1 - s) mod R to the right and receives chunk (rank - s) mod R from the left.
// Hint: as reduce_scatter, one chunk further, and what arrives replaces what was there.
void all_gather(World& world, std::span<Real> numbers) {
  const Doing doing(world, "all_gather");
  todo("21.2");
}

// 21.2 ring_all_reduce  numbers (n) -> their sums over all ranks, the same bits on every rank
// Hint: you have both halves.
void ring_all_reduce(World& world, std::span<Real> numbers) {
  const Doing doing(world, "ring_all_reduce");
  todo("21.2");
}

}  // namespace rushlight
