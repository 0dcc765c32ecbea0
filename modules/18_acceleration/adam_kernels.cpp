// adam_kernels.cpp: one pass over four arrays, divided among the threads. Every number is updated by itself, so there
// is nothing to add up, and nothing that could depend on the threads.
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
        keep(static_cast<Real>(1 - step.shrink)) {}

  Real beta1, rest1, beta2, rest2, step_size, root, eps, decay, keep;
};

}  // namespace

// 18.7 fused_adam  value, grad, exp_avg, exp_avg_sq (one shape)
//   g ← grad + decay·θ;  m ← β₁m + (1-β₁)g;  v ← β₂v + (1-β₂)g²;  θ ← (1 - shrink)·θ - step_size·m/(√v/root + ε)
// Up to rounding, as adam_loop. A decay of 0 is none: g is grad then, also where θ is infinite.
// Hint: adam_loop's loop as the body of a parallel_for. Take the four pointers before it: mutable_data() counts.
void fused_adam(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq) {
  todo("18.7");
}

}  // namespace rushlight
