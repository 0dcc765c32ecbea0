// substitution.hpp: a layer that computes with another weight than the one it owns. What it owns stays the leaf that an
// optimizer steps and a checkpoint saves; what it computes with is the result of ops on it, so the gradient finds its
// way back. As torch.nn.utils.parametrize. Given.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "03_layers/module.hpp"

namespace rushlight {

// What to compute with, by the identity() of the parameter whose place it takes.
using Replacements = std::map<const void*, Tensor>;

// While it lives, every member of `model` that is one of these parameters is the replacement instead; a parameter that
// two layers share is replaced in both. Afterwards everything is as it was, also when an exception ends the scope. What
// was computed meanwhile keeps its graph. Scopes nest. Throws ShapeError when a replacement has another shape, and
// ValueError when the layer has a stand-in (Module::replace_with): that one answers with a weight of its own, and the
// replacement would be ignored. The model must stay where it is meanwhile.
class Substitution {
 public:
  Substitution(Module& model, const Replacements& replacements);
  ~Substitution();
  Substitution(const Substitution&) = delete;
  Substitution& operator=(const Substitution&) = delete;

 private:
  std::vector<std::pair<Tensor*, Tensor>> before_;
};

// The parameters of `model` at these paths, in the order of `paths`; a shared parameter is found under each of its
// paths. Throws ValueError that begins with `who` for a path that leads to no parameter, or to one that an earlier path
// led to.
NamedTensors parameters_at(const char* who, Module& model, const std::vector<std::string>& paths);

// The paths of all parameters with at least two axes: weights, not biases and not what a norm scales with. A shared
// parameter is there once.
std::vector<std::string> weight_paths(Module& model);

}  // namespace rushlight
