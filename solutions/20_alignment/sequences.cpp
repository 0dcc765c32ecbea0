// sequences.cpp: position t of a language model speaks about token t + 1.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "04_losses/losses.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {
namespace {  // solution

constexpr std::int32_t left_out = -1;

// (B, T) -> (B, T-1): the ids one place on, with left_out where a token does not count.
Indices next_tokens(const char* op, const Indices& ids, const Mask& mask) {
  const Indices here = ids.to(Device::cpu);
  const Mask counts = mask.defined() ? mask.to(Device::cpu) : mask;
  const std::int64_t batch = ids.shape()[0], tokens = ids.shape()[1];
  Indices next(Shape{batch, tokens - 1});
  const auto to = next.mutable_data();
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t t = 1; t < tokens; ++t) {
      const auto from = static_cast<std::size_t>(b * tokens + t);
      const bool is_wanted = !counts.defined() || counts.data()[from] != 0;
      const std::int32_t id = here.data()[from];
      if (is_wanted && id < 0) throw IndexError("{}: id {} at token {} of text {} is negative.", {op, id, t, b});
      to[static_cast<std::size_t>(b * (tokens - 1) + t - 1)] = is_wanted ? id : left_out;
    }
  }
  return next;
}

// -log p of each next token, (B, T-1); 0 where it does not count.
Tensor token_losses(const char* op, const Tensor& logits, const Indices& ids, const Mask& mask) {
  check_logits(op, "logits", logits.shape());
  const Shape tokens{logits.dim(0), logits.dim(1)};
  check_same_shape(op, "ids", ids.shape(), tokens);
  check_mask(op, "mask", tokens, mask);
  const Indices labels = next_tokens(op, ids, mask).to(logits.device());
  const Tensor speaking = slice(logits, 1, {.stop = -1});
  return cross_entropy(speaking, labels, {.ignore_index = left_out, .reduction = Reduction::none});
}

}  // namespace

// 20.2 next_mask  mask (B, T) -> (B, T-1), without the first column
// ShapeError unless rank 2 and T >= 1. Hint: made on the CPU, moved back to where the mask was.
Mask next_mask(const Mask& mask) {
  const Shape& shape = mask.shape();
  if (shape.rank() != 2 || shape[1] < 1) throw ShapeError("next_mask: the mask is {}: needs (B, T), T >= 1.", {shape});
  const Mask here = mask.to(Device::cpu);
  const std::int64_t batch = shape[0], tokens = shape[1];
  Mask next(Shape{batch, tokens - 1});
  for (std::int64_t b = 0; b < batch; ++b) {
    const auto row =
        here.data().subspan(static_cast<std::size_t>(b * tokens + 1), static_cast<std::size_t>(tokens - 1));
    std::ranges::copy(row, next.mutable_data().begin() + b * (tokens - 1));
  }
  return next.to(mask.device());
}

// 20.2 token_logprobs  logits (B, T, V), ids (B, T), mask (B, T) -> (B, T-1);  log p(ids[b, t+1]) by logits[b, t]
// 0 and without a gradient where the token does not count. ShapeError by check_logits, check_same_shape and check_mask.
// Hint: module 04's cross_entropy with an ignore_index leaves rows out in value and gradient, even broken ones. Refuse a
// negative id that counts before it can be mistaken for the ignore_index.
Tensor token_logprobs(const Tensor& logits, const Indices& ids, const Mask& mask) {
  return -token_losses("token_logprobs", logits, ids, mask);
}

// 20.2 lm_ce_loss  logits (B, T, V), ids (B, T), mask (B, T) -> scalar;  -Σ log p / max(1, tokens that count)
// Hint: the tokens that count are those of next_mask: a mask that is true at the first token only is empty. Build the 0
// of an empty mask so that it is not -0.
Tensor lm_ce_loss(const Tensor& logits, const Indices& ids, const Mask& mask) {
  const Tensor losses = token_losses("lm_ce_loss", logits, ids, mask);
  const std::int64_t count = mask.defined() ? count_true(next_mask(mask)) : losses.size();
  return reduce_loss(losses, Reduction::mean, std::max<std::int64_t>(count, 1));
}

// 20.2 sequence_logprobs  logits (B, T, V), ids (B, T), mask (B, T) -> (B);  Σ_t log p over the tokens that count
// Hint: a sum over one axis. Not the mean: a text twice as long is as likely as both halves together.
Tensor sequence_logprobs(const Tensor& logits, const Indices& ids, const Mask& mask) {
  return sum(-token_losses("sequence_logprobs", logits, ids, mask), {1});
}

// 20.2 sequence_lengths  mask (B, T) -> (B): how many tokens of next_mask count in each text
Array sequence_lengths(const Mask& mask) {
  const Mask next = next_mask(mask);
  return sum(where(next, Array::scalar(1), Array::scalar(0)), {1});
}

}  // namespace rushlight
