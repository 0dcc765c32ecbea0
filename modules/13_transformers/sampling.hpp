// sampling.hpp: from logits to text. How to choose the next token, and the loop around it.
// Letters: V vocabulary.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "01_tensor/random.hpp"
#include "13_transformers/transformer.hpp"

namespace rushlight {

// --- 13.8 choosing a token (sampling.cpp) ------------------------------------------------------------------------

struct SamplingOptions {
  double temperature = 1;  // below 1: bolder, above 1: more varied; 0: always the largest logit
  std::int64_t top_k = 0;  // only the k largest logits; 0: all
  double top_p = 1;        // only the fewest most probable tokens that together reach p (Holtzman et al., 2020)
};

// logits (V) -> probabilities (V) that add up to 1. In this order: divide by the temperature, keep the top_k, softmax,
// keep the smallest set of most probable ones whose sum reaches top_p (at least one), scale back to a sum of 1.
// Whatever is left out is exactly 0. Of equal logits the lower id comes first, so top_k keeps exactly k. Temperature 0
// puts everything on the first of the largest. A logit of -inf is never chosen. Throws ShapeError unless logits has
// rank 1 and is not empty; ValueError unless temperature >= 0 and finite, top_k >= 0 and 0 < top_p <= 1; ValueError
// when a logit is NaN or +inf, or all are -inf.
Array sampling_probabilities(const Array& logits, const SamplingOptions& options = {});

// probabilities (V) -> id i with probability p[i]; one uniform() u of the generator: the first id at which the running sum
// exceeds u times the sum of all. Never an id of probability 0.
// Throws ShapeError unless rank 1, ValueError unless the numbers are non-negative and add up to 1 within 1e-3.
std::int32_t sample(const Array& probabilities, Generator& generator);

// --- 13.9 the loop (generate.cpp) --------------------------------------------------------------------------------

// All tokens so far -> logits (V) of the next.
using NextLogits = std::function<Array(const std::vector<std::int32_t>& tokens)>;

struct GenerateOptions {
  std::int64_t tokens = 0;  // at most so many new ones
  SamplingOptions sampling = {};
  std::vector<std::int32_t> stop = {};  // ends after one of these, which is the last token then
};

// prompt -> prompt and new tokens. Draws from the generator once per new token; at temperature 0 not at all. Throws
// ValueError for an empty prompt or negative options.tokens, and with each token what sampling_probabilities throws.
std::vector<std::int32_t> generate(const NextLogits& next, const std::vector<std::int32_t>& prompt,
                                   Generator& generator, const GenerateOptions& options);

// The same with a GPT, which sees the last `context` tokens. In evaluation and without a graph; afterwards every layer
// is in the mode it was in. Throws IndexError that names an id of the prompt outside the vocabulary.
std::vector<std::int32_t> generate(GPT& model, const std::vector<std::int32_t>& prompt, Generator& generator,
                                   const GenerateOptions& options);

// The logits (V) after the last of the tokens; the head is computed for that place only. As it stands: in training
// mode with dropout, and with a graph.
Tensor next_logits(GPT& model, const std::vector<std::int32_t>& tokens);

}  // namespace rushlight
