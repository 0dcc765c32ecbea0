// simpo.cpp: preferences without a reference, and without a bonus for length.
#include "01_tensor/todo.hpp"
#include "20_alignment/preference.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

// 20.7 simpo_loss  log-probabilities (B) by the policy, lengths (B), options
//   reward = β·log π / max(length, 1);  x = reward of the chosen - reward of the rejected - γ
// ShapeError by check_same_shape; ValueError by check_above_zero for beta, and unless 0 <= gamma <= 1e9 by check_between.
// Hint: γ belongs into x, not into the rewards.
PreferenceLoss simpo_loss(const Tensor& policy_chosen, const Tensor& policy_rejected, const Array& chosen_lengths,
                          const Array& rejected_lengths, const SimpoOptions& options) {
  check_above_zero("simpo_loss", "beta", options.beta);
  check_between("simpo_loss", "gamma", options.gamma, 0, 1e9);
  check_same_shape("simpo_loss", "policy_rejected", policy_rejected.shape(), policy_chosen.shape());
  check_same_shape("simpo_loss", "chosen_lengths", chosen_lengths.shape(), policy_chosen.shape());
  check_same_shape("simpo_loss", "rejected_lengths", rejected_lengths.shape(), policy_chosen.shape());
  const Tensor scale(static_cast<Real>(options.beta));
  const Tensor chosen = scale * policy_chosen / Tensor(maximum(chosen_lengths, Array::scalar(1)));
  const Tensor rejected = scale * policy_rejected / Tensor(maximum(rejected_lengths, Array::scalar(1)));
  const Tensor x = chosen - rejected - Tensor(static_cast<Real>(options.gamma));
  return preference_loss(x, chosen.value(), rejected.value());
}

}  // namespace rushlight
