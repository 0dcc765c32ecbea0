// gradients.cpp: what a loss left behind in a model.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "20_alignment/language_model.hpp"

namespace rushlight {

// 20.1 named_grad_snapshot  model -> path of the parameter -> a copy of its gradient
// Hint: grad() is not defined() where no gradient has arrived: leave that parameter out. Copies, so that the next
// backward pass changes nothing in the map.
std::map<std::string, Array> named_grad_snapshot(Module& model) {
  std::map<std::string, Array> snapshot;
  for (const auto& [path, parameter] : model.named_parameters()) {
    if (parameter.grad().defined()) snapshot[path] = parameter.grad().clone();
  }
  return snapshot;
}

// 20.1 grad_abs_sum  model -> Σ |gradient| over all numbers
// Hint: a double; gradients may lie on any device, and cpu() brings them here.
double grad_abs_sum(Module& model) {
  double total = 0;
  for (const auto& [path, gradient] : named_grad_snapshot(model)) {
    const Array here = gradient.cpu();
    for (const Real value : here.data()) total += std::abs(static_cast<double>(value));
  }
  return total;
}

// 20.1 grads_finite  model -> whether every parameter has a gradient, and every number of it is finite
// Hint: one without a gradient makes it false: otherwise a model that nothing reached would pass.
bool grads_finite(Module& model) {
  for (const Tensor& parameter : model.parameters()) {
    if (!parameter.grad().defined()) return false;
    const Array here = parameter.grad().cpu();
    for (const Real value : here.data()) {
      if (!std::isfinite(value)) return false;
    }
  }
  return true;
}

}  // namespace rushlight
