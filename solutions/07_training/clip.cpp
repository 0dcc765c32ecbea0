// clip.cpp: a limit on how far one step can be pushed by one bad batch.
#include "07_training/clip.hpp"

#include <cmath>
#include <functional>
#include <numeric>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {  // solution

void check_limit(const char* op, const char* name, double limit) {
  if (limit > 0) return;  // false for a NaN, too
  throw ValueError("{}: {} is {}, but it must be above 0.", {op, name, limit});
}

[[noreturn]] void report_nonfinite(const Tensors& parameters, double norm) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Array& grad = parameters[i].grad();
    if (std::isfinite(sum_of_squares(grad))) continue;
    throw ValueError(
        "clip_grad_norm: the norm of the gradients is {}; the first that is not finite is that "
        "of parameter {}, {}. Lower the learning rate, or find the op with AnomalyMode.",
        {norm, i, grad.shape()});
  }
  throw ValueError("clip_grad_norm: the norm of the gradients is {}.", {norm});
}

}  // namespace

// 07.1 plain_sum_of_squares  x (any shape) -> Σ x², in double
// Hint: a float's square may be too large or too small for a float: convert first, then multiply.
double plain_sum_of_squares(const Array& x) {
  const auto values = x.data();
  const auto square = [](Real each) { return static_cast<double>(each) * static_cast<double>(each); };
  return std::transform_reduce(values.begin(), values.end(), 0.0, std::plus<>(), square);
}

// 07.1 grad_norm  parameters -> √(Σ over all elements of all gradients g²), in double;  undefined gradients are skipped
// Hint: one sum_of_squares over everything and one root at the end: a sum of the parameters' norms is something else.
double grad_norm(const Tensors& parameters) {
  double total = 0;
  for (const Tensor& parameter : parameters) total += sum_of_squares(parameter.grad());
  return std::sqrt(total);
}

// 07.1 clip_grad_norm  parameters, max_norm > 0 -> the norm before;  grad ← grad · min(1, max_norm/(norm + 1e-6))
// When that factor is 1 or the norm is not finite, no gradient array is touched or replaced. With error_if_nonfinite a
// norm that is not finite is a ValueError that names the norm, and the index and shape of the first parameter to blame.
// Hint: parameter.set_grad(grad * factor) makes a new array; the old one may be somebody else's gradient as well.
double clip_grad_norm(const Tensors& parameters, double max_norm, const ClipOptions& options) {
  check_limit("clip_grad_norm", "max_norm", max_norm);
  const double norm = grad_norm(parameters);
  if (!std::isfinite(norm)) {
    if (options.error_if_nonfinite) report_nonfinite(parameters, norm);
    return norm;
  }
  const double factor = max_norm / (norm + 1e-6);
  if (factor >= 1) return norm;
  for (Tensor parameter : parameters) {
    if (parameter.grad().defined()) parameter.set_grad(parameter.grad() * static_cast<Real>(factor));
  }
  return norm;
}

// 07.1 clip_grad_value  parameters, limit > 0;  each element of each gradient ← clamp(g, -limit, limit);  a NaN stays
// A gradient that holds nothing larger keeps its array.
// Hint: maximum and minimum of module 01 keep a NaN, and so does max: max(abs(grad)) may be one.
void clip_grad_value(const Tensors& parameters, double limit) {
  check_limit("clip_grad_value", "limit", limit);
  const Array low = Array::scalar(static_cast<Real>(-limit)), high = Array::scalar(static_cast<Real>(limit));
  for (Tensor parameter : parameters) {
    const Array grad = parameter.grad();
    if (!grad.defined() || grad.size() == 0) continue;
    if (max(abs(grad)).item() <= limit) continue;  // false for a NaN, beside which there may be large ones
    parameter.set_grad(minimum(maximum(grad, low), high));
  }
}

}  // namespace rushlight
