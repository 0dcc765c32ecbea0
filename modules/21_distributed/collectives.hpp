// collectives.hpp: what all ranks do together: hand numbers from one to all, and add up what all have.
// Letters: R ranks, n numbers.
#pragma once

#include "03_layers/module.hpp"
#include "21_distributed/world.hpp"

namespace rushlight {

// --- 21.1 (broadcast.cpp) --------------------------------------------------------------------------------------------

// Afterwards every rank has the numbers that `root` had. A tree: whoever has them already hands them to one who has not,
// so that ⌈log₂ R⌉ rounds are enough, and each rank but the root receives once. Source: the binomial tree of MPI_Bcast,
// Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", 2005, section 4.
// IndexError unless root is one of the ranks.
void broadcast(World& world, std::span<Real> numbers, int root = 0);

// Parameters and buffers of every rank become rank 0's; the tensors keep their places in the graph.
void broadcast_module(World& world, Module& module);

// Ranks that were seeded alike would drop the same neurons. Rank 0 keeps its random sources; those of rank r > 0 become
// stream(a, r, k) of module 08, where a is the first word of the source's state and k its place in named_generators().
void separate_generators(Module& module, int rank);

// --- 21.2 (ring.cpp) -------------------------------------------------------------------------------------------------

struct Chunk {
  std::int64_t begin = 0, end = 0;
  std::int64_t size() const { return end - begin; }
  bool operator==(const Chunk&) const = default;
};

// Chunk k of n numbers cut into R pieces that differ by one at most, larger ones first; some are empty when n < R.
// ValueError unless 0 <= k < R and n >= 0.
Chunk chunk_of(std::int64_t numbers, int ranks, int k);

// R - 1 steps; in each, every rank sends one chunk to rank + 1 and adds what it receives from rank - 1 to its own.
// Afterwards rank r holds the sum over all ranks in chunk (r + 1) mod R; its other numbers are of no use.
void reduce_scatter(World& world, std::span<Real> numbers);

// R - 1 steps; every rank begins with chunk (r + 1) mod R and passes on what it received. Afterwards all have all chunks.
void all_gather(World& world, std::span<Real> numbers);

// The sum over all ranks, in place, the same bits everywhere. Each rank sends 2n(R-1)/R numbers, however many ranks
// there are. Source: Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", 2009.
void ring_all_reduce(World& world, std::span<Real> numbers);

// A rank for which the others wait in every sum.
struct Straggler {
  int rank = 0;
  double times_slower = 0;  // than the usual one
};

// Given (parts.cpp). Each rank says how many seconds its own work took, and all hear of those that took more than half as
// long again as usual: as the rank in the middle, and of two in the middle the quicker one.
std::vector<Straggler> stragglers(World& world, double seconds);

}  // namespace rushlight
