// regression.cpp: losses for numbers.
#include "01_tensor/todo.hpp"
#include "04_losses/checks.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {
namespace {  // solution

// Both losses look only at input - target, so what the input's gradient is, the target's is with the sign turned.
Arrays opposite(const Backward& bw, const Array& to_input) { return {to_input, bw.needs(1) ? -to_input : Array()}; }

}  // namespace

// 04.1 mse_loss  input, target (equal shapes), reduction -> scalar, or that shape;  d², d = input - target
// ∂/∂input = 2d, ∂/∂target = -2d
// Hint: check_target first. One record for the losses of the elements, then reduce_loss.
Tensor mse_loss(const Tensor& input, const Tensor& target, Reduction reduction) {
  check_target("mse_loss", input, target);
  const Array d = input.value() - target.value();
  const Tensor losses = record("mse_loss", d * d, {input, target}, Save::inputs, [](const Backward& bw) -> Arrays {
    return opposite(bw, bw.grad * Real{2} * (bw.in(0) - bw.in(1)));
  });
  return reduce_loss(losses, reduction, losses.size());
}

// 04.1 huber_loss  input, target (equal shapes), options -> scalar, or that shape
// d²/2 where |d| < δ, else δ(|d| - δ/2);  ∂/∂input = d clamped to -δ..δ
// Throws ValueError, naming delta, unless delta > 0.
// Hint: a NaN is not > 0 either. In the rule, let a NaN in d through.
Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberOptions& options) {
  check_target("huber_loss", input, target);
  if (!(options.delta > 0)) throw ValueError("huber_loss: delta is {}, but must be greater than 0.", {options.delta});
  const Array delta = Array::scalar(options.delta);
  const Array size = abs(input.value() - target.value());
  const Array value = where(less(size, delta), size * size / Real{2}, delta * (size - delta / Real{2}));
  const Tensor losses =
      record("huber_loss", value, {input, target}, Save::inputs, [delta](const Backward& bw) -> Arrays {
        return opposite(bw, bw.grad * maximum(minimum(bw.in(0) - bw.in(1), delta), -delta));
      });
  return reduce_loss(losses, options.reduction, losses.size());
}

}  // namespace rushlight
