// adamw.cpp: Adam whose weight decay acts on the weights, not on the gradient.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "06_optimizers/adam.hpp"

namespace rushlight {

// 06.5 AdamWOptions::check  as AdamOptions::check, for "AdamW".
// Hint: the messages must name AdamW.
void AdamWOptions::check() const {
  check_not_negative("AdamW", "lr", lr);
  check_fraction("AdamW", "beta1", betas[0]);
  check_fraction("AdamW", "beta2", betas[1]);
  check_not_negative("AdamW", "eps", eps);
  check_not_negative("AdamW", "weight_decay", weight_decay);
}

// 06.5 adamw_loop  value, grad, exp_avg, exp_avg_sq (one shape); step.decay = lr·λ
//   θ ← θ·(1 - lr·λ);  m ← β₁m + (1-β₁)g;  v ← β₂v + (1-β₂)g²;  θ ← θ - step_size·m/(√v/root_of_correction2 + ε)
// Hint: one loop, each array read once and written once.
void adamw_loop(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq) {
  const Real beta1 = static_cast<Real>(step.beta1), rest1 = static_cast<Real>(1 - step.beta1);
  const Real beta2 = static_cast<Real>(step.beta2), rest2 = static_cast<Real>(1 - step.beta2);
  const Real step_size = static_cast<Real>(step.step_size), root = static_cast<Real>(step.root_of_correction2);
  const Real eps = static_cast<Real>(step.eps), shrink = static_cast<Real>(1 - step.decay);
  const std::int64_t count = value.size();
  Real* theta = value.mutable_data().data();
  const Real* g = grad.data().data();
  Real* m = exp_avg.mutable_data().data();
  Real* v = exp_avg_sq.mutable_data().data();
  for (std::int64_t i = 0; i < count; ++i) {
    m[i] = beta1 * m[i] + rest1 * g[i];
    v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
    theta[i] = shrink * theta[i] - step_size * m[i] / (std::sqrt(v[i]) / root + eps);
  }
}

// 06.5 AdamW::update  as Adam::update, with adamw_slot and adamw_loop;  decay = lr·λ, so that a schedule that lowers lr
// lowers the decay with it
// Hint: bias correction is Adam's.
void AdamW::update(int group, Array& value, const Array& grad, State& state) {
  const AdamWOptions& o = options(group);
  const double t = static_cast<double>(state.step);
  const AdamStep step{.beta1 = o.betas[0],
                      .beta2 = o.betas[1],
                      .step_size = o.lr / (1 - std::pow(o.betas[0], t)),
                      .root_of_correction2 = std::sqrt(1 - std::pow(o.betas[1], t)),
                      .eps = o.eps,
                      .decay = o.lr * o.weight_decay};
  adamw_slot.get(value.device(), {adamw_loop}).forward(step, value, grad, state.buffers[0], state.buffers[1]);
}

}  // namespace rushlight
