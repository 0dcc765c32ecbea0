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
  if (x.rank() != 1 || x.size() < 1) throw ShapeError("preference_loss: x is {}: needs (B), B >= 1.", {x.shape()});
  check_same_shape("preference_loss", "chosen_rewards", chosen_rewards.shape(), x.shape());
  check_same_shape("preference_loss", "rejected_rewards", rejected_rewards.shape(), x.shape());
  const Array margins = chosen_rewards - rejected_rewards;
  const auto right = static_cast<double>(count_true(greater(margins, Array::scalar(0))));
  return {.loss = -mean(log_sigmoid(x)),
          .chosen_rewards = chosen_rewards,
          .rejected_rewards = rejected_rewards,
          .margins = margins,
          .accuracy = right / static_cast<double>(x.size())};
}

// 20.6 dpo_loss  log-probabilities (B) by policy and reference of the chosen and the rejected texts, beta
//   reward = β·(log π - log π_ref);  x = reward of the chosen - reward of the rejected
// ShapeError by check_same_shape, ValueError by check_above_zero.
// Hint: the rewards of the report are values; x is a Tensor. Subtract the reference first: the two are nearly equal.
PreferenceLoss dpo_loss(const Tensor& policy_chosen, const Tensor& policy_rejected, const Array& reference_chosen,
                        const Array& reference_rejected, double beta) {
  check_above_zero("dpo_loss", "beta", beta);
  check_same_shape("dpo_loss", "policy_rejected", policy_rejected.shape(), policy_chosen.shape());
  check_same_shape("dpo_loss", "reference_chosen", reference_chosen.shape(), policy_chosen.shape());
  check_same_shape("dpo_loss", "reference_rejected", reference_rejected.shape(), policy_chosen.shape());
  const Tensor scale(static_cast<Real>(beta));
  const Tensor chosen = scale * (policy_chosen - reference_chosen);
  const Tensor rejected = scale * (policy_rejected - reference_rejected);
  return preference_loss(chosen - rejected, chosen.value(), rejected.value());
}

}  // namespace rushlight
