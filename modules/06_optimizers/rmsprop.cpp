// rmsprop.cpp: every weight divides its step by the recent size of its own gradient.
#include "06_optimizers/rmsprop.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 06.3 RMSpropOptions::check  lr, eps, weight_decay, momentum: finite, >= 0; alpha in [0, 1).  ValueError otherwise.
// Hint: check_not_negative and check_fraction.
void RMSpropOptions::check(const std::string& optimizer) const {
  todo("06.3");
}

// 06.3 rmsprop_loop  value, grad, square_avg v and, where not null, grad_avg m and velocity b (one shape)
//   g ← grad + λθ;  v ← αv + (1-α)g²;  s = √v, or with m ← αm + (1-α)g: s = √(v - m²)
//   d = g/(s + ε);  with a velocity: b ← μb + d, d ← b;  θ ← θ - lr·d
// λ = 0 is no decay: g is grad then, also where θ is infinite or NaN.
// v - m² is never negative on paper. In floating point it may end a hair below 0: take 0 wherever it is below, or θ becomes
// NaN.
// Hint: raw pointers that are null when they are not wanted make one loop enough.
void rmsprop_loop(const RMSpropOptions& options, Array& value, const Array& grad, Array& square_avg, Array* grad_avg,
                  Array* velocity) {
  todo("06.3");
}

// 06.3 RMSprop::update  state.buffers = v, then m if centered, then b if momentum is not 0
// Let rmsprop_slot choose between an installed loop and yours:
//   rmsprop_slot.get(value.device(), {rmsprop_loop}).forward(options(group), value, grad, <v>, <&m>, <&b>);
// Hint: buffers.back() is b, if there is one.
void RMSprop::update(int group, Array& value, const Array& grad, State& state) {
  todo("06.3");
}

}  // namespace rushlight
