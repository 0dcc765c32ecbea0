// gpts.hpp: GPTs under test, and what they read.
#pragma once

#include "plain.hpp"

namespace rushlight::test {

inline GPT make_gpt(GPTOptions options, std::uint64_t seed = 1) {
  Generator g(seed);
  return GPT(options, g);
}

const GPTOptions small_options{.vocabulary = 7, .context = 5, .width = 8, .layers = 2, .heads = 2};

inline Indices some_ids() { return Indices({2, 4}, {3, 0, 6, 3, 1, 5, 2, 4}); }

}  // namespace rushlight::test
