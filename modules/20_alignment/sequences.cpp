// sequences.cpp: position t of a language model speaks about token t + 1.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "04_losses/losses.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

// 20.2 next_mask  mask (B, T) -> (B, T-1), without the first column
// ShapeError unless rank 2 and T >= 1. Hint: made on the CPU, moved back to where the mask was.
Mask next_mask(const Mask& mask) {
  todo("20.2");
}

// 20.2 token_logprobs  logits (B, T, V), ids (B, T), mask (B, T) -> (B, T-1);  log p(ids[b, t+1]) by logits[b, t]
// 0 and without a gradient where the token does not count. ShapeError by check_logits, check_same_shape and check_mask.
// Hint: module 04's cross_entropy with an ignore_index leaves rows out in value and gradient, even broken ones. Refuse a
// negative id that counts before it can be mistaken for the ignore_index.
Tensor token_logprobs(const Tensor& logits, const Indices& ids, const Mask& mask) {
  todo("20.2");
}

// 20.2 lm_ce_loss  logits (B, T, V), ids (B, T), mask (B, T) -> scalar;  -Σ log p / max(1, tokens that count)
// Hint: the tokens that count are those of next_mask: a mask that is true at the first token only is empty. Build the 0
// of an empty mask so that it is not -0.
Tensor lm_ce_loss(const Tensor& logits, const Indices& ids, const Mask& mask) {
  todo("20.2");
}

// 20.2 sequence_logprobs  logits (B, T, V), ids (B, T), mask (B, T) -> (B);  Σ_t log p over the tokens that count
// Hint: a sum over one axis. Not the mean: a text twice as long is as likely as both halves together.
Tensor sequence_logprobs(const Tensor& logits, const Indices& ids, const Mask& mask) {
  todo("20.2");
}

// 20.2 sequence_lengths  mask (B, T) -> (B): how many tokens of next_mask count in each text
Array sequence_lengths(const Mask& mask) {
  todo("20.2");
}

}  // namespace rushlight
