// sharded_optimizer.hpp: AdamW remembers two numbers for each parameter, and with data parallelism every rank remembers the
// same ones. Here each rank keeps those of its own parameters alone: stage 1 of ZeRO.
// As torch.distributed.optim.ZeroRedundancyOptimizer. Source: Rajbhandari and others, "ZeRO: memory optimizations toward
// training trillion parameter models", 2020, section 5.1.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "06_optimizers/optimizer.hpp"
#include "21_distributed/world.hpp"

namespace rushlight {

// --- 21.7 (sharded_optimizer.cpp) ------------------------------------------------------------------------------------

// Which rank steps which parameter: from the largest to the smallest (among equals the first comes first), each goes to
// the rank that has the fewest numbers so far (among equals the lowest). ValueError when ranks is below 1.
std::vector<int> owners_of(const std::vector<std::int64_t>& sizes, int ranks);

class ShardedOptimizer {
 public:
  // Makes the optimizer of one rank's parameters.
  using Make = std::function<std::unique_ptr<Optimizer>(const Tensors& parameters)>;

  // All parameters, in the same order on every rank. A rank that owns none has no optimizer. ValueError for none at all.
  ShardedOptimizer(World& world, const Tensors& parameters, const Make& make);

  // This rank's optimizer steps its own parameters; then every parameter's value comes from its owner (broadcast of
  // 21.1). Gradients must be the same on all ranks, as after DataParallel::backward.
  void step();

  // given (parts.cpp)
  void set_lr(double lr);
  void zero_grad();  // of all parameters
  const std::vector<int>& owners() const { return owners_; }
  std::int64_t state_numbers() const;  // that this rank remembers

 private:
  World& world_;
  Tensors parameters_;
  std::vector<int> owners_;
  std::unique_ptr<Optimizer> mine_;
};

}  // namespace rushlight
