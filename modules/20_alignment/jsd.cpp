// jsd.cpp: how far apart two distributions are, with a knob for which side counts more.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "05_autograd/autograd.hpp"
#include "20_alignment/distillation.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

// 20.3 reduce_tokens  tokens (B, T), mask (B, T), reduction -> scalar, or (B, T)
//   batchmean: with a mask masked_mean; without one Σ/B, not Σ/(B·T).  sum: Σ over what counts.  none: 0 elsewhere
// Hint: for sum and none, select before you sum.
Tensor reduce_tokens(const Tensor& tokens, const Mask& mask, TokenReduction reduction) {
  todo("20.3");
}

namespace {

void check_jsd(const Tensor& student, const Tensor& teacher, const Mask& mask, const JsdOptions& options) {
  constexpr const char* op = "generalized_jsd_loss";
  check_logits(op, "student", student.shape());
  check_same_shape(op, "teacher", teacher.shape(), student.shape());
  check_mask(op, "mask", {student.dim(0), student.dim(1)}, mask);
  check_between(op, "beta", options.beta, 0, 1);
  check_above_zero(op, "temperature", options.temperature);
  if (options.top_k < 0) throw ValueError("{}: top_k is {}, but must not be negative.", {op, options.top_k});
  if (options.token_clip) check_above_zero(op, "token_clip", *options.token_clip);
}

}  // namespace

// 20.3 generalized_jsd_loss  student, teacher (B, T, V), mask (B, T), options -> scalar, or (B, T)
//   log M = logaddexp(log S + log(1-β), log P + log β);  Σ_v β·P(log P - log M) + (1-β)·S(log S - log M)
// Ends: β = 0 is KL(P || S), β = 1 is KL(S || P). Errors by check_jsd, which is given.
// Hint: detach the teacher, keep_tokens of both, top_k, the temperature, log_softmax; token_clip is a minimum of each
// summand. Nothing is multiplied by τ².
Tensor generalized_jsd_loss(const Tensor& student, const Tensor& teacher, const Mask& mask, const JsdOptions& options) {
  check_jsd(student, teacher, mask, options);
  todo("20.3");
}

}  // namespace rushlight
