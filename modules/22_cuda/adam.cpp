// adam.cpp: the optimizer's step, fused. Composed of primitives it would read and write device memory a dozen times; here
// every number is read once, and what changes is written once. And all parameters share a launch.
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {

// 22.7 adam_part  value, grad, m, v (count): what this thread has to do in a grid-stride loop
//   g = grad + decay·θ, or grad if decay is 0;  m = β₁m + rest₁·g;  v = β₂v + rest₂·g·g
//   θ = keep·θ - step_size·m/(√v/root + ε)
// Hint: read all four into variables, compute, write three.
__device__ void adam_part(Global<Real> value, Reals grad, Global<Real> m, Global<Real> v, const AdamNumbers& n) {
  todo("22.7");
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
  todo("22.7");
}

// 22.7 adam_steps
// Hint: grid_for(the largest size) says how many blocks along x; along y there are as many as parts.
void adam_steps(const AdamParts& parts, const AdamNumbers& numbers, Reals of_step) {
  todo("22.7");
}

}  // namespace rushlight::cuda
