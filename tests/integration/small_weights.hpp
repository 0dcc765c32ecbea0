// small_weights.hpp: a GPT whose weights are worth making small, and what it answers.
#pragma once

#include "05_autograd/autograd.hpp"
#include "16_quantization/quantization.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

inline GPT small_gpt(std::uint64_t seed, bool tied = true) {
  Generator random(seed);
  GPT gpt({.vocabulary = 9, .context = 6, .width = 32, .layers = 2, .heads = 2, .tied = tied}, random);
  for (auto& [name, parameter] : gpt.named_parameters()) {
    Tensor(parameter).set_value(randn(parameter.shape(), random, 0, 0.3));
  }
  gpt.eval();
  return gpt;
}

inline Array answers(GPT& gpt) {
  const NoGrad no_grad;
  return gpt(Indices({2, 6}, std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 8, 7, 6, 5, 1, 1})).value();
}

}  // namespace rushlight::test
