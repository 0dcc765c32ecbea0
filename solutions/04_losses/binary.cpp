// binary.cpp: losses for yes or no. p is a probability, x a logit, t the target: 0, 1 or something between.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "02_activations/loops.hpp"
#include "04_losses/checks.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {
namespace {  // solution

// log p and log(1 - p), not below -100. Written so that a NaN comes through.
Real floored(Real logarithm) { return logarithm < -100 ? Real{-100} : logarithm; }
Real log_yes(Real p) { return floored(std::log(p)); }
Real log_no(Real p) { return floored(std::log1p(-p)); }  // log1p keeps the digits of a tiny p that 1 - p would lose

void check_probabilities(const Array& p) {
  std::int64_t at = 0;
  for (const Real value : p.data()) {
    if (value < 0 || value > 1) {
      throw ValueError(
          "bce_loss: element {} of the prediction is {}, outside [0, 1]: it takes "
          "probabilities. For logits use bce_with_logits_loss.",
          {at, value});
    }
    ++at;
  }
}

}  // namespace

// 04.3 bce_loss  input p, target t (equal shapes), reduction -> scalar, or that shape
// -(t log p + (1 - t) log(1 - p)), logs floored at -100;  ∂/∂p = (p - t) / max(p(1 - p), 1e-12),
// ∂/∂t = log(1 - p) - log p, floored as well
// Throws ValueError that names element and value where p < 0 or p > 1; a NaN comes through.
// Hint: std::log1p(-p) is log(1 - p) with all its digits.
Tensor bce_loss(const Tensor& input, const Tensor& target, Reduction reduction) {
  check_target("bce_loss", input, target);
  check_probabilities(input.value());
  const Array losses = elementwise([](Real p, Real t) { return -(t * log_yes(p) + (1 - t) * log_no(p)); },
                                   input.value(), target.value());
  const Tensor recorded = record("bce_loss", losses, {input, target}, Save::inputs, [](const Backward& bw) -> Arrays {
    Array to_input, to_target;
    if (bw.needs(0)) {
      to_input = elementwise(
          [](Real g, Real p, Real t) { return g * (p - t) / std::max(p * (1 - p), static_cast<Real>(1e-12)); }, bw.grad,
          bw.in(0), bw.in(1));
    }
    if (bw.needs(1))
      to_target = elementwise([](Real g, Real p) { return g * (log_no(p) - log_yes(p)); }, bw.grad, bw.in(0));
    return {to_input, to_target};
  });
  return reduce_loss(recorded, reduction, losses.size());
}

namespace {  // solution

Array exp_of_minus_abs(const Array& x) {
  return exp(elementwise([](Real v) { return -std::abs(v); }, x));
}

// softplus(-x) = log(1 + e⁻ˣ) = max(-x, 0) + log(1 + e^-|x|): no exponential above 1.
Array softplus_of_minus(const Array& x) {
  return elementwise([](Real v, Real e) { return (v < 0 ? -v : 0) + std::log1p(e); }, x, exp_of_minus_abs(x));
}

// sigmoid(-x) = 1 - sigmoid(x), with its digits.
Array sigmoid_of_minus(const Array& x) {
  return elementwise([](Real v, Real e) { return (v < 0 ? 1 : e) / (1 + e); }, x, exp_of_minus_abs(x));
}

// What the softplus is multiplied by: 1 for a negative, pos_weight for a positive.
Array positive_factor(const Array& t, const Array& pos_weight) {
  return pos_weight.defined() ? Real{1} + (pos_weight - Real{1}) * t : Array::scalar(1);
}

void check_pos_weight(const Shape& logits, const Array& pos_weight) {
  if (!pos_weight.defined()) return;
  if (broadcast_shapes("bce_with_logits_loss: pos_weight", logits, pos_weight.shape()) == logits) return;
  throw ShapeError("bce_with_logits_loss: pos_weight {} does not broadcast to the logits {}.",
                   {pos_weight.shape(), logits});
}

}  // namespace

// 04.3 bce_with_logits_loss  logits x, target t (equal shapes), options -> scalar, or that shape
// (1 - t) x + w softplus(-x), w = 1 + (pos_weight - 1) t;  softplus(-x) = max(-x, 0) + log(1 + exp(-|x|))
// ∂/∂x = (1 - t) - w sigmoid(-x);  ∂/∂t = -x + (pos_weight - 1) softplus(-x)
// Throws ShapeError when pos_weight does not broadcast to the logits.
// Hint: softplus'(z) = sigmoid(z). An empty pos_weight (not defined()) means 1 everywhere.
Tensor bce_with_logits_loss(const Tensor& logits, const Tensor& target, const BceWithLogitsOptions& options) {
  check_target("bce_with_logits_loss", logits, target);
  const Array pos_weight = options.pos_weight;
  check_pos_weight(logits.shape(), pos_weight);
  const Array &x = logits.value(), &t = target.value();
  const Array losses = (Real{1} - t) * x + positive_factor(t, pos_weight) * softplus_of_minus(x);
  const Tensor recorded = record(
      "bce_with_logits_loss", losses, {logits, target}, Save::inputs, [pos_weight](const Backward& bw) -> Arrays {
        const Array &x = bw.in(0), &t = bw.in(1);
        Array to_logits, to_target;
        if (bw.needs(0)) {
          to_logits = bw.grad * ((Real{1} - t) - positive_factor(t, pos_weight) * sigmoid_of_minus(x));
        }
        if (bw.needs(1)) {
          const Array slope = pos_weight.defined() ? (pos_weight - Real{1}) * softplus_of_minus(x) - x : -x;
          to_target = bw.grad * slope;
        }
        return {to_logits, to_target};
      });
  return reduce_loss(recorded, options.reduction, losses.size());
}

}  // namespace rushlight
