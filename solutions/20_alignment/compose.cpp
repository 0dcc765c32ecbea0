// compose.cpp: three channels, one number.
#include "20_alignment/compose.hpp"
#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"
#include "20_alignment/preference.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

// 20.8 sdpo_is_on  batch, config -> whether alpha_sdpo is not 0, and the teacher's ids and its mask are there
bool sdpo_is_on(const ComposeBatch& batch, const ComposeConfig& config) {
  return config.alpha_sdpo != 0 && batch.ctx_teacher_input_ids.defined() && batch.sdpo_loss_mask.defined();
}

// 20.8 replay_is_on  batch, config -> whether beta_replay is not 0, and ids, masks and reference of both sides are there
bool replay_is_on(const ComposeBatch& batch, const ComposeConfig& config) {
  const bool has_chosen = batch.dpo_chosen_input_ids.defined() && batch.dpo_chosen_response_mask.defined() &&
                          batch.dpo_chosen_ref_logprobs.defined();
  const bool has_rejected = batch.dpo_rejected_input_ids.defined() && batch.dpo_rejected_response_mask.defined() &&
                            batch.dpo_rejected_ref_logprobs.defined();
  return config.beta_replay != 0 && has_chosen && has_rejected;
}

namespace {  // solution

Tensor sdpo(const Tensor& student, const LanguageModel& model, const ComposeBatch& batch, const ComposeConfig& config) {
  const Tensor teacher = [&] {
    const NoGrad constant;
    return model(batch.ctx_teacher_input_ids).logits;
  }();
  const Mask& mask = batch.sdpo_loss_mask;
  if (config.sdpo_wrapper == SdpoWrapper::taid) return taid_loss(student, teacher, *config.taid_t, mask);
  if (config.sdpo_wrapper == SdpoWrapper::entropy_opd) {
    return entropy_aware_opd_loss(student, teacher, mask, config.entropy);
  }
  return generalized_jsd_loss(student, teacher, mask, config.jsd);
}

Tensor replay(const LanguageModel& model, const ComposeBatch& batch, const ComposeConfig& config) {
  const Tensor chosen = sequence_logprobs(model(batch.dpo_chosen_input_ids).logits, batch.dpo_chosen_input_ids,
                                          batch.dpo_chosen_response_mask);
  const Tensor rejected = sequence_logprobs(model(batch.dpo_rejected_input_ids).logits, batch.dpo_rejected_input_ids,
                                            batch.dpo_rejected_response_mask);
  return dpo_loss(chosen, rejected, batch.dpo_chosen_ref_logprobs, batch.dpo_rejected_ref_logprobs, config.dpo_beta)
      .loss;
}

}  // namespace

// 20.8 compose_loss  model, batch, config -> total and its three channels
//   total = lm_ce + alpha_sdpo·sdpo_jsd + beta_replay·trace_replay_dpo, without the terms of channels that are off
// The model runs on input_ids, then, if SDPO is on, on ctx_teacher_input_ids without a graph, then, if the replay is on,
// on the chosen and on the rejected ids. Errors by check_compose.
// Hint: begin with lm_ce and add. A channel that is off is Tensor(Real{0}), and no model has run for it.
ComposedLoss compose_loss(const LanguageModel& model, const ComposeBatch& batch, const ComposeConfig& config) {
  check_compose(batch, config);
  const Tensor student = model(batch.input_ids).logits;
  const Tensor lm_ce = lm_ce_loss(student, batch.input_ids, batch.response_mask);
  ComposedLoss composed{.total = lm_ce, .lm_ce = lm_ce, .sdpo_jsd = Real{0}, .trace_replay_dpo = Real{0}};
  if (sdpo_is_on(batch, config)) {
    composed.sdpo_jsd = sdpo(student, model, batch, config);
    composed.total = composed.total + Tensor(static_cast<Real>(config.alpha_sdpo)) * composed.sdpo_jsd;
  }
  if (replay_is_on(batch, config)) {
    composed.trace_replay_dpo = replay(model, batch, config);
    composed.total = composed.total + Tensor(static_cast<Real>(config.beta_replay)) * composed.trace_replay_dpo;
  }
  return composed;
}

}  // namespace rushlight
