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
  check_mask("reduce_tokens", "mask", tokens.shape(), mask);
  if (reduction == TokenReduction::batchmean) {
    return mask.defined() ? masked_mean(tokens, mask) : sum(tokens) / Tensor(static_cast<Real>(tokens.dim(0)));
  }
  const Tensor kept = mask.defined() ? where(mask.to(tokens.device()), tokens, Tensor(Real{0})) : tokens;
  return reduction == TokenReduction::sum ? sum(kept) : kept;
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

namespace {  // solution

// The summands over the vocabulary.
Tensor jsd_elements(const Tensor& log_s, const Tensor& log_p, double beta) {
  if (beta == 0) return kl_elements(log_p, log_s);
  if (beta == 1) return kl_elements(log_s, log_p);
  const Tensor log_m = logaddexp(log_s + Tensor(static_cast<Real>(std::log1p(-beta))),
                                 log_p + Tensor(static_cast<Real>(std::log(beta))));
  return Tensor(static_cast<Real>(beta)) * kl_elements(log_p, log_m) +
         Tensor(static_cast<Real>(1 - beta)) * kl_elements(log_s, log_m);
}

}  // namespace

// 20.3 generalized_jsd_loss  student, teacher (B, T, V), mask (B, T), options -> scalar, or (B, T)
//   log M = logaddexp(log S + log(1-β), log P + log β);  Σ_v β·P(log P - log M) + (1-β)·S(log S - log M)
// Ends: β = 0 is KL(P || S), β = 1 is KL(S || P). Errors by check_jsd, which is given.
// Hint: detach the teacher, keep_tokens of both, top_k, the temperature, log_softmax; token_clip is a minimum of each
// summand. Nothing is multiplied by τ².
Tensor generalized_jsd_loss(const Tensor& student, const Tensor& teacher, const Mask& mask, const JsdOptions& options) {
  check_jsd(student, teacher, mask, options);
  // solution 20.3
  Tensor z = keep_tokens(student, mask), constant = keep_tokens(teacher.detach(), mask);
  if (options.top_k > 0) {
    const Indices places = top_k_indices(constant.value(), options.top_k);
    z = gather(z, -1, places), constant = gather(constant, -1, places);
  }
  const Tensor temperature(static_cast<Real>(options.temperature));
  Tensor summands = jsd_elements(log_softmax(z / temperature), log_softmax(constant / temperature), options.beta);
  if (options.token_clip) summands = minimum(summands, Tensor(static_cast<Real>(*options.token_clip)));
  return reduce_tokens(sum(summands, {-1}), mask, options.reduction);
  // end solution
}

}  // namespace rushlight
