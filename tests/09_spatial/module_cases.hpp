// module_cases.hpp: the modules of 09 in the form that support/module_checks.hpp examines: one entry per type and per
// way of using it.
#pragma once

#include "09_spatial/spatial.hpp"
#include "support/module_checks.hpp"

namespace rushlight::test {

inline std::vector<ModuleCase> spatial_module_cases() {
  const auto conv = [](Conv2dOptions options) {
    return [options]() -> std::unique_ptr<Module> {
      Generator g(5);
      return std::make_unique<Conv2d>(options, g);
    };
  };
  const auto block = [](ResidualBlockOptions options) {
    return [options]() -> std::unique_ptr<Module> {
      Generator g(16);
      auto made = std::make_unique<ResidualBlock>(options, g);
      for (auto& [name, tensor] : made->named_parameters()) {  // norms away from 1 and 0, where mistakes hide
        if (tensor.rank() == 1) tensor.set_value(rand(tensor.shape(), g, 0.5, 1.5));
      }
      return made;
    };
  };
  const auto norm = [](BatchNormOptions options) {
    return [options]() -> std::unique_ptr<Module> {
      Generator g(2);
      auto made = std::make_unique<BatchNorm2d>(options);
      for (Tensor& parameter : made->parameters()) parameter.set_value(rand(parameter.shape(), g, 0.5, 1.5));
      return made;
    };
  };
  const auto buffers = [](std::vector<std::string> norms) {
    std::vector<std::string> all;
    for (const std::string& prefix : norms) {
      for (const char* name : {"running_mean", "running_var", "num_batches_tracked"}) all.push_back(prefix + name);
    }
    return all;
  };
  return {
      {"Conv2d",
       "Conv2d",
       conv({.in = 2, .out = 3, .kernel = {3, 2}, .stride = {2, 1}, .padding = 1}),
       {2, 2, 5, 4},
       {{"weight", {3, 2, 3, 2}}, {"bias", {3}}}},
      {"Conv2dInGroupsWithoutBias",
       "Conv2d",
       conv({.in = 4, .out = 2, .kernel = 2, .dilation = 2, .groups = 2, .bias = false}),
       {1, 4, 4, 4},
       {{"weight", {2, 2, 2, 2}}}},
      {"MaxPool2d", "MaxPool2d", [] { return std::make_unique<MaxPool2d>(); }, {2, 2, 4, 5}, {}},
      {"MaxPool2dOverlapping",
       "MaxPool2d",
       [] { return std::make_unique<MaxPool2d>(MaxPoolOptions{.kernel = 3, .stride = 1, .padding = 1}); },
       {1, 2, 4, 4},
       {}},
      {"AvgPool2d",
       "AvgPool2d",
       [] { return std::make_unique<AvgPool2d>(AvgPoolOptions{.kernel = 3, .stride = 2, .padding = 1}); },
       {2, 2, 4, 5},
       {}},
      {"AdaptiveAvgPool2d",
       "AdaptiveAvgPool2d",
       [] {
         return std::make_unique<AdaptiveAvgPool2d>(Pair{2, 3});
       },
       {2, 2, 5, 4},
       {}},
      {"BatchNorm2d",
       "BatchNorm2d",
       norm({.features = 2}),
       {3, 2, 2, 3},
       {{"weight", {2}}, {"bias", {2}}},
       buffers({""})},
      {"BatchNorm2dWithoutAffine",
       "BatchNorm2d",
       norm({.features = 2, .affine = false}),
       {2, 2, 2, 2},
       {},
       buffers({""})},
      {"ResidualBlock",
       "ResidualBlock",
       block({.in = 2, .out = 2}),
       {2, 2, 3, 3},
       {{"conv1.weight", {2, 2, 3, 3}},
        {"bn1.weight", {2}},
        {"bn1.bias", {2}},
        {"conv2.weight", {2, 2, 3, 3}},
        {"bn2.weight", {2}},
        {"bn2.bias", {2}}},
       buffers({"bn1.", "bn2."})},
      {"ResidualBlockProjecting",
       "ResidualBlock",
       block({.in = 2, .out = 3, .stride = 2}),
       {2, 2, 4, 4},
       {{"conv1.weight", {3, 2, 3, 3}},
        {"bn1.weight", {3}},
        {"bn1.bias", {3}},
        {"conv2.weight", {3, 3, 3, 3}},
        {"bn2.weight", {3}},
        {"bn2.bias", {3}},
        {"downsample.0.weight", {3, 2, 1, 1}},
        {"downsample.1.weight", {3}},
        {"downsample.1.bias", {3}}},
       buffers({"bn1.", "bn2.", "downsample.1."})},
  };
}

// A frozen parameter is a parameter still: what is listed does not depend on who asks for a gradient, nor on the mode.
inline void expect_names_stay(const ModuleCase& module_case) {
  const std::unique_ptr<Module> module = module_case.make();
  const auto names = [&] {
    std::vector<std::string> all;
    for (const auto& [name, tensor] : module->named_parameters()) all.push_back(name);
    for (const auto& [name, tensor] : module->named_buffers()) all.push_back(name);
    return all;
  };
  const std::vector<std::string> before = names();
  for (Tensor& parameter : module->parameters()) {
    parameter.requires_grad_(false);
    EXPECT_EQ(names(), before) << module_case.name;
  }
  module->eval();
  (*module)(randn(module_case.input, 3));
  EXPECT_EQ(names(), before) << module_case.name << " after a pass in evaluation";
}

inline const ModuleCase& spatial_module_case(const std::string& name) {
  static const std::vector<ModuleCase> cases = spatial_module_cases();
  for (const ModuleCase& each : cases) {
    if (each.name == name) return each;
  }
  throw ValueError("there is no module case " + name);
}

}  // namespace rushlight::test
