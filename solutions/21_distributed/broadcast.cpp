// broadcast.cpp: from one rank to all.
#include "01_tensor/todo.hpp"
#include "08_dataloader/sampler.hpp"
#include "21_distributed/collectives.hpp"

namespace rushlight {

// 21.1 broadcast  numbers (as many on every rank), root -> root's numbers on every rank, in ⌈log₂ R⌉ rounds
// In the round with step s = 1, 2, 4, ... the s ranks that have the numbers hand them to s others.
// Hint: count ranks from the root, r = (rank - root + R) mod R. In a round, r < s sends to r + s if there is one, and
// s <= r < 2s receives from r - s. The real rank of r is (r + root) mod R.
void broadcast(World& world, std::span<Real> numbers, int root) {
  if (root < 0 || root >= world.size()) {
    throw IndexError("broadcast: root is {}, but ranks are 0 to {}.", {root, world.size() - 1});
  }
  const Doing doing(world, "broadcast");
  // solution 21.1
  const int ranks = world.size();
  const int place = (world.rank() - root + ranks) % ranks;
  for (int step = 1; step < ranks; step *= 2) {
    if (place < step && place + step < ranks) {
      world.send(numbers, (place + step + root) % ranks);
    } else if (place >= step && place < 2 * step) {
      world.receive(numbers, (place - step + root) % ranks);
    }
  }
  // end solution
}

// 21.1 broadcast_module  every parameter and every buffer of every rank takes rank 0's values
// Hint: parameters() and named_buffers() of module 03, in order; mutable_value().mutable_data() is what is sent.
void broadcast_module(World& world, Module& module) {
  const Doing doing(world, "broadcast_module");
  // solution 21.1
  for (Tensor& parameter : module.parameters()) broadcast(world, parameter.mutable_value().mutable_data());
  for (auto& [name, buffer] : module.named_buffers()) broadcast(world, buffer.mutable_value().mutable_data());
  // end solution
}

// 21.1 separate_generators  rank -> on rank r > 0, source k becomes stream(first word of its state, r, k)
// Hint: named_generators() gives names and pointers; state()[0] is the first word.
void separate_generators(Module& module, int rank) {
  if (rank == 0) return;
  std::int64_t place = 0;
  for (auto& [name, source] : module.named_generators()) *source = stream(source->state()[0], rank, place++);
}

}  // namespace rushlight
