// rmsprop.cpp: every weight divides its step by the recent size of its own gradient.
#include "06_optimizers/rmsprop.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 06.3 RMSpropOptions::check  lr, eps, weight_decay, momentum: finite, >= 0; alpha in [0, 1).  ValueError otherwise.
// Hint: check_not_negative and check_fraction, with "RMSprop" for a name.
void RMSpropOptions::check() const {
  check_not_negative("RMSprop", "lr", lr);
  check_fraction("RMSprop", "alpha", alpha);
  check_not_negative("RMSprop", "eps", eps);
  check_not_negative("RMSprop", "weight_decay", weight_decay);
  check_not_negative("RMSprop", "momentum", momentum);
}

// 06.3 RMSprop::update  value, grad (any shape), state.buffers = v, then m if centered, then b if momentum is not 0
//   g ← grad + λθ;  v ← αv + (1-α)g²;  s = √v, or with m ← αm + (1-α)g: s = √(v - m²)
//   d = g/(s + ε);  b ← μb + d, d ← b (momentum);  θ ← θ - lr·d
// v - m² is never negative on paper. In floating point it may end a hair below 0: take 0 then, or θ becomes NaN.
// Hint: pointers m and b that are null when they are not wanted make one loop enough.
void RMSprop::update(int group, Array& value, const Array& grad, State& state) {
  const RMSpropOptions& o = options(group);
  const Real lr = static_cast<Real>(o.lr), eps = static_cast<Real>(o.eps), decay = static_cast<Real>(o.weight_decay);
  const Real alpha = static_cast<Real>(o.alpha), rest = static_cast<Real>(1 - o.alpha);
  const Real momentum = static_cast<Real>(o.momentum);
  Real* theta = value.mutable_data().data();
  const Real* gradient = grad.data().data();
  Real* square_avg = state.buffers[0].mutable_data().data();
  Real* grad_avg = o.centered ? state.buffers[1].mutable_data().data() : nullptr;
  Real* velocity = o.momentum != 0 ? state.buffers.back().mutable_data().data() : nullptr;
  for (std::int64_t i = 0; i < value.size(); ++i) {
    const Real g = decay != 0 ? gradient[i] + decay * theta[i] : gradient[i];
    square_avg[i] = alpha * square_avg[i] + rest * g * g;
    Real variance = square_avg[i];
    if (grad_avg) {
      grad_avg[i] = alpha * grad_avg[i] + rest * g;
      variance -= grad_avg[i] * grad_avg[i];
      if (variance < 0) variance = 0;
    }
    Real direction = g / (std::sqrt(variance) + eps);
    if (velocity) direction = velocity[i] = momentum * velocity[i] + direction;
    theta[i] -= lr * direction;
  }
}

}  // namespace rushlight
