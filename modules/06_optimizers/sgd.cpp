// sgd.cpp: gradient descent, with a ball's inertia if you like.
#include "06_optimizers/sgd.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 06.2 SGDOptions::check  lr, momentum, weight_decay: finite, >= 0; dampening: finite; nesterov: needs momentum > 0 and
// dampening 0.  ValueError, beginning with "SGD: ", otherwise.
// Hint: check_not_negative("SGD", "lr", lr) does one of them.
void SGDOptions::check() const {
  todo("06.2");
}

// 06.2 SGD::update  value, grad (any shape), state.buffers[0] = b only when momentum is not 0
//   g ← grad + λθ;  b ← g at step 1, μb + (1-τ)g later;  g ← g + μb (nesterov) or b;  θ ← θ - lr·g
// grad stays as it is: somebody may still want to look at it.
// Hint: one loop without momentum, one with. Take the raw pointers once: Real* θ = value.mutable_data().data();
void SGD::update(int group, Array& value, const Array& grad, State& state) {
  todo("06.2");
}

}  // namespace rushlight
