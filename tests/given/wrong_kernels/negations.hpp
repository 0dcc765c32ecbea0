// negations.hpp: device kernels that should negate a vector and do not. The judge of module 22's kernels must refuse them
// all: cuda_judge.cpp.
#pragma once

#include <cmath>
#include <vector>

#include "../../22_cuda/device_checks.hpp"

namespace rushlight::test {

using Negation = void (*)(Global<Real>, cuda::Reals);

__global__ inline void right_negation(Global<Real> out, cuda::Reals x) {
  for (std::int64_t i = cuda::grid_first(); i < x.size(); i += cuda::grid_stride()) out[i] = -x[i];
}
__global__ inline void nothing(Global<Real>, cuda::Reals) {}
__global__ inline void zeros_only(Global<Real> out, cuda::Reals) {
  for (std::int64_t i = cuda::grid_first(); i < out.size(); i += cuda::grid_stride()) out[i] = 0;
}
__global__ inline void all_nan(Global<Real> out, cuda::Reals) {
  for (std::int64_t i = cuda::grid_first(); i < out.size(); i += cuda::grid_stride()) out[i] = Real(NAN);
}
__global__ inline void all_but_the_last(Global<Real> out, cuda::Reals x) {
  for (std::int64_t i = cuda::grid_first(); i + 1 < x.size(); i += cuda::grid_stride()) out[i] = -x[i];
}
__global__ inline void a_little_off(Global<Real> out, cuda::Reals x) {
  for (std::int64_t i = cuda::grid_first(); i < x.size(); i += cuda::grid_stride()) out[i] = -x[i] * Real(1.001);
}
__global__ inline void one_too_far(Global<Real> out, cuda::Reals x) {
  for (std::int64_t i = cuda::grid_first(); i <= x.size(); i += cuda::grid_stride()) out[i] = -x[i];
}

struct WrongNegation {
  const char* what;
  Negation kernel;
};

inline std::vector<WrongNegation> wrong_negations() {
  return {{"it writes nothing", nothing},
          {"zeros", zeros_only},
          {"NaN", all_nan},
          {"the last element is left out", all_but_the_last},
          {"a thousandth too large", a_little_off},
          {"one element too many", one_too_far}};
}

}  // namespace rushlight::test
