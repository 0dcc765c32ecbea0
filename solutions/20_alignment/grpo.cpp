// grpo.cpp: better than the others who were asked the same.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "20_alignment/grpo.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

// 20.9 group_advantages  rewards (G, K), K >= 2 -> (G, K);  (r - mean)/(s + 1e-4), s² = Σ (r - mean)²/(K - 1), by row
// ShapeError for another shape. Hint: mean and sum with keepdim. Equal rewards give 0/1e-4.
Array group_advantages(const Array& rewards) {
  if (rewards.rank() != 2 || rewards.dim(1) < 2) {
    throw ShapeError("group_advantages: the rewards are {}: needs (G, K), at least two answers to each question.",
                     {rewards.shape()});
  }
  const Array off = rewards - mean(rewards, {1}, true);
  const Array variance = sum(off * off, {1}, true) / static_cast<Real>(rewards.dim(1) - 1);
  return off / (sqrt(variance) + static_cast<Real>(1e-4));
}

namespace {

void check_grpo(const Tensor& logprobs, const Rollout& drawn, const Array& advantages, const GrpoOptions& options,
                const Array& reference) {
  constexpr const char* op = "grpo_loss";
  check_above_zero(op, "clip", options.clip);
  check_between(op, "kl_weight", options.kl_weight, 0, 1e9);
  const Shape next = next_mask(drawn.mask).shape();
  check_same_shape(op, "logprobs", logprobs.shape(), next);
  check_same_shape(op, "drawn.logprobs", drawn.logprobs.shape(), next);
  check_same_shape(op, "advantages", advantages.shape(), {next[0]});
  if (reference.defined()) check_same_shape(op, "reference", reference.shape(), next);
  if (!reference.defined() && options.kl_weight > 0) {
    throw ValueError("{}: kl_weight is {}, but reference is missing.", {op, options.kl_weight});
  }
}

}  // namespace

namespace {  // solution

// (B, T) -> scalar: the mean over each text's tokens that count, then over the texts.
Tensor mean_of_means(const Tensor& tokens, const Mask& mask, const Array& lengths) {
  const Tensor kept = where(mask, tokens, Tensor(Real{0}));
  return mean(sum(kept, {1}) / Tensor(maximum(lengths, Array::scalar(1))));
}

}  // namespace

// 20.9 grpo_loss  logprobs (B, T-1), what was drawn, advantages (B), options, reference (B, T-1) or none -> the loss
//   r = e^(logprob - logprob when drawn);  gain = min(r·A, clamp(r, 1-ε, 1+ε)·A)
//   kl = e^d - d - 1,  d = reference - logprob;  loss = -mean over texts of the mean over their tokens of gain - w·kl
// Errors by check_grpo, which is given.
// Hint: select the differences with next_mask before exp, so that nothing odd is raised to e. clamp is a minimum of a
// maximum. clip_fraction counts drawn tokens with r < 1-ε or r > 1+ε.
GrpoLoss grpo_loss(const Tensor& logprobs, const Rollout& drawn, const Array& advantages, const GrpoOptions& options,
                   const Array& reference) {
  check_grpo(logprobs, drawn, advantages, options, reference);
  // solution 20.9
  const Mask mask = next_mask(drawn.mask).to(logprobs.device());
  const Array lengths = sequence_lengths(drawn.mask).to(logprobs.device());
  const Tensor nothing(Real{0}), low(static_cast<Real>(1 - options.clip)), high(static_cast<Real>(1 + options.clip));
  const Tensor advantage(advantages.with_shape({advantages.size(), 1}));
  const Tensor ratio = exp(where(mask, logprobs - drawn.logprobs, nothing));
  const Tensor clamped = minimum(maximum(ratio, low), high);
  Tensor gain = minimum(ratio * advantage, clamped * advantage);
  GrpoLoss result;
  if (reference.defined()) {
    const Tensor d = where(mask, reference - logprobs, nothing);
    const Tensor kl = exp(d) - d - Tensor(Real{1});
    result.kl = static_cast<double>(mean_of_means(kl.detach(), mask, lengths).item());
    if (options.kl_weight > 0) gain = gain - Tensor(static_cast<Real>(options.kl_weight)) * kl;
  }
  result.loss = -mean_of_means(gain, mask, lengths);
  const double outside = static_cast<double>(count_true(less(ratio.value(), low.value())) +
                                             count_true(greater(ratio.value(), high.value())));
  result.clip_fraction = outside / static_cast<double>(std::max<std::int64_t>(count_true(mask), 1));
  return result;
  // end solution
}

}  // namespace rushlight
