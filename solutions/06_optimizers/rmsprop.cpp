// rmsprop.cpp: every weight divides its step by the recent size of its own gradient.
#include "06_optimizers/rmsprop.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 06.3 RMSpropOptions::check  lr, eps, weight_decay, momentum: finite, >= 0; alpha in [0, 1).  ValueError otherwise.
// Hint: check_not_negative and check_fraction.
void RMSpropOptions::check(const std::string& optimizer) const {
  check_not_negative(optimizer, "lr", lr);
  check_fraction(optimizer, "alpha", alpha);
  check_not_negative(optimizer, "eps", eps);
  check_not_negative(optimizer, "weight_decay", weight_decay);
  check_not_negative(optimizer, "momentum", momentum);
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
  const Real lr = static_cast<Real>(options.lr), eps = static_cast<Real>(options.eps);
  const Real decay = static_cast<Real>(options.weight_decay), momentum = static_cast<Real>(options.momentum);
  const Real alpha = static_cast<Real>(options.alpha), rest = static_cast<Real>(1 - options.alpha);
  Real* theta = value.mutable_data().data();
  const Real* gradient = grad.data().data();
  Real* v = square_avg.mutable_data().data();
  Real* m = grad_avg ? grad_avg->mutable_data().data() : nullptr;
  Real* b = velocity ? velocity->mutable_data().data() : nullptr;
  for (std::int64_t i = 0; i < value.size(); ++i) {
    const Real g = decay != 0 ? gradient[i] + decay * theta[i] : gradient[i];
    v[i] = alpha * v[i] + rest * g * g;
    Real variance = v[i];
    if (m) {
      m[i] = alpha * m[i] + rest * g;
      variance -= m[i] * m[i];
      if (variance < 0) variance = 0;
    }
    Real direction = g / (std::sqrt(variance) + eps);
    if (b) direction = b[i] = momentum * b[i] + direction;
    theta[i] -= lr * direction;
  }
}

// 06.3 RMSprop::update  state.buffers = v, then m if centered, then b if momentum is not 0
// Let rmsprop_slot choose between an installed loop and yours:
//   rmsprop_slot.get(value.device(), {rmsprop_loop}).forward(options(group), value, grad, <v>, <&m>, <&b>);
// Hint: buffers.back() is b, if there is one.
void RMSprop::update(int group, Array& value, const Array& grad, State& state) {
  const RMSpropOptions& o = options(group);
  Array* grad_avg = o.centered ? &state.buffers[1] : nullptr;
  Array* velocity = o.momentum != 0 ? &state.buffers.back() : nullptr;
  rmsprop_slot.get(value.device(), {rmsprop_loop}).forward(o, value, grad, state.buffers[0], grad_avg, velocity);
}

}  // namespace rushlight
