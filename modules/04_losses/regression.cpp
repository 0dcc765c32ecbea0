// regression.cpp: losses for numbers.
#include "01_tensor/todo.hpp"
#include "04_losses/checks.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {

// 04.1 mse_loss  input, target (equal shapes), reduction -> scalar, or that shape;  d², d = input - target
// ∂/∂input = 2d, ∂/∂target = -2d
// Hint: check_target first. One record for the losses of the elements, then reduce_loss.
Tensor mse_loss(const Tensor& input, const Tensor& target, Reduction reduction) {
  todo("04.1");
}

// 04.1 huber_loss  input, target (equal shapes), options -> scalar, or that shape
// d²/2 where |d| < δ, else δ(|d| - δ/2);  ∂/∂input = d clamped to -δ..δ
// Throws ValueError, naming delta, unless delta > 0.
// Hint: a NaN is not > 0 either. In the rule, let a NaN in d through.
Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberOptions& options) {
  todo("04.1");
}

}  // namespace rushlight
