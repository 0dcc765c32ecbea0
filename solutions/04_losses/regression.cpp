// regression.cpp: losses for numbers, and the reduction that all losses share.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "02_activations/loops.hpp"
#include "04_losses/checks.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {

// 04.1 reduce_loss  losses (any shape), reduction, count -> losses, or a scalar: sum / count, or sum
// Hint: Tensor arithmetic: its derivative comes with it. 0 / 0 is the NaN that a mean over nothing should be.
Tensor reduce_loss(const Tensor& losses, Reduction reduction, std::int64_t count) {
  if (reduction == Reduction::none) return losses;
  if (reduction == Reduction::mean && count == losses.size()) return mean(losses);  // as a rule: one op, not two
  const Tensor total = sum(losses);
  return reduction == Reduction::sum ? total : total / Tensor(static_cast<Real>(count));
}

namespace {  // solution

// Both losses look only at input - target, so what the input's gradient is, the target's is with the sign turned.
Arrays opposite(const Backward& bw, const Array& to_input) { return {to_input, bw.needs(1) ? -to_input : Array()}; }

}  // namespace

// 04.1 mse_loss  input, target (equal shapes), reduction -> scalar, or that shape;  d², d = input - target
// ∂/∂input = 2d, ∂/∂target = -2d
// Hint: check_target first. One record for the losses of the elements, then reduce_loss.
Tensor mse_loss(const Tensor& input, const Tensor& target, Reduction reduction) {
  check_target("mse_loss", input, target);
  const Array losses = elementwise([](Real x, Real t) { return (x - t) * (x - t); }, input.value(), target.value());
  const Tensor recorded = record("mse_loss", losses, {input, target}, Save::inputs, [](const Backward& bw) -> Arrays {
    return opposite(bw,
                    elementwise([](Real g, Real x, Real t) { return g * 2 * (x - t); }, bw.grad, bw.in(0), bw.in(1)));
  });
  return reduce_loss(recorded, reduction, losses.size());
}

// 04.1 huber_loss  input, target (equal shapes), options -> scalar, or that shape
// d²/2 where |d| < δ, else δ(|d| - δ/2);  ∂/∂input = d clamped to -δ..δ
// Throws ValueError, naming delta, unless delta > 0.
// Hint: a NaN is not > 0 either. In the rule, let a NaN in d through.
Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberOptions& options) {
  check_target("huber_loss", input, target);
  const Real delta = options.delta;
  if (!(delta > 0)) throw ValueError("huber_loss: delta is {}, but must be greater than 0.", {delta});
  const Array losses = elementwise(
      [delta](Real x, Real t) {
        const Real size = std::abs(x - t);
        return size < delta ? size * size / 2 : delta * (size - delta / 2);
      },
      input.value(), target.value());
  const Tensor recorded =
      record("huber_loss", losses, {input, target}, Save::inputs, [delta](const Backward& bw) -> Arrays {
        return opposite(
            bw, elementwise([delta](Real g, Real x, Real t) { return g * std::clamp(x - t, -delta, delta); }, bw.grad,
                            bw.in(0), bw.in(1)));
      });
  return reduce_loss(recorded, options.reduction, losses.size());
}

}  // namespace rushlight
