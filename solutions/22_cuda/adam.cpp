// adam.cpp: the optimizer's step, fused. Composed of primitives it would read and write device memory a dozen times; here
// every number is read once, and what changes is written once.
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {

// 22.7 adam_kernel  value, grad, m, v (count)
//   g = grad + decay·θ;  m = β₁m + (1-β₁)g;  v = β₂v + (1-β₂)g²;  θ = keep·θ - step_size·m/(√v/root + ε)
// Hint: read all four into variables, compute, write three.
__global__ void adam_kernel(Global<Real> value, Reals grad, Global<Real> m, Global<Real> v, AdamNumbers n) {
  for (std::int64_t i = grid_first(); i < value.size(); i += grid_stride()) {
    const Real theta = value[i], plain = grad[i];
    const Real g = n.decay != 0 ? plain + n.decay * theta : plain;  // 0 · inf would be NaN
    const Real first = n.beta1 * m[i] + n.rest1 * g;
    const Real second = n.beta2 * v[i] + n.rest2 * g * g;
    m[i] = first;
    v[i] = second;
    value[i] = n.keep * theta - n.step_size * first / (std::sqrt(second) / n.root_of_correction2 + n.eps);
  }
}

void adam_step(Global<Real> value, Reals grad, Global<Real> m, Global<Real> v, AdamNumbers numbers) {
  launch(adam_kernel, grid_for(value.size()), value, grad, m, v, numbers);
}

}  // namespace rushlight::cuda
