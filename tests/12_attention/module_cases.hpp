// module_cases.hpp: the modules of 11 and 12 in the form that support/module_checks.hpp examines.
#pragma once

#include "11_embeddings/embeddings.hpp"
#include "12_attention/attention.hpp"
#include "support/module_checks.hpp"

namespace rushlight::test {

// Around a layer that takes ids or a count instead of a Tensor.
template <class Layer>
struct Wrapped : Module {
  using Forward = std::function<Tensor(Layer&, const Tensor&)>;
  Wrapped(Layer inner_layer, Forward f) : inner(std::move(inner_layer)), run(std::move(f)) {}
  Tensor forward(const Tensor& x) override { return run(inner, x); }
  void members(Members& m) override { m("inner", inner); }
  Layer inner;
  Forward run;
};

inline std::vector<ModuleCase> attention_module_cases() {
  return {
      {"Embedding",
       "Embedding",
       [] {
         Generator g(1);
         return std::make_unique<Wrapped<Embedding>>(Embedding({.count = 4, .width = 3}, g),
                                                     [](Embedding& e, const Tensor& x) {
                                                       return x * e(Indices({2, 2}, {3, 1, 1, 0}).to(x.device()));
                                                     });
       },
       {2, 2, 3},
       {{"inner.weight", {4, 3}}}},
      {"LearnedPositions",
       "LearnedPositions",
       [] {
         Generator g(1);
         return std::make_unique<Wrapped<LearnedPositions>>(
             LearnedPositions({.length = 4, .width = 3}, g),
             [](LearnedPositions& p, const Tensor& x) { return x + p.forward(2, 1); });
       },
       {3, 2, 3},
       {{"inner.weight", {4, 3}}}},
      {"MultiHeadAttention",
       "MultiHeadAttention",
       [] {
         Generator g(1);
         return std::make_unique<MultiHeadAttention>(MultiHeadOptions{.width = 4, .heads = 2, .dropout = 0.3}, g);
       },
       {2, 3, 4},
       {{"q.weight", {4, 4}},
        {"q.bias", {4}},
        {"k.weight", {4, 4}},
        {"k.bias", {4}},
        {"v.weight", {4, 4}},
        {"v.bias", {4}},
        {"out.weight", {4, 4}},
        {"out.bias", {4}}},
       {},
       {"k.bias"}},
  };
}

}  // namespace rushlight::test
