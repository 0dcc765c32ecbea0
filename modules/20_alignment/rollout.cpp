// rollout.cpp: answers, drawn from the model as it is.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"
#include "13_transformers/sampling.hpp"
#include "20_alignment/grpo.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

// 20.9 rollout  model, prompts (B, P), tokens, generator -> ids (B, P + tokens), mask, logprobs (B, P + tokens - 1)
// Each round: the logits of all texts so far, then one token for each text, in order; sampling_probabilities of the
// last row and sample, of module 13. ShapeError unless prompts are (B, P), P >= 1; ValueError when tokens < 1.
// Hint: NoGrad first. The logprobs come from one more forward pass over the whole texts: token_logprobs.
Rollout rollout(const LanguageModel& model, const Indices& prompts, std::int64_t tokens, Generator& generator) {
  todo("20.9");
}

}  // namespace rushlight
