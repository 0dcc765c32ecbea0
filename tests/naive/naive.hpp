// naive.hpp: what many test suites of such courses look at: the loss falls, and every parameter has a gradient. It is kept
// here to show how much it does not see: `tools/mutants.py --naive` asks it about the mistakes in tests/mutants that lie in
// modules which one of these networks is made of.
#pragma once

#include <string>
#include <vector>

#include "03_layers/module.hpp"
#include "06_optimizers/optimizer.hpp"

namespace rushlight::naive {

struct Seen {
  std::vector<double> losses;                 // one a step
  std::vector<std::string> without_gradient;  // parameters, after the last backward pass
};

// A few dozen steps of a small network, as its module's reader would write them.
Seen train_mlp();
Seen train_cnn();
Seen train_gpt();

// One step that keeps its loss.
void step(Optimizer& optimizer, const Tensor& loss, Seen& seen);

std::vector<std::string> without_gradient(Module& model);

}  // namespace rushlight::naive
