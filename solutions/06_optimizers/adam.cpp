// adam.cpp: a running mean of the gradient, divided by the root of a running mean of its square.
#include "06_optimizers/adam.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 06.4 AdamOptions::check  lr, eps, weight_decay: finite, >= 0; both betas in [0, 1).  ValueError otherwise.
// Hint: the options are called "lr", "beta1", "beta2", "eps" and "weight_decay".
void AdamOptions::check(const std::string& optimizer) const {
  check_not_negative(optimizer, "lr", lr);
  check_fraction(optimizer, "beta1", betas[0]);
  check_fraction(optimizer, "beta2", betas[1]);
  check_not_negative(optimizer, "eps", eps);
  check_not_negative(optimizer, "weight_decay", weight_decay);
}

// 06.4 adam_loop  value, grad, exp_avg, exp_avg_sq (one shape)
//   g ← grad + decay·θ;  m ← β₁m + (1-β₁)g;  v ← β₂v + (1-β₂)g²
//   θ ← (1 - shrink)·θ - step_size·m/(√v/root_of_correction2 + ε)
// Adam leaves shrink at 0. AdamW (06.5) leaves decay at 0. 0 is none: g is grad then, and θ keeps all of itself, also where
// it is infinite.
// Hint: convert the numbers of `step` to Real before the loop, 1-β from the double: 1 - float(0.999) has lost digits.
void adam_loop(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq) {
  const Real beta1 = static_cast<Real>(step.beta1), rest1 = static_cast<Real>(1 - step.beta1);
  const Real beta2 = static_cast<Real>(step.beta2), rest2 = static_cast<Real>(1 - step.beta2);
  const Real step_size = static_cast<Real>(step.step_size), root = static_cast<Real>(step.root_of_correction2);
  const Real eps = static_cast<Real>(step.eps), decay = static_cast<Real>(step.decay);
  const Real keep = static_cast<Real>(1 - step.shrink);
  const std::int64_t count = value.size();
  Real* theta = value.mutable_data().data();
  const Real* gradient = grad.data().data();
  Real* m = exp_avg.mutable_data().data();
  Real* v = exp_avg_sq.mutable_data().data();
  for (std::int64_t i = 0; i < count; ++i) {
    const Real g = decay != 0 ? gradient[i] + decay * theta[i] : gradient[i];
    m[i] = beta1 * m[i] + rest1 * g;
    v[i] = beta2 * v[i] + rest2 * g * g;
    theta[i] = keep * theta[i] - step_size * m[i] / (std::sqrt(v[i]) / root + eps);
  }
}

// 06.4 Adam::step_of  group, t -> the AdamStep of step t, with decay = λ
// Hint: std::pow(beta, t) with t = 1 at the first step.
AdamStep Adam::step_of(int group, std::int64_t t) const {
  const AdamOptions& o = options(group);
  return {.beta1 = o.betas[0],
          .beta2 = o.betas[1],
          .step_size = o.lr / (1 - std::pow(o.betas[0], t)),
          .root_of_correction2 = std::sqrt(1 - std::pow(o.betas[1], t)),
          .eps = o.eps,
          .decay = o.weight_decay};
}

// 06.4 Adam::update  state.buffers = exp_avg, exp_avg_sq;  t = state.step
// Let adam_slot choose between an installed loop and yours:
//   adam_slot.get(value.device(), {adam_loop}).forward(<step_of ...>, value, grad, <m>, <v>);
// Hint: AdamW inherits this function, and step_of() is virtual.
void Adam::update(int group, Array& value, const Array& grad, State& state) {
  const AdamStep step = step_of(group, state.step);
  adam_slot.get(value.device(), {adam_loop}).forward(step, value, grad, state.buffers[0], state.buffers[1]);
}

}  // namespace rushlight
