// sgd.cpp: gradient descent, with a ball's inertia if you like.
#include "06_optimizers/sgd.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 06.2 SGDOptions::check  lr, momentum, weight_decay: finite, >= 0; dampening: finite; nesterov: needs momentum > 0 and
// dampening 0.  ValueError, beginning with the optimizer's name, otherwise.
// Hint: check_not_negative(optimizer, "lr", lr) does one of them.
void SGDOptions::check(const std::string& optimizer) const {
  check_not_negative(optimizer, "lr", lr);
  check_not_negative(optimizer, "momentum", momentum);
  check_not_negative(optimizer, "weight_decay", weight_decay);
  if (!std::isfinite(dampening)) throw ValueError("{}: dampening is {}; it must be finite.", {optimizer, dampening});
  if (nesterov && (momentum == 0 || dampening != 0)) {
    throw ValueError("{}: nesterov needs momentum above 0 and dampening 0, but they are {} and {}.",
                     {optimizer, momentum, dampening});
  }
}

// 06.2 sgd_loop  value, grad (one shape), velocity b of that shape, or null
//   g ← grad + decay·θ;  with a velocity: b ← momentum·b + take·g, g ← g + momentum·b (nesterov) or b;  θ ← θ - lr·g
// A decay of 0 is none: g is grad then, also where θ is infinite or NaN. grad stays as it is: somebody may
// still want to look at it.
// Hint: one loop without a velocity, one with. Convert the numbers to Real and take the raw pointers once, before them:
// Real* θ = value.mutable_data().data();
void sgd_loop(const SGDStep& step, Array& value, const Array& grad, Array* velocity) {
  const Real lr = static_cast<Real>(step.lr), decay = static_cast<Real>(step.decay);
  const Real momentum = static_cast<Real>(step.momentum), take = static_cast<Real>(step.take);
  const bool ahead = step.nesterov;
  Real* theta = value.mutable_data().data();
  const Real* gradient = grad.data().data();
  const std::int64_t count = value.size();
  if (velocity == nullptr) {
    for (std::int64_t i = 0; i < count; ++i) {
      theta[i] -= lr * (decay != 0 ? gradient[i] + decay * theta[i] : gradient[i]);
    }
    return;
  }
  Real* b = velocity->mutable_data().data();
  for (std::int64_t i = 0; i < count; ++i) {
    const Real g = decay != 0 ? gradient[i] + decay * theta[i] : gradient[i];
    const Real speed = momentum * b[i] + take * g;
    theta[i] -= lr * (ahead ? g + momentum * speed : speed);
    b[i] = speed;
  }
}

// 06.2 SGD::update  state.buffers[0] = b, zeros at the first step, only when momentum is not 0
// At the first step the velocity is the gradient itself, not (1-τ) of it: there is no past to weigh it against.
// Work out the SGDStep, then let sgd_slot choose between an installed loop and yours:
//   sgd_slot.get(value.device(), {sgd_loop}).forward(step, value, grad, <&b or nullptr>);
// Hint: state.step is 1 at the first step.
void SGD::update(int group, Array& value, const Array& grad, State& state) {
  const SGDOptions& o = options(group);
  const SGDStep step{.lr = o.lr,
                     .momentum = o.momentum,
                     .take = state.step == 1 ? 1 : 1 - o.dampening,
                     .decay = o.weight_decay,
                     .nesterov = o.nesterov};
  sgd_slot.get(value.device(), {sgd_loop}).forward(step, value, grad, o.momentum != 0 ? &state.buffers[0] : nullptr);
}

}  // namespace rushlight
