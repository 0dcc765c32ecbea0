// ours.hpp: what the networks written with Rushlight have in common. They are written as a user would write them.
#pragma once

#include <memory>
#include <string>

#include "03_layers/module.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/optimizer.hpp"
#include "18_acceleration/acceleration.hpp"
#include "decoding.hpp"
#include "networks.hpp"
#include "ops.hpp"
#include "serve.hpp"

namespace benchmarks {

inline rushlight::Array array(const std::string& name, const rushlight::Shape& shape) {
  return {shape, uniform(name, shape.numel(), 1)};
}

inline rushlight::Indices indices(const std::string& name, const rushlight::Shape& shape, std::int64_t limit) {
  const std::vector<std::int64_t> values = integers(name, shape.numel(), limit);
  return rushlight::Indices(shape, std::vector<std::int32_t>(values.begin(), values.end()));
}

inline void set_initial(rushlight::Module& module) {
  for (auto& [name, parameter] : module.named_parameters()) {
    const std::vector<std::int64_t> shape(parameter.shape().begin(), parameter.shape().end());
    parameter.set_value(rushlight::Array(parameter.shape(), initial(name, shape)));
  }
}

inline std::vector<std::string> use_kernels(const std::vector<std::string>& ops) {
  const auto wanted = ops == std::vector<std::string>{"all"} ? rushlight::accelerated_ops() : ops;
  rushlight::accelerate(wanted);
  return wanted;
}

class Ours : public Network {
 public:
  std::vector<Named> gradients() override {
    std::vector<Named> list;
    for (const auto& [name, parameter] : module().named_parameters()) {
      const auto values = parameter.grad().data();
      list.push_back({name, {values.begin(), values.end()}});
    }
    return list;
  }

  std::vector<std::string> accelerate(const std::vector<std::string>& ops) override { return use_kernels(ops); }

 protected:
  virtual rushlight::Module& module() = 0;
};

std::unique_ptr<Network> make_gpt(const GptSizes& net);            // ours_gpt.cpp
std::unique_ptr<Network> make_op(const Op& op);                    // ours_ops.cpp
std::unique_ptr<Network> make_decoding(const Decoding& decoding);  // ours_decoding.cpp

}  // namespace benchmarks
