// adam_kernels.cpp: one pass over four arrays, divided among the threads. Every number is updated by itself, so there
// is nothing to add up, and nothing that could come out differently.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "18_acceleration/kernels.hpp"
#include "18_acceleration/parallel.hpp"

namespace rushlight {
namespace {

constexpr std::int64_t numbers_of_a_piece = 16384;

// The numbers of a step, as Real.
struct Factors {
  explicit Factors(const AdamStep& step)
      : beta1(static_cast<Real>(step.beta1)),
        rest1(static_cast<Real>(1 - step.beta1)),
        beta2(static_cast<Real>(step.beta2)),
        rest2(static_cast<Real>(1 - step.beta2)),
        step_size(static_cast<Real>(step.step_size)),
        root(static_cast<Real>(step.root_of_correction2)),
        eps(static_cast<Real>(step.eps)),
        decay(static_cast<Real>(step.decay)),
        shrink(static_cast<Real>(1 - step.decay)) {}

  Real beta1, rest1, beta2, rest2, step_size, root, eps, decay, shrink;
};

// solution helper
// update(θ, gradient, m, v) for every number.
template <class Update>
void update_all(Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq, Update update) {
  Real* theta = value.mutable_data().data();
  const Real* gradient = grad.data().data();
  Real* m = exp_avg.mutable_data().data();
  Real* v = exp_avg_sq.mutable_data().data();
  parallel_for(value.size(), numbers_of_a_piece, [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) update(theta[i], gradient[i], m[i], v[i]);
  });
}
// end solution

}  // namespace

// 18.7 fused_adam  value, grad, exp_avg, exp_avg_sq (one shape); step.decay = λ
//   g ← grad + λθ;  m ← β₁m + (1-β₁)g;  v ← β₂v + (1-β₂)g²;  θ ← θ - step_size·m/(√v/root + ε)
// Hint: adam_loop's loop as the body of a parallel_for. Take the four pointers before it: mutable_data() counts.
void fused_adam(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq) {
  const Factors f(step);
  update_all(value, grad, exp_avg, exp_avg_sq, [f](Real& theta, Real gradient, Real& m, Real& v) {
    const Real g = f.decay != 0 ? gradient + f.decay * theta : gradient;
    m = f.beta1 * m + f.rest1 * g;
    v = f.beta2 * v + f.rest2 * g * g;
    theta -= f.step_size * m / (std::sqrt(v) / f.root + f.eps);
  });
}

// 18.7 fused_adamw  value, grad, exp_avg, exp_avg_sq (one shape); step.decay = lr·λ
//   θ ← θ·(1 - decay);  m ← β₁m + (1-β₁)grad;  v ← β₂v + (1-β₂)grad²;  θ ← θ - step_size·m/(√v/root + ε)
// Hint: the decay acts on the value alone; the rest is as above.
void fused_adamw(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq) {
  const Factors f(step);
  update_all(value, grad, exp_avg, exp_avg_sq, [f](Real& theta, Real g, Real& m, Real& v) {
    m = f.beta1 * m + f.rest1 * g;
    v = f.beta2 * v + f.rest2 * g * g;
    theta = f.shrink * theta - f.step_size * m / (std::sqrt(v) / f.root + f.eps);
  });
}

}  // namespace rushlight
