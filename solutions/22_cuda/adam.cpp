// adam.cpp: the optimizer's step, fused. Composed of primitives it would read and write device memory a dozen times; here
// every number is read once, and what changes is written once. And all parameters share a launch.
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {

// 22.7 adam_part  value, grad, m, v (count): what this thread has to do in a grid-stride loop
//   g = grad + decay·θ, or grad if decay is 0;  m = β₁m + rest₁·g;  v = β₂v + rest₂·g·g
//   θ = keep·θ - step_size·m/(√v/root + ε)
// Hint: read all four into variables, compute, write three.
__device__ void adam_part(Global<Real> value, Reals grad, Global<Real> m, Global<Real> v, const AdamNumbers& n) {
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

__global__ void adam_kernel(Global<Real> value, Reals grad, Global<Real> m, Global<Real> v, AdamNumbers n) {
  adam_part(value, grad, m, v, n);
}

void adam_step(Global<Real> value, Reals grad, Global<Real> m, Global<Real> v, AdamNumbers numbers) {
  launch(adam_kernel, grid_for(value.size()), value, grad, m, v, numbers);
}

// 22.7 adam_parts_kernel  parts, numbers, of_step (3, or empty): blocks (x, y) of one y share part y
// Hint: `n` is this thread's own copy. Where of_step is not empty, write its three numbers into it first.
__global__ void adam_parts_kernel(AdamParts parts, AdamNumbers n, Reals of_step) {
  if (of_step.size() > 0) {
    n.step_size = of_step[0];
    n.root_of_correction2 = of_step[1];
    n.keep = of_step[2];
  }
  const AdamPart& part = parts.each[blockIdx.y];
  adam_part(part.value, part.grad, part.m, part.v, n);
}

// 22.7 adam_steps
// Hint: grid_for(the largest size) says how many blocks along x; along y there are as many as parts.
void adam_steps(const AdamParts& parts, const AdamNumbers& numbers, Reals of_step) {
  std::int64_t largest = 0;
  for (int i = 0; i < parts.count; ++i) {
    if (parts.each[i].value.size() > largest) largest = parts.each[i].value.size();
  }
  Grid grid = grid_for(largest);
  grid.blocks.y = static_cast<unsigned>(parts.count);
  launch(adam_parts_kernel, grid, parts, numbers, of_step);
}

}  // namespace rushlight::cuda
