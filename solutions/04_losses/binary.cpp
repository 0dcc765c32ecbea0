// binary.cpp: losses for yes or no. p is a probability, x a logit, t the target: 0, 1 or something between.
#include "01_tensor/todo.hpp"
#include "04_losses/checks.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {
namespace {  // solution

// log(1 + z), with the digits of a tiny z that 1 + z loses: u is 1 + z rounded, and log(u) / (u - 1) hardly changes
// with the rounding. This is the trick of the HP-15C's handbook (1982).
Array log1p(const Array& z) {
  const Array u = Real{1} + z;
  return where(equal(u, Array::scalar(1)), z, z * log(u) / (u - Real{1}));
}

// log p and log(1 - p), not below -100. maximum lets a NaN through.
Array log_yes(const Array& p) { return maximum(log(p), Array::scalar(-100)); }
Array log_no(const Array& p) { return maximum(log1p(-p), Array::scalar(-100)); }

void check_probabilities(const Array& p) {
  if (p.size() == 0) return;
  const Array flat = reshape(p, {-1});
  const Array excess = maximum(-flat, flat - Real{1});  // positive where p < 0 or p > 1
  const Array outside = where(greater(excess, Array::scalar(0)), Array::scalar(1), Array::scalar(0));
  const std::int64_t first = argmax(outside).to(Device::cpu).data()[0];
  const Real value = slice(flat, 0, {first, first + 1}).item();
  if (!(value < 0 || value > 1)) return;
  throw ValueError(
      "bce_loss: element {} of the prediction is {}, outside [0, 1]: it takes "
      "probabilities. For logits use bce_with_logits_loss.",
      {first, value});
}

}  // namespace

// 04.3 bce_loss  input p, target t (equal shapes), reduction -> scalar, or that shape
// -(t log p + (1 - t) log(1 - p)), logs floored at -100;  ∂/∂p = (p - t) / max(p(1 - p), 1e-12),
// ∂/∂t = log(1 - p) - log p, floored as well
// Throws ValueError that names element and value where p < 0 or p > 1; a NaN comes through.
// Hint: log(1 - p) of a tiny p needs its digits: log(1 + z) = z · log(u) / (u - 1) with u = 1 + z, and z where u is 1.
Tensor bce_loss(const Tensor& input, const Tensor& target, Reduction reduction) {
  check_target("bce_loss", input, target);
  check_probabilities(input.value());
  const Array &p = input.value(), &t = target.value();
  const Array value = -(t * log_yes(p) + (Real{1} - t) * log_no(p));
  const Tensor losses = record("bce_loss", value, {input, target}, Save::inputs, [](const Backward& bw) -> Arrays {
    const Array &p = bw.in(0), &t = bw.in(1);
    Array to_input, to_target;
    if (bw.needs(0)) {
      to_input = bw.grad * (p - t) / maximum(p * (Real{1} - p), Array::scalar(static_cast<Real>(1e-12)));
    }
    if (bw.needs(1)) to_target = bw.grad * (log_no(p) - log_yes(p));
    return {to_input, to_target};
  });
  return reduce_loss(losses, reduction, losses.size());
}

namespace {  // solution

// softplus(-x) = log(1 + e⁻ˣ) = max(-x, 0) + log(1 + e^-|x|): no exponential above 1.
Array softplus_of_minus(const Array& x) { return maximum(-x, Array::scalar(0)) + log1p(exp(-abs(x))); }

// sigmoid(-x) = 1 - sigmoid(x), with its digits.
Array sigmoid_of_minus(const Array& x) {
  const Array e = exp(-abs(x));
  return where(less(x, Array::scalar(0)), Array::scalar(1), e) / (Real{1} + e);
}

// What the softplus is multiplied by: 1 for a negative, pos_weight for a positive.
Array positive_factor(const Array& t, const Array& pos_weight) {
  return pos_weight.defined() ? Real{1} + (pos_weight - Real{1}) * t : Array::scalar(1);
}

void check_pos_weight(const Shape& logits, const Array& pos_weight) {
  if (!pos_weight.defined() || broadcasts_to(pos_weight.shape(), logits)) return;
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
  const Array value = (Real{1} - t) * x + positive_factor(t, pos_weight) * softplus_of_minus(x);
  const Tensor losses =
      record("bce_with_logits_loss", value, {logits, target}, Save::inputs, [pos_weight](const Backward& bw) -> Arrays {
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
  return reduce_loss(losses, options.reduction, losses.size());
}

}  // namespace rushlight
