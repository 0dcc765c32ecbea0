// compose.hpp: three losses in one, each of which can be switched off so that nothing of it is left.
// Letters: B batch, T tokens, V vocabulary.
#pragma once

#include <concepts>
#include <functional>
#include <optional>

#include "20_alignment/distillation.hpp"
#include "20_alignment/language_model.hpp"

namespace rushlight {

// What the three channels read. What a channel needs and does not find switches it off; only the first two are a must.
struct ComposeBatch {
  Indices input_ids;   // (B, T)
  Mask response_mask;  // (B, T): the tokens to be learnt by cross-entropy

  Indices ctx_teacher_input_ids = {};  // (B, T): the same texts with what the teacher may know and the student not
  Mask sdpo_loss_mask = {};            // (B, T): where student and teacher are compared

  Indices dpo_chosen_input_ids = {}, dpo_rejected_input_ids = {};       // (B, T), (B, T'), T' may be another length
  Mask dpo_chosen_response_mask = {}, dpo_rejected_response_mask = {};  // of the same shapes
  Array dpo_chosen_ref_logprobs = {}, dpo_rejected_ref_logprobs = {};   // (B): what a frozen model said of them
};

// How student and teacher are compared: by generalized_jsd_loss, taid_loss or entropy_aware_opd_loss.
enum class SdpoWrapper : std::uint8_t { none, taid, entropy_opd };

struct ComposeConfig {
  double alpha_sdpo = 0;   // weight of the self-distillation; 0: off
  double beta_replay = 0;  // weight of the preferences; 0: off
  SdpoWrapper sdpo_wrapper = SdpoWrapper::none;
  std::optional<double> taid_t = {};  // in [0, 1]; a must with SdpoWrapper::taid
  JsdOptions jsd = {};                // with SdpoWrapper::none
  EntropyOpdOptions entropy = {};     // with SdpoWrapper::entropy_opd
  double dpo_beta = 0.1;
};

struct ComposedLoss {
  Tensor total;                              // lm_ce + alpha_sdpo·sdpo_jsd + beta_replay·trace_replay_dpo
  Tensor lm_ce, sdpo_jsd, trace_replay_dpo;  // unweighted; exactly 0 and outside the graph when switched off
};

// --- 20.8 (compose.cpp) ----------------------------------------------------------------------------------------------

// A channel is on when its weight is not 0 and all of its inputs are defined().
bool sdpo_is_on(const ComposeBatch& batch, const ComposeConfig& config);
bool replay_is_on(const ComposeBatch& batch, const ComposeConfig& config);

// One scalar of three channels.
//   lm_ce             lm_ce_loss on input_ids; always on
//   sdpo_jsd          the model on input_ids against itself on ctx_teacher_input_ids, without a graph, by the wrapper
//   trace_replay_dpo  dpo_loss of the pairs, by sequence_logprobs
// The model runs once for lm_ce and the student's side of sdpo_jsd together, once for the teacher, once for each side of
// the pairs, in this order. A channel that is off runs nothing, adds no node and no term: 0 times NaN would be NaN, and
// a forward pass would draw from dropout's generator.
// Throws ValueError that names alpha_sdpo or beta_replay (not finite), sdpo_wrapper (no wrapper), taid_t (missing or
// outside [0, 1]) or an input that is missing, whatever is on; ShapeError that names the input; what the losses throw.
ComposedLoss compose_loss(const LanguageModel& model, const ComposeBatch& batch, const ComposeConfig& config);

// The same for a model as it is:  compose_loss(gpt, batch, {.alpha_sdpo = 1})
template <class Model>
requires std::invocable<Model&, const Indices&> ComposedLoss compose_loss(Model& model, const ComposeBatch& batch,
                                                                          const ComposeConfig& config) {
  return compose_loss(LanguageModel(std::ref(model)), batch, config);
}

// --- given -----------------------------------------------------------------------------------------------------------

// What compose_loss asks of its arguments before anything runs (checks.cpp).
void check_compose(const ComposeBatch& batch, const ComposeConfig& config);

struct ToyBatchOptions {
  std::int64_t vocabulary = 32, batch = 2, tokens = 8;
  std::uint64_t seed = 7;
  bool sdpo = true, dpo = true;  // whether their inputs are there; the rest of the batch is the same either way
};

// Random ids for trying things out; response and SDPO masks true in the second half, preference masks everywhere,
// reference log-probabilities from N(0, 1) (toy_batch.cpp). Throws ValueError when a size is below 1.
ComposeBatch make_toy_batch(const ToyBatchOptions& options = {});

}  // namespace rushlight
