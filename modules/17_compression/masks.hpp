// masks.hpp: which weights of a model are pruned, and a model that computes without them. The masks are buffers of the
// model, so they are saved and loaded with it, and the forward pass selects by them, so nothing that any optimizer
// does brings a pruned weight back. As torch.nn.utils.prune, where a mask is the buffer "weight_mask".
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "17_compression/substitution.hpp"

namespace rushlight {

// --- 17.1 masks (masks.cpp) ----------------------------------------------------------------------------------------

// For each of some parameters, an Array of its shape: 1 where the weight stays, 0 where it is pruned.
class Masks : public Module {
 public:
  Masks() = default;

  // Ones, for the parameters of `model` at these paths. Throws ValueError for a path that leads to no parameter, or
  // that leads to one a second time. Given.
  Masks(Module& model, const std::vector<std::string>& paths);

  const std::vector<std::string>& paths() const { return paths_; }

  // One mask. Both throw ValueError that names a path which has none; set() throws ShapeError when the shapes differ
  // and ValueError for a number other than 0 and 1. Given.
  const Array& at(const std::string& path) const;
  void set(const std::string& path, const Array& mask);

  // How many of all weights that have masks are pruned, 0 to 1; 0 when there are no masks.
  double sparsity() const;

  // For each masked parameter of `model`, in the graph: the weight where the mask is 1, 0 where it is 0, and so is the
  // gradient that the weight receives there, whatever arrives. For a Substitution. Throws ValueError for a path that
  // leads to no parameter of `model`.
  Replacements effective(Module& model) const;

  // Writes the zeros into the weights themselves, outside the graph. Everything else keeps its bits.
  void apply(Module& model) const;

  // Each mask is a buffer under the path of its parameter.
  void members(Members& m) override;

 private:
  std::vector<std::string> paths_;
  std::vector<Tensor> masks_;  // masks_[i] belongs to paths_[i]
};

// A model and its masks: "model.fc1.weight", "masks.fc1.weight", ... Call it as you would call the model. Trainers and
// optimizers see an ordinary Module, whose masks are no parameters. Given.
template <class Model>
class Pruned : public Module {
 public:
  Pruned(Model whole, const std::vector<std::string>& paths) : model(std::move(whole)), masks(model, paths) {}

  // Whatever the model takes: a Tensor, token ids, ...
  template <class... Inputs>
  auto operator()(const Inputs&... inputs) {
    const Substitution masked(model, masks.effective(model));
    return model(inputs...);
  }
  Tensor forward(const Tensor& x) override {
    const Substitution masked(model, masks.effective(model));
    return static_cast<Module&>(model)(x);
  }
  void members(Members& m) override {
    m("model", model);
    m("masks", masks);
  }

  Model model;
  Masks masks;
};

}  // namespace rushlight
