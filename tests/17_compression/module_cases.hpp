// module_cases.hpp: the modules of 17 in the form that support/module_checks.hpp examines.
#pragma once

#include "03_layers/layers.hpp"
#include "17_compression/compression.hpp"
#include "support/module_checks.hpp"

namespace rushlight::test {

// Some zeros in a mask of ones.
inline Array mask_with_holes(const Shape& shape, const std::vector<std::int64_t>& holes) {
  Array mask = ones(shape);
  for (const std::int64_t place : holes) mask.mutable_data()[place] = 0;
  return mask;
}

template <class Model>
std::unique_ptr<Module> pruned_case(Model model, const std::string& path, const Array& mask) {
  auto module = std::make_unique<Pruned<Model>>(std::move(model), std::vector<std::string>{path});
  module->masks.set(path, mask);
  return module;
}

// B is no longer zero, and the model is thawed again: the checks expect a gradient of every parameter.
template <class Model>
std::unique_ptr<Module> adapted_case(Model model, const std::vector<std::string>& paths) {
  Generator g(2);
  auto module = std::make_unique<Adapted<Model>>(std::move(model), paths, LoraOptions{.rank = 2, .alpha = 3}, g);
  for (Tensor& parameter : module->model.parameters()) parameter.requires_grad_();
  std::uint64_t seed = 3;
  for (auto& [path, parameter] : module->named_parameters()) {
    Tensor handle = parameter;
    if (path.ends_with(".B")) handle.set_value(randn(handle.shape(), seed++));
  }
  return module;
}

inline Sequential two_layers() {
  Generator g(1);
  return Sequential{Linear({.in = 5, .out = 6}, g), Tanh(), Linear({.in = 6, .out = 3}, g)};
}

inline Linear linear_case() {
  Generator g(4);
  return Linear({.in = 4, .out = 3}, g);
}

inline std::vector<ModuleCase> compression_module_cases() {
  return {
      {"Pruned",
       "Pruned",
       [] {
         return pruned_case(two_layers(), "0.weight", mask_with_holes({6, 5}, {0, 7, 8, 21}));
       },
       {2, 3, 5},
       {{"model.0.weight", {6, 5}}, {"model.0.bias", {6}}, {"model.2.weight", {3, 6}}, {"model.2.bias", {3}}},
       {"masks.0.weight"}},
      {"Masks",
       "Masks",
       [] {
         return pruned_case(linear_case(), "weight", mask_with_holes({3, 4}, {1, 11}));
       },
       {2, 4},
       {{"model.weight", {3, 4}}, {"model.bias", {3}}},
       {"masks.weight"}},
      {"Adapted",
       "Adapted",
       [] { return adapted_case(two_layers(), {"2.weight"}); },
       {2, 3, 5},
       {{"model.0.weight", {6, 5}},
        {"model.0.bias", {6}},
        {"model.2.weight", {3, 6}},
        {"model.2.bias", {3}},
        {"adapters.2.weight.A", {2, 6}},
        {"adapters.2.weight.B", {3, 2}}}},
      {"Adapters",
       "Adapters",
       [] { return adapted_case(linear_case(), {"weight"}); },
       {2, 4},
       {{"model.weight", {3, 4}}, {"model.bias", {3}}, {"adapters.weight.A", {2, 4}}, {"adapters.weight.B", {3, 2}}}},
  };
}

}  // namespace rushlight::test
