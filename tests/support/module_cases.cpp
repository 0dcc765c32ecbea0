// module_cases.cpp: one entry per module type and per way of using it. A new module type needs an entry here.
#include "03_layers/layers.hpp"
#include "support/module_checks.hpp"

namespace rushlight::test {
namespace {

template <class Layer>
std::unique_ptr<Module> owned(Layer layer) {
  return std::make_unique<Layer>(std::move(layer));
}

std::vector<ModuleCase> layers() {
  const auto linear = [](LinearOptions options) {
    return [options] {
      Generator g(1);
      return owned(Linear(options, g));
    };
  };
  // Norms start at weight 1 and bias 0, where a wrong weight in the rule would go unnoticed.
  const auto stirred = [](auto layer) {
    Generator g(2);
    for (Tensor& parameter : layer.parameters()) parameter.set_value(rand(parameter.shape(), g, 0.5, 1.5));
    return owned(std::move(layer));
  };
  return {
      {"Linear", "Linear", linear({.in = 3, .out = 2}), {4, 3}, {{"weight", {2, 3}}, {"bias", {2}}}},
      {"LinearWithoutBias", "Linear", linear({.in = 3, .out = 2, .bias = false}), {4, 3}, {{"weight", {2, 3}}}},
      {"LinearOverLeadingAxes", "Linear", linear({.in = 3, .out = 2}), {2, 2, 3}, {{"weight", {2, 3}}, {"bias", {2}}}},
      {"Dropout",
       "Dropout",
       [] {
         Generator g(3);
         return owned(Dropout({.p = 0.4}, g));
       },
       {4, 5},
       {}},
      {"LayerNorm",
       "LayerNorm",
       [stirred] { return stirred(LayerNorm({.shape = {5}})); },
       {2, 3, 5},
       {{"weight", {5}}, {"bias", {5}}}},
      {"LayerNormOverTwoAxes",
       "LayerNorm",
       [stirred] {
         return stirred(LayerNorm({.shape = {3, 2}}));
       },
       {2, 3, 2},
       {{"weight", {3, 2}}, {"bias", {3, 2}}}},
      {"LayerNormWithoutAffine",
       "LayerNorm",
       [] { return owned(LayerNorm({.shape = {5}, .affine = false})); },
       {3, 5},
       {}},
      {"BatchNorm1d",
       "BatchNorm1d",
       [stirred] { return stirred(BatchNorm1d({.features = 3})); },
       {5, 3},
       {{"weight", {3}}, {"bias", {3}}},
       {"running_mean", "running_var", "num_batches_tracked"}},
      {"BatchNorm1dWithPositions",
       "BatchNorm1d",
       [stirred] { return stirred(BatchNorm1d({.features = 3})); },
       {2, 3, 4},
       {{"weight", {3}}, {"bias", {3}}},
       {"running_mean", "running_var", "num_batches_tracked"}},
      {"BatchNorm1dWithoutAffine",
       "BatchNorm1d",
       [] { return owned(BatchNorm1d({.features = 3, .affine = false})); },
       {5, 3},
       {},
       {"running_mean", "running_var", "num_batches_tracked"}},
      {"Relu", "Relu", [] { return owned(Relu()); }, {3, 4}, {}},
      {"Sigmoid", "Sigmoid", [] { return owned(Sigmoid()); }, {3, 4}, {}},
      {"Tanh", "Tanh", [] { return owned(Tanh()); }, {3, 4}, {}},
      {"Gelu", "Gelu", [] { return owned(Gelu()); }, {3, 4}, {}},
      {"Flatten", "Flatten", [] { return owned(Flatten()); }, {2, 2, 3}, {}},
      {"Sequential",
       "Sequential",
       [] {
         Generator g(4);
         return owned(Sequential{Linear({.in = 3, .out = 4}, g), Tanh(),
                                 Sequential{Linear({.in = 4, .out = 4}, g), Gelu()}, Linear({.in = 4, .out = 2}, g)});
       },
       {5, 3},
       {{"0.weight", {4, 3}},
        {"0.bias", {4}},
        {"2.0.weight", {4, 4}},
        {"2.0.bias", {4}},
        {"3.weight", {2, 4}},
        {"3.bias", {2}}}},
  };
}

}  // namespace

const std::vector<ModuleCase>& module_cases() {
  static const std::vector<ModuleCase> all = layers();
  return all;
}

}  // namespace rushlight::test
