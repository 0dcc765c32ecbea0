// adam.cpp: a running mean of the gradient, divided by the root of a running mean of its square.
#include "06_optimizers/adam.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 06.4 AdamOptions::check  lr, eps, weight_decay: finite, >= 0; both betas in [0, 1).  ValueError otherwise.
// Hint: the options are called "lr", "beta1", "beta2", "eps" and "weight_decay".
void AdamOptions::check() const {
  check_not_negative("Adam", "lr", lr);
  check_fraction("Adam", "beta1", betas[0]);
  check_fraction("Adam", "beta2", betas[1]);
  check_not_negative("Adam", "eps", eps);
  check_not_negative("Adam", "weight_decay", weight_decay);
}

// 06.4 adam_loop  value, grad, exp_avg, exp_avg_sq (one shape); step.decay = λ
//   g ← grad + λθ;  m ← β₁m + (1-β₁)g;  v ← β₂v + (1-β₂)g²
//   θ ← θ - step_size·m/(√v/root_of_correction2 + ε)
// Hint: convert the numbers of `step` to Real before the loop, 1-β from the double: 1 - float(0.999) has lost digits.
void adam_loop(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq) {
  const Real beta1 = static_cast<Real>(step.beta1), rest1 = static_cast<Real>(1 - step.beta1);
  const Real beta2 = static_cast<Real>(step.beta2), rest2 = static_cast<Real>(1 - step.beta2);
  const Real step_size = static_cast<Real>(step.step_size), root = static_cast<Real>(step.root_of_correction2);
  const Real eps = static_cast<Real>(step.eps), decay = static_cast<Real>(step.decay);
  const std::int64_t count = value.size();
  Real* theta = value.mutable_data().data();
  const Real* gradient = grad.data().data();
  Real* m = exp_avg.mutable_data().data();
  Real* v = exp_avg_sq.mutable_data().data();
  for (std::int64_t i = 0; i < count; ++i) {
    const Real g = decay != 0 ? gradient[i] + decay * theta[i] : gradient[i];
    m[i] = beta1 * m[i] + rest1 * g;
    v[i] = beta2 * v[i] + rest2 * g * g;
    theta[i] -= step_size * m[i] / (std::sqrt(v[i]) / root + eps);
  }
}

// 06.4 Adam::update  state.buffers = exp_avg, exp_avg_sq;  t = state.step
// Work out the AdamStep of step t, then let adam_slot choose between an installed loop and yours:
//   adam_slot.get(value.device(), {adam_loop}).forward(step, value, grad, <m>, <v>);
// Hint: std::pow(beta, t) with t = 1 at the first step.
void Adam::update(int group, Array& value, const Array& grad, State& state) {
  const AdamOptions& o = options(group);
  const double t = static_cast<double>(state.step);
  const AdamStep step{.beta1 = o.betas[0],
                      .beta2 = o.betas[1],
                      .step_size = o.lr / (1 - std::pow(o.betas[0], t)),
                      .root_of_correction2 = std::sqrt(1 - std::pow(o.betas[1], t)),
                      .eps = o.eps,
                      .decay = o.weight_decay};
  adam_slot.get(value.device(), {adam_loop}).forward(step, value, grad, state.buffers[0], state.buffers[1]);
}

}  // namespace rushlight
