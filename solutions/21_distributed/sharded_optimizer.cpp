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
  // solution 21.7
  std::vector<std::size_t> places(sizes.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
  std::vector<std::int64_t> load(static_cast<std::size_t>(ranks));
  std::vector<int> owners(sizes.size());
  for (const std::size_t place : places) {
    const auto least = std::min_element(load.begin(), load.end());
    *least += sizes[place];
    owners[place] = static_cast<int>(least - load.begin());
  }
  return owners;
  // end solution
}

// 21.7 ShardedOptimizer  all parameters, make -> owners_, and mine_ made of this rank's parameters, if it has any
// Hint: keep the order of the parameters.
ShardedOptimizer::ShardedOptimizer(World& world, const Tensors& parameters, const Make& make)
    : world_(world), parameters_(parameters) {
  if (parameters.empty()) throw ValueError("ShardedOptimizer: there are no parameters.");
  // solution 21.7
  std::vector<std::int64_t> sizes;
  for (const Tensor& parameter : parameters) sizes.push_back(parameter.size());
  owners_ = owners_of(sizes, world.size());
  Tensors mine;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (owners_[i] == world.rank()) mine.push_back(parameters[i]);
  }
  if (!mine.empty()) mine_ = make(mine);
  // end solution
}

// 21.7 ShardedOptimizer::step  own parameters stepped, then all of them from their owners
// Hint: every rank takes part in every broadcast, the owner as its root.
void ShardedOptimizer::step() {
  const Doing doing(world_, "ShardedOptimizer::step");
  // solution 21.7
  if (mine_ != nullptr) mine_->step();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    broadcast(world_, parameters_[i].mutable_value().mutable_data(), owners_[i]);
  }
  // end solution
}

}  // namespace rushlight
