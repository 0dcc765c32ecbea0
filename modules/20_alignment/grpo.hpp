// grpo.hpp: reinforcement learning with a reward that a program can check. Several answers to one question are drawn,
// and each is compared with the others (Shao et al., 2024; DeepSeek-AI, 2025).
// Letters: G questions, K answers to each, B = G·K texts, T tokens.
#pragma once

#include <cstdint>

#include "20_alignment/language_model.hpp"

namespace rushlight {

// --- 20.9 answers (rollout.cpp) ----------------------------------------------------------------------------------------

struct Rollout {
  Indices ids;     // (B, P + tokens): the prompts with what was drawn behind them
  Mask mask;       // (B, P + tokens): true where a token was drawn
  Array logprobs;  // (B, P + tokens - 1): token_logprobs of the model that drew; 0 where nothing was drawn. By one more
                   // pass over the whole texts: with dropout, not those that the tokens were drawn with
};

// prompts (B, P): draws `tokens` tokens after each, one place at a time and text by text, from softmax(logits) as it
// stands. No graph; the model is in the mode in which it comes. Throws ShapeError unless prompts are (B, P), P >= 1;
// ValueError when tokens < 1.
Rollout rollout(const LanguageModel& model, const Indices& prompts, std::int64_t tokens, Generator& generator);

// --- 20.9 the loss (grpo.cpp) --------------------------------------------------------------------------------------------

// rewards (G, K), K >= 2 -> (G, K): (reward - mean of its row)/(deviation of its row + 1e-4), the deviation with K - 1 as
// in TRL. A row of equal rewards gives zeros: there is nothing to prefer. Throws ShapeError.
Array group_advantages(const Array& rewards);

struct GrpoOptions {
  double clip = 0.2;     // ε > 0: a ratio beyond [1 - ε, 1 + ε] earns nothing more
  double kl_weight = 0;  // >= 0: of the distance to the reference
};

struct GrpoLoss {
  Tensor loss;               // scalar
  double clip_fraction = 0;  // share of the drawn tokens whose ratio lies outside [1 - ε, 1 + ε]
  double kl = 0;             // the mean estimate of KL(policy || reference); 0 without a reference
};

// logprobs (B, T-1) of the policy, token_logprobs(logits, ids, mask); what was drawn; advantages (B). With
// ratio r = exp(logprob - logprob when drawn) and advantage A of the text, for each drawn token
//   min(r·A, clamp(r, 1-ε, 1+ε)·A) - kl_weight·(e^d - d - 1),   d = reference - logprob
// the mean over the tokens of each text (0 where nothing was drawn), then over all texts, and minus in front. `reference`
// (B, T-1) may be left out if kl_weight is 0. Throws ShapeError that names the argument, ValueError that names the option
// or the reference.
GrpoLoss grpo_loss(const Tensor& logprobs, const Rollout& drawn, const Array& advantages,
                   const GrpoOptions& options = {}, const Array& reference = {});

// --- given (sums.cpp): a question whose answer a program can check -----------------------------------------------------

namespace sums {
inline constexpr std::int32_t plus = 10, equals = 11;  // 0..9 are the digits
inline constexpr std::int64_t vocabulary = 12, prompt_tokens = 4, answer_tokens = 2;

// (count·answers, 4): a + b =, two digits and their signs, each question `answers` times in a row.
Indices prompts(std::int64_t count, std::int64_t answers, Generator& generator);

// ids (B, 6): a + b = and two tokens -> (B): the share of the sum's two digits (07, 16) that is right: 0, 0.5 or 1.
Array rewards(const Indices& ids);
}  // namespace sums

}  // namespace rushlight
