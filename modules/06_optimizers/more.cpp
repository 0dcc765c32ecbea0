// more.cpp: given. AMSGrad's pass over a parameter.
#include "06_optimizers/more.hpp"

#include <algorithm>
#include <cmath>

namespace rushlight {

void amsgrad_loop(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq,
                  Array& max_exp_avg_sq) {
  const auto theta = value.mutable_data(), m = exp_avg.mutable_data(), v = exp_avg_sq.mutable_data();
  const auto largest = max_exp_avg_sq.mutable_data();
  for (std::size_t i = 0; i < theta.size(); ++i) {
    const double g = grad.data()[i] + (step.decay != 0 ? step.decay * theta[i] : 0);  // 0 · inf would be NaN
    m[i] = static_cast<Real>(step.beta1 * m[i] + (1 - step.beta1) * g);
    v[i] = static_cast<Real>(step.beta2 * v[i] + (1 - step.beta2) * g * g);
    largest[i] = std::max(largest[i], v[i]);
    const double root = std::sqrt(static_cast<double>(largest[i])) / step.root_of_correction2 + step.eps;
    theta[i] = static_cast<Real>((1 - step.shrink) * theta[i] - step.step_size * m[i] / root);
  }
}

}  // namespace rushlight
