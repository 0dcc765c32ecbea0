// module_cases.hpp: the modules of 17 in the form that support/module_checks.hpp examines.
#pragma once

#include "helpers.hpp"
#include "support/module_checks.hpp"

namespace rushlight::test {

// The second is frozen but for its adapters: for checks that do not expect a gradient of every parameter.
inline std::vector<ModuleCase> compression_module_cases() {
  std::vector<std::pair<std::string, Shape>> of_model{
      {"model.0.weight", {6, 5}}, {"model.0.bias", {6}}, {"model.2.weight", {3, 6}}, {"model.2.bias", {3}}};
  ModuleCase pruned{"Pruned",
                    "Pruned",
                    [] {
                      auto module =
                          std::make_unique<Pruned<Sequential>>(small_net(1), std::vector<std::string>{"0.weight"});
                      Array mask = ones({6, 5});
                      for (const std::int64_t place : {0, 7, 8, 21}) mask.mutable_data()[place] = 0;
                      module->masks.set("0.weight", mask);
                      return module;
                    },
                    {2, 3, 5},
                    of_model,
                    {"masks.0.weight"}};
  ModuleCase adapted{"Adapted",
                     "Adapted",
                     [] {
                       Generator g(2);
                       auto module = std::make_unique<Adapted<Sequential>>(
                           small_net(1), std::vector<std::string>{"0.weight", "2.weight"},
                           LoraOptions{.rank = 2, .alpha = 3}, g);
                       for (auto& [path, parameter] : module->named_parameters()) {
                         Tensor handle = parameter;
                         if (path.ends_with(".B")) handle.set_value(randn(handle.shape(), 3));
                       }
                       return module;
                     },
                     {2, 3, 5},
                     of_model};
  return {pruned, adapted};
}

}  // namespace rushlight::test
