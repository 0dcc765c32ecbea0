// more_clip.cpp: given. How long the gradients are together, by other measures than the usual one.
#include <algorithm>
#include <cmath>

#include "07_training/more.hpp"

namespace rushlight {
namespace {

// NaN wins, as in every maximum here.
double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

double largest(const Tensors& parameters) {
  double most = 0;
  for (const Tensor& parameter : parameters) {
    if (!parameter.grad().defined()) continue;
    const Array grad = parameter.grad().cpu();
    for (const Real g : grad.data()) most = larger(most, std::abs(static_cast<double>(g)));
  }
  return most;
}

double norm_by_powers(const Tensors& parameters, double norm_type) {
  double total = 0;
  for (const Tensor& parameter : parameters) {
    if (!parameter.grad().defined()) continue;
    const Array grad = parameter.grad().cpu();
    for (const Real g : grad.data()) total += std::pow(std::abs(static_cast<double>(g)), norm_type);
  }
  return std::pow(total, 1 / norm_type);
}

}  // namespace

double grad_norm(const Tensors& parameters, double norm_type) {
  if (!(norm_type > 0)) throw ValueError("grad_norm: norm_type is {}, but must be above 0.", {norm_type});
  if (std::isinf(norm_type)) return largest(parameters);
  return norm_type == 2 ? grad_norm(parameters) : norm_by_powers(parameters, norm_type);
}

double clip_grad_norm(const Tensors& parameters, double max_norm, double norm_type, const ClipOptions& options) {
  if (!(max_norm > 0)) throw ValueError("clip_grad_norm: max_norm is {}, but it must be above 0.", {max_norm});
  const double norm = grad_norm(parameters, norm_type);
  if (!std::isfinite(norm)) {
    if (!options.error_if_nonfinite) return norm;
    throw ValueError(
        "clip_grad_norm: the norm {} of the gradients is {}. Lower the learning rate, or find the op with AnomalyMode.",
        {norm_type, norm});
  }
  const double factor = max_norm / (norm + 1e-6);
  if (factor >= 1) return norm;
  for (Tensor parameter : parameters) {
    const Array grad = parameter.grad();
    if (grad.defined()) parameter.set_grad(grad * Array::scalar(static_cast<Real>(factor)).to(grad.device()));
  }
  return norm;
}

}  // namespace rushlight
