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
  todo("20.7");
}

}  // namespace rushlight
