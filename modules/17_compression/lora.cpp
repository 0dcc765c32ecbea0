// lora.cpp: a large weight that stays, and a small change that learns.
// Letters: O outputs, I inputs, r rank.
#include "17_compression/lora.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"
#include "03_layers/init.hpp"

namespace rushlight {
namespace {

void check_matrix(const std::string& path, const Tensor& weight) {
  if (weight.rank() != 2) {
    throw ShapeError("Adapters: '{}' is {}, but an adapter needs a weight (out, in).", {path, weight.shape()});
  }
}

}  // namespace

// 17.7 Adapters  model, paths -> for each weight (O, I): A (r, I) ~ U(-1/√I, 1/√I), B (O, r) zeros, both leaves that
// want a gradient; then the model is frozen
// Hint: uniform_ of module 03 fills A. If B were random, too, the model would be spoilt before the first step; if both
// were zero, neither would ever get a gradient.
Adapters::Adapters(Module& model, const std::vector<std::string>& paths, LoraOptions options, Generator& generator)
    : options_(options), paths_(paths) {
  options.check();
  const NamedTensors weights = parameters_at("Adapters", model, paths);
  for (const auto& [path, weight] : weights) check_matrix(path, weight);
  todo("17.7");
}

// 17.7 Adapters::effective  -> for the weight at each path: identity() -> W + scale()·B·A
// Hint: B (O, r) times A (r, I), in this order.
Replacements Adapters::effective(Module& model) const {
  todo("17.7");
}

// 17.7 Adapters::merge  W ← W + scale()·B·A, then B ← 0
// Hint: effective() has the values already; set_value. Without the zeros the change would count twice from now on.
void Adapters::merge(Module& model) {
  todo("17.7");
}

// 17.7 Adapters::members  lists A and B of each weight, as parameters "PATH.A" and "PATH.B"
// Hint: what is not listed is neither trained nor saved.
void Adapters::members(Members& m) {
  todo("17.7");
}

}  // namespace rushlight
