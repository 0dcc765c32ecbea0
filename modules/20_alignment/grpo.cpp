// grpo.cpp: better than the others who were asked the same.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "20_alignment/grpo.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

// 20.9 group_advantages  rewards (G, K), K >= 2 -> (G, K);  (r - mean)/(s + 1e-4), s² = Σ (r - mean)²/(K - 1), by row
// ShapeError for another shape. Hint: mean and sum with keepdim. Equal rewards give 0/1e-4.
Array group_advantages(const Array& rewards) {
  todo("20.9");
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

// 20.9 grpo_loss  logprobs (B, T-1), what was drawn, advantages (B), options, reference (B, T-1) or none -> the loss
//   r = e^(logprob - logprob when drawn);  gain = min(r·A, clamp(r, 1-ε, 1+ε)·A)
//   kl = e^d - d - 1,  d = reference - logprob;  loss = -mean over texts of the mean over their tokens of gain - w·kl
// Errors by check_grpo, which is given.
// Hint: select the differences with next_mask before exp, so that nothing odd is raised to e. clamp is a minimum of a
// maximum. clip_fraction counts drawn tokens with r < 1-ε or r > 1+ε.
GrpoLoss grpo_loss(const Tensor& logprobs, const Rollout& drawn, const Array& advantages, const GrpoOptions& options,
                   const Array& reference) {
  check_grpo(logprobs, drawn, advantages, options, reference);
  todo("20.9");
}

}  // namespace rushlight
