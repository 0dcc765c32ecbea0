// sequential.hpp: layers one after the other. It owns them; their names are "0", "1", "2", ... as in PyTorch.
//
//   Sequential net{Linear({.in = 784, .out = 64}, g), Relu(), Linear({.in = 64, .out = 10}, g)};
//
// Use braces: C++ evaluates what stands in braces from left to right, so the layers draw their numbers in reading
// order. In parentheses the order is the compiler's choice, and with it every initial weight.
#pragma once

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

#include "03_layers/module.hpp"

namespace rushlight {

class Sequential : public Module {
 public:
  Sequential() = default;

  // Moves each layer in. (A lone Sequential in the braces is moved from, not wrapped.)
  template <std::derived_from<Module>... Layers>
  requires(sizeof...(Layers) > 0) explicit Sequential(Layers... layers) {
    (append(std::make_unique<Layers>(std::move(layers))), ...);
  }

  // net.add(Linear(...)).add(Relu())
  template <std::derived_from<Module> Layer>
  Sequential& add(Layer layer) {
    append(std::make_unique<Layer>(std::move(layer)));
    return *this;
  }

  std::int64_t size() const { return static_cast<std::int64_t>(layers_.size()); }

  // --- 03.7 (sequential.cpp) -------------------------------------------------------------------------------------

  void append(std::unique_ptr<Module> layer);  // throws ValueError when it is null
  Module& operator[](std::int64_t index);      // negative counts from the end; throws IndexError
  Tensor forward(const Tensor& x) override;    // x through every layer in turn; x itself when there is none
  void members(Members& m) override;

 private:
  std::vector<std::unique_ptr<Module>> layers_;
};

}  // namespace rushlight
