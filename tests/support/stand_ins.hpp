// stand_ins.hpp: whether a layer is called with (), so that another may stand in for it (Module::replace_with).
#pragma once

#include <functional>
#include <memory>

#include "03_layers/module.hpp"

namespace rushlight::test {

// Answers what the layer itself would, and counts.
class StandIn : public Module {
 public:
  explicit StandIn(Module& layer) : layer_(layer) {}
  Tensor forward(const Tensor& x) override {
    ++calls;
    return layer_.forward(x);
  }
  void members(Members&) override {}
  int calls = 0;

 private:
  Module& layer_;
};

// How often run() asks what stands in for the layer.
inline int calls_of_stand_in(Module& layer, const std::function<void()>& run) {
  const auto stand_in = std::make_shared<StandIn>(layer);
  layer.replace_with(stand_in);
  run();
  layer.replace_with(nullptr);
  return stand_in->calls;
}

}  // namespace rushlight::test
