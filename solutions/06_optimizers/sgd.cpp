// sgd.cpp: gradient descent, with a ball's inertia if you like.
#include "06_optimizers/sgd.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 06.2 SGDOptions::check  lr, momentum, weight_decay: finite, >= 0; dampening: finite; nesterov: needs momentum > 0 and
// dampening 0.  ValueError, beginning with "SGD: ", otherwise.
// Hint: check_not_negative("SGD", "lr", lr) does one of them.
void SGDOptions::check() const {
  check_not_negative("SGD", "lr", lr);
  check_not_negative("SGD", "momentum", momentum);
  check_not_negative("SGD", "weight_decay", weight_decay);
  if (!std::isfinite(dampening)) throw ValueError("SGD: dampening is {}; it must be finite.", {dampening});
  if (nesterov && (momentum == 0 || dampening != 0)) {
    throw ValueError("SGD: nesterov needs momentum above 0 and dampening 0, but they are {} and {}.",
                     {momentum, dampening});
  }
}

// 06.2 SGD::update  value, grad (any shape), state.buffers[0] = b only when momentum is not 0
//   g ← grad + λθ;  b ← g at step 1, μb + (1-τ)g later;  g ← g + μb (nesterov) or b;  θ ← θ - lr·g
// grad stays as it is: somebody may still want to look at it.
// Hint: one loop without momentum, one with. Take the raw pointers once: Real* θ = value.mutable_data().data();
void SGD::update(int group, Array& value, const Array& grad, State& state) {
  const SGDOptions& o = options(group);
  const Real lr = static_cast<Real>(o.lr), decay = static_cast<Real>(o.weight_decay);
  const std::int64_t count = value.size();
  Real* theta = value.mutable_data().data();
  const Real* gradient = grad.data().data();
  if (o.momentum == 0) {
    for (std::int64_t i = 0; i < count; ++i) {
      theta[i] -= lr * (decay != 0 ? gradient[i] + decay * theta[i] : gradient[i]);
    }
    return;
  }
  // At the first step the velocity is the gradient itself, not (1-τ) of it: there is no past to weigh it against.
  const bool first = state.step == 1;
  const Real momentum = static_cast<Real>(o.momentum);
  const Real keep = first ? 0 : momentum, take = first ? 1 : static_cast<Real>(1 - o.dampening);
  Real* velocity = state.buffers[0].mutable_data().data();
  const auto walk = [=](auto direction) {  // one loop for each direction: neither has a branch in it
    for (std::int64_t i = 0; i < count; ++i) {
      const Real g = decay != 0 ? gradient[i] + decay * theta[i] : gradient[i];
      velocity[i] = keep * velocity[i] + take * g;
      theta[i] -= lr * direction(g, velocity[i]);
    }
  };
  if (o.nesterov) {
    walk([momentum](Real g, Real b) { return g + momentum * b; });
  } else {
    walk([](Real, Real b) { return b; });
  }
}

}  // namespace rushlight
