// lora.hpp: fine-tuning a large weight by learning a small one beside it. The change of a weight W (O, I) is written as
// (alpha/r)·B·A with A (r, I) and B (O, r); W itself never moves (Hu and others, "LoRA", 2021).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "17_compression/substitution.hpp"

namespace rushlight {

// --- 17.7 adapters (lora.cpp) --------------------------------------------------------------------------------------

struct LoraOptions {
  std::int64_t rank = 8;  // r, at least 1
  double alpha = 16;      // the change is scaled by alpha/r, so that another rank needs no other learning rate

  double scale() const { return alpha / static_cast<double>(rank); }
  void check() const;  // ValueError unless rank >= 1 and alpha is finite. Given (lora_parts.cpp).
};

// For each of some weights (O, I), A (r, I) and B (O, r): the parameters "PATH.A" and "PATH.B".
class Adapters : public Module {
 public:
  Adapters() = default;

  // A from U(-1/√I, 1/√I), in the order of the paths, B zero: at first the model is what it was. Freezes the model:
  // none of its parameters wants a gradient any more. Throws ValueError for a path that leads to no parameter,
  // ShapeError for one that is no matrix, ValueError unless rank >= 1 and alpha is finite.
  Adapters(Module& model, const std::vector<std::string>& paths, LoraOptions options, Generator& generator);

  // W + (alpha/r)·B·A for each of the weights, in the graph of A and B. For a Substitution.
  Replacements effective(Module& model) const;

  // Writes W + (alpha/r)·B·A into the weights and zeros into every B: what the adapted model computes stays, the model
  // alone now computes it, too, and the adapters could learn something further.
  void merge(Module& model);

  void members(Members& m) override;

  const std::vector<std::string>& paths() const { return paths_; }
  double scale() const { return options_.scale(); }

 private:
  LoraOptions options_;
  std::vector<std::string> paths_;
  std::vector<Tensor> a_, b_;  // a_[i] and b_[i] belong to paths_[i]
};

// No parameter of `model` wants a gradient any more; what it has of them is dropped. Given (lora_parts.cpp).
void freeze(Module& model);

// A frozen model and its adapters: "model.fc1.weight", "adapters.fc1.weight.A", ... Call it as you would call the
// model. An optimizer may be given all parameters: those without a gradient it leaves alone, weight decay included.
// Given.
template <class Model>
class Adapted : public Module {
 public:
  Adapted(Model whole, const std::vector<std::string>& paths, LoraOptions options, Generator& generator)
      : model(std::move(whole)), adapters(model, paths, options, generator) {}

  template <class... Inputs>
  auto operator()(const Inputs&... inputs) {
    const Substitution adapted(model, adapters.effective(model));
    return model(inputs...);
  }
  Tensor forward(const Tensor& x) override {
    const Substitution adapted(model, adapters.effective(model));
    return static_cast<Module&>(model)(x);
  }
  void members(Members& m) override {
    m("model", model);
    m("adapters", adapters);
  }

  Model model;
  Adapters adapters;
};

}  // namespace rushlight
