// adamw.cpp: Adam whose weight decay acts on the weights, not on the gradient.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "06_optimizers/adam.hpp"

namespace rushlight {

// 06.5 AdamWOptions::check  as AdamOptions::check, for "AdamW".
// Hint: the messages must name AdamW.
void AdamWOptions::check() const {
  todo("06.5");
}

// 06.5 adamw_loop  value, grad, exp_avg, exp_avg_sq (one shape); step.decay = lr·λ
//   θ ← θ·(1 - lr·λ);  m ← β₁m + (1-β₁)g;  v ← β₂v + (1-β₂)g²;  θ ← θ - step_size·m/(√v/root_of_correction2 + ε)
// Hint: one loop, each array read once and written once.
void adamw_loop(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq) {
  todo("06.5");
}

// 06.5 AdamW::update  as Adam::update, with adamw_slot and adamw_loop;  decay = lr·λ, so that a schedule that lowers lr
// lowers the decay with it
// Hint: bias correction is Adam's.
void AdamW::update(int group, Array& value, const Array& grad, State& state) {
  todo("06.5");
}

}  // namespace rushlight
