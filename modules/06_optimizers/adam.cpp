// adam.cpp: a running mean of the gradient, divided by the root of a running mean of its square.
#include "06_optimizers/adam.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 06.4 AdamOptions::check  lr, eps, weight_decay: finite, >= 0; both betas in [0, 1).  ValueError otherwise.
// Hint: the options are called "lr", "beta1", "beta2", "eps" and "weight_decay".
void AdamOptions::check(const std::string& optimizer) const {
  todo("06.4");
}

// 06.4 adam_loop  value, grad, exp_avg, exp_avg_sq (one shape)
//   g ← grad + decay·θ;  m ← β₁m + (1-β₁)g;  v ← β₂v + (1-β₂)g²
//   θ ← (1 - shrink)·θ - step_size·m/(√v/root_of_correction2 + ε)
// Adam leaves shrink at 0. AdamW (06.5) leaves decay at 0. 0 is none: g is grad then, and θ keeps all of itself, also where
// it is infinite.
// Hint: convert the numbers of `step` to Real before the loop, 1-β from the double: 1 - float(0.999) has lost digits.
void adam_loop(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq) {
  todo("06.4");
}

// 06.4 Adam::step_of  group, t -> the AdamStep of step t, with decay = λ
// Hint: std::pow(beta, t) with t = 1 at the first step.
AdamStep Adam::step_of(int group, std::int64_t t) const {
  todo("06.4");
}

// 06.4 Adam::update  state.buffers = exp_avg, exp_avg_sq;  t = state.step
// Let adam_slot choose between an installed loop and yours:
//   adam_slot.get(value.device(), {adam_loop}).forward(<step_of ...>, value, grad, <m>, <v>);
// Hint: AdamW inherits this function, and step_of() is virtual.
void Adam::update(int group, Array& value, const Array& grad, State& state) {
  todo("06.4");
}

}  // namespace rushlight
