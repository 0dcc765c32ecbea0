// binary.cpp: losses for yes or no. p is a probability, x a logit, t the target: 0, 1 or something between.
#include "01_tensor/todo.hpp"
#include "04_losses/checks.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {

// 04.3 bce_loss  input p, target t (equal shapes), reduction -> scalar, or that shape
// -(t log p + (1 - t) log(1 - p)), logs floored at -100;  ∂/∂p = (p - t) / max(p(1 - p), 1e-12),
// ∂/∂t = log(1 - p) - log p, floored as well
// Throws ValueError that names element and value where p < 0 or p > 1; a NaN comes through.
// Hint: log(1 - p) of a tiny p needs its digits: log(1 + z) = z · log(u) / (u - 1) with u = 1 + z, and z where u is 1.
Tensor bce_loss(const Tensor& input, const Tensor& target, Reduction reduction) {
  todo("04.3");
}

// 04.3 bce_with_logits_loss  logits x, target t (equal shapes), options -> scalar, or that shape
// (1 - t) x + w softplus(-x), w = 1 + (pos_weight - 1) t;  softplus(-x) = max(-x, 0) + log(1 + exp(-|x|))
// ∂/∂x = (1 - t) - w sigmoid(-x);  ∂/∂t = -x + (pos_weight - 1) softplus(-x)
// Throws ShapeError when pos_weight does not broadcast to the logits.
// Hint: softplus'(z) = sigmoid(z). An empty pos_weight (not defined()) means 1 everywhere.
Tensor bce_with_logits_loss(const Tensor& logits, const Tensor& target, const BceWithLogitsOptions& options) {
  todo("04.3");
}

}  // namespace rushlight
