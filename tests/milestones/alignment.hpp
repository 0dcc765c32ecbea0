// alignment.hpp: what tests of the milestone of 2025 share.
#pragma once

#include <cstdint>
#include <vector>

#include "13_transformers/transformer.hpp"
#include "support/rush_test.hpp"

namespace rushlight::alignment {

// One block, a context of 8, and weights that make its answers far from uniform.
GPT small_gpt(std::uint64_t seed, std::int64_t vocabulary = 5, double dropout = 0);

// Of each character, in double, from the logits alone.
std::vector<std::vector<double>> probabilities(GPT& model, const Indices& ids);

}  // namespace rushlight::alignment
