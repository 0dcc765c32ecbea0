// compose.cpp: three channels, one number.
#include "20_alignment/compose.hpp"
#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"
#include "20_alignment/preference.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

// 20.8 sdpo_is_on  batch, config -> whether alpha_sdpo is not 0, and the teacher's ids and its mask are there
bool sdpo_is_on(const ComposeBatch& batch, const ComposeConfig& config) {
  todo("20.8");
}

// 20.8 replay_is_on  batch, config -> whether beta_replay is not 0, and ids, masks and reference of both sides are there
bool replay_is_on(const ComposeBatch& batch, const ComposeConfig& config) {
  todo("20.8");
}

// 20.8 compose_loss  model, batch, config -> total and its three channels
//   total = lm_ce + alpha_sdpo·sdpo_jsd + beta_replay·trace_replay_dpo, without the terms of channels that are off
// The model runs on input_ids, then, if SDPO is on, on ctx_teacher_input_ids without a graph, then, if the replay is on,
// on the chosen and on the rejected ids. Errors by check_compose.
// Hint: begin with lm_ce and add. A channel that is off is Tensor(Real{0}), and no model has run for it.
ComposedLoss compose_loss(const LanguageModel& model, const ComposeBatch& batch, const ComposeConfig& config) {
  todo("20.8");
}

}  // namespace rushlight
