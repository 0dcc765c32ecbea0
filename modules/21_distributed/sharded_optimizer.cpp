// sharded_optimizer.cpp: each rank steps its own parameters and hands them to the others.
#include "21_distributed/sharded_optimizer.hpp"

#include <algorithm>
#include <numeric>

#include "01_tensor/todo.hpp"
#include "21_distributed/collectives.hpp"

namespace rushlight {

// 21.7 owners_of  sizes (P), R -> the rank of each parameter: largest first, each to whoever has the fewest numbers
// Hint: std::stable_sort of the places by size; std::min_element finds the first of the lowest.
std::vector<int> owners_of(const std::vector<std::int64_t>& sizes, int ranks) {
  if (ranks < 1) throw ValueError("owners_of: {} ranks; needs 1 or more.", {ranks});
  todo("21.7");
}

// 21.7 ShardedOptimizer  all parameters, make -> owners_, and mine_ made of this rank's parameters, if it has any
// Hint: keep the order of the parameters.
ShardedOptimizer::ShardedOptimizer(World& world, const Tensors& parameters, const Make& make)
    : world_(world), parameters_(parameters) {
  if (parameters.empty()) throw ValueError("ShardedOptimizer: there are no parameters.");
  todo("21.7");
}

// 21.7 ShardedOptimizer::step  own parameters stepped, then all of them from their owners
// Hint: every rank takes part in every broadcast, the owner as its root.
void ShardedOptimizer::step() {
  const Doing doing(world_, "ShardedOptimizer::step");
  todo("21.7");
}

}  // namespace rushlight
