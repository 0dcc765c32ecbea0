// sgd.cpp: gradient descent, with a ball's inertia if you like.
#include "06_optimizers/sgd.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 06.2 SGDOptions::check  lr, momentum, weight_decay: finite, >= 0; dampening: finite; nesterov: needs momentum > 0 and
// dampening 0.  ValueError, beginning with the optimizer's name, otherwise.
// Hint: check_not_negative(optimizer, "lr", lr) does one of them.
void SGDOptions::check(const std::string& optimizer) const {
  todo("06.2");
}

// 06.2 sgd_loop  value, grad (one shape), velocity b of that shape, or null
//   g ← grad + decay·θ;  with a velocity: b ← momentum·b + take·g, g ← g + momentum·b (nesterov) or b;  θ ← θ - lr·g
// A decay of 0 is none: g is grad then, also where θ is infinite or NaN. grad stays as it is: somebody may
// still want to look at it.
// Hint: one loop without a velocity, one with. Convert the numbers to Real and take the raw pointers once, before them:
// Real* θ = value.mutable_data().data();
void sgd_loop(const SGDStep& step, Array& value, const Array& grad, Array* velocity) {
  todo("06.2");
}

// 06.2 SGD::update  state.buffers[0] = b, zeros at the first step, only when momentum is not 0
// At the first step the velocity is the gradient itself, not (1-τ) of it: there is no past to weigh it against.
// Work out the SGDStep, then let sgd_slot choose between an installed loop and yours:
//   sgd_slot.get(value.device(), {sgd_loop}).forward(step, value, grad, <&b or nullptr>);
// Hint: state.step is 1 at the first step.
void SGD::update(int group, Array& value, const Array& grad, State& state) {
  todo("06.2");
}

}  // namespace rushlight
