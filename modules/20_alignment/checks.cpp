// checks.cpp: given. What the losses ask of their arguments. Every message names the function and the argument.
#include <cmath>

#include "20_alignment/compose.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

void check_logits(const char* op, const char* name, const Shape& logits) {
  if (logits.rank() == 3 && logits[2] > 0) return;
  throw ShapeError("{}: {} is {}: needs logits (B, T, V).", {op, name, logits});
}

void check_mask(const char* op, const char* name, const Shape& tokens, const Mask& mask) {
  if (!mask.defined() || mask.shape() == tokens) return;
  throw ShapeError("{}: {} is {}, but the tokens are {}: one truth value for each.", {op, name, mask.shape(), tokens});
}

void check_same_shape(const char* op, const char* name, const Shape& shape, const Shape& other_shape) {
  if (shape == other_shape) return;
  throw ShapeError("{}: {} is {}, but must be {} here.", {op, name, shape, other_shape});
}

void check_between(const char* op, const char* name, double value, double low, double high) {
  if (value >= low && value <= high) return;  // a NaN is neither
  throw ValueError("{}: {} is {}, but must be in [{}, {}].", {op, name, value, low, high});
}

void check_above_zero(const char* op, const char* name, double value) {
  if (value > 0 && std::isfinite(value)) return;
  throw ValueError("{}: {} is {}, but must be a finite number above 0.", {op, name, value});
}

namespace {

constexpr const char* op = "compose_loss";

void check_weight(const char* name, double weight) {
  if (!std::isfinite(weight)) throw ValueError("{}: {} is {}, but must be finite.", {op, name, weight});
}

void check_wrapper(const ComposeConfig& config) {
  switch (config.sdpo_wrapper) {
    case SdpoWrapper::none:
    case SdpoWrapper::entropy_opd:
      return;
    case SdpoWrapper::taid:
      if (!config.taid_t) throw ValueError("{}: sdpo_wrapper is taid, but taid_t is missing.", {op});
      return check_between(op, "taid_t", *config.taid_t, 0, 1);
  }
  throw ValueError("{}: sdpo_wrapper is {}, which is neither none nor taid nor entropy_opd.",
                   {op, static_cast<int>(config.sdpo_wrapper)});
}

// A text and its mask, where both are there.
void check_text(const char* name, const Indices& ids, const char* mask_name, const Mask& mask) {
  if (!ids.defined()) return;
  if (ids.shape().rank() != 2) throw ShapeError("{}: {} is {}: needs ids (B, T).", {op, name, ids.shape()});
  check_mask(op, mask_name, ids.shape(), mask);
}

void check_pairs(const ComposeBatch& batch) {
  check_text("dpo_chosen_input_ids", batch.dpo_chosen_input_ids, "dpo_chosen_response_mask",
             batch.dpo_chosen_response_mask);
  check_text("dpo_rejected_input_ids", batch.dpo_rejected_input_ids, "dpo_rejected_response_mask",
             batch.dpo_rejected_response_mask);
  if (!batch.dpo_chosen_input_ids.defined()) return;
  const Shape pairs{batch.dpo_chosen_input_ids.shape()[0]};
  if (batch.dpo_rejected_input_ids.defined()) {
    check_same_shape(op, "dpo_rejected_input_ids, counted in texts,", {batch.dpo_rejected_input_ids.shape()[0]}, pairs);
  }
  const std::pair<const char*, const Array*> references[] = {
      {"dpo_chosen_ref_logprobs", &batch.dpo_chosen_ref_logprobs},
      {"dpo_rejected_ref_logprobs", &batch.dpo_rejected_ref_logprobs}};
  for (const auto& [name, reference] : references) {
    if (reference->defined()) check_same_shape(op, name, reference->shape(), pairs);
  }
}

}  // namespace

void check_compose(const ComposeBatch& batch, const ComposeConfig& config) {
  check_weight("alpha_sdpo", config.alpha_sdpo);
  check_weight("beta_replay", config.beta_replay);
  check_wrapper(config);
  if (!batch.input_ids.defined()) throw ValueError("{}: input_ids are missing.", {op});
  if (!batch.response_mask.defined()) throw ValueError("{}: response_mask is missing.", {op});
  check_text("input_ids", batch.input_ids, "response_mask", batch.response_mask);
  if (batch.ctx_teacher_input_ids.defined()) {
    check_same_shape(op, "ctx_teacher_input_ids", batch.ctx_teacher_input_ids.shape(), batch.input_ids.shape());
  }
  check_mask(op, "sdpo_loss_mask", batch.input_ids.shape(), batch.sdpo_loss_mask);
  check_pairs(batch);
}

}  // namespace rushlight
