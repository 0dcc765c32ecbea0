// module_cases.hpp: the module of 20 in the form that support/module_checks.hpp examines.
#pragma once

#include "13_transformers/module_cases.hpp"
#include "20_alignment/language_model.hpp"

namespace rushlight::test {

inline std::vector<ModuleCase> alignment_module_cases() {
  return {{"TinyLM",
           "TinyLM",
           [] {
             Generator g(5);
             return std::make_unique<Wrapped<TinyLM>>(
                 loud(TinyLM({.vocabulary = 5, .hidden = 3}, g)), [](TinyLM& model, const Tensor& x) {
                   return x * model(Indices({2, 3}, {3, 1, 1, 0, 2, 4}).to(x.device())).logits;
                 });
           },
           {2, 3, 5},
           prefixed("inner.", {{"embed.weight", {5, 3}},
                               {"fc.weight", {3, 3}},
                               {"fc.bias", {3}},
                               {"head.weight", {5, 3}},
                               {"head.bias", {5}}})}};
}

}  // namespace rushlight::test
