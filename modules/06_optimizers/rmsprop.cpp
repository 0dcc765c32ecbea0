// rmsprop.cpp: every weight divides its step by the recent size of its own gradient.
#include "06_optimizers/rmsprop.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 06.3 RMSpropOptions::check  lr, eps, weight_decay, momentum: finite, >= 0; alpha in [0, 1).  ValueError otherwise.
// Hint: check_not_negative and check_fraction, with "RMSprop" for a name.
void RMSpropOptions::check() const {
  todo("06.3");
}

// 06.3 RMSprop::update  value, grad (any shape), state.buffers = v, then m if centered, then b if momentum is not 0
//   g ← grad + λθ;  v ← αv + (1-α)g²;  s = √v, or with m ← αm + (1-α)g: s = √(v - m²)
//   d = g/(s + ε);  b ← μb + d, d ← b (momentum);  θ ← θ - lr·d
// v - m² is never negative on paper. In floating point it may end a hair below 0: take 0 then, or θ becomes NaN.
// Hint: pointers m and b that are null when they are not wanted make one loop enough.
void RMSprop::update(int group, Array& value, const Array& grad, State& state) {
  todo("06.3");
}

}  // namespace rushlight
