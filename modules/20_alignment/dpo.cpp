// dpo.cpp: this text rather than that one.
#include "01_tensor/todo.hpp"
#include "20_alignment/distillation.hpp"
#include "20_alignment/preference.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

// 20.6 preference_loss  x (B), rewards (B) -> loss = mean of -log σ(x), the rewards, their margins and the accuracy
// ShapeError, unless x is (B) with B >= 1, and by check_same_shape. Hint: log_sigmoid is finite where log(sigmoid(x))
// is not. A pair counts as right when its margin is above 0; rewards may lie on any device.
PreferenceLoss preference_loss(const Tensor& x, const Array& chosen_rewards, const Array& rejected_rewards) {
  todo("20.6");
}

// 20.6 dpo_loss  log-probabilities (B) by policy and reference of the chosen and the rejected texts, beta
//   reward = β·(log π - log π_ref);  x = reward of the chosen - reward of the rejected
// ShapeError by check_same_shape, ValueError by check_above_zero.
// Hint: the rewards of the report are values; x is a Tensor. Subtract the reference first: the two are nearly equal.
PreferenceLoss dpo_loss(const Tensor& policy_chosen, const Tensor& policy_rejected, const Array& reference_chosen,
                        const Array& reference_rejected, double beta) {
  todo("20.6");
}

}  // namespace rushlight
