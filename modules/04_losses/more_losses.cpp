// more_losses.cpp: given. Losses made of losses.
#include <cmath>

#include "01_tensor/more.hpp"
#include "04_losses/checks.hpp"
#include "04_losses/more.hpp"

namespace rushlight {

Tensor l1_loss(const Tensor& input, const Tensor& target, Reduction reduction) {
  check_target("l1_loss", input, target);
  const Tensor losses = abs(input - target);
  return reduce_loss(losses, reduction, losses.size());
}

Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, const SmoothL1Options& options) {
  check_target("smooth_l1_loss", input, target);
  if (!(options.beta >= 0) || std::isinf(options.beta)) {
    throw ValueError("smooth_l1_loss: beta is {}, but must be finite and at least 0.", {options.beta});
  }
  if (options.beta == 0) return l1_loss(input, target, options.reduction);
  const HuberOptions huber{.delta = options.beta, .reduction = Reduction::none};
  const Tensor losses = huber_loss(input, target, huber) / Array::scalar(options.beta).to(input.device());
  return reduce_loss(losses, options.reduction, losses.size());
}

namespace {

// t · log t, and 0 at 0.
Tensor times_own_log(const Tensor& t) {
  const Array& value = t.value();
  return t * log(where(equal(value, zeros_like(value)), ones_like(value), t));
}

}  // namespace

Tensor kl_div(const Tensor& input, const Tensor& target, const KlDivOptions& options) {
  check_target("kl_div", input, target);
  const Tensor losses = options.log_target ? exp(target) * (target - input) : times_own_log(target) - target * input;
  if (options.reduction == KlReduction::none) return losses;
  if (options.reduction == KlReduction::mean) return mean(losses);
  if (options.reduction == KlReduction::sum) return sum(losses);
  if (input.rank() == 0) throw ShapeError("kl_div: batchmean of {} has no batch axis to divide by.", {input.shape()});
  if (input.dim(0) == 0) return sum(losses);
  return sum(losses) / Array::scalar(static_cast<Real>(input.dim(0))).to(input.device());
}

// softplus(z) is what a positive costs at the logit -z. Below -800 both are 0 in any precision, and 0 · inf is avoided.
Tensor softplus(const Tensor& x, Real beta, Real threshold) {
  if (!(beta > 0) || std::isinf(beta)) {
    throw ValueError("softplus: beta is {}, but must be finite and above 0.", {beta});
  }
  const Array steep = Array::scalar(beta).to(x.device());
  const Tensor z = x * steep;
  const Tensor small = clamp(z, Real{-800});
  const Tensor positives = ones_like(x.value());
  const Tensor curved = bce_with_logits_loss(-small, positives, {.reduction = Reduction::none}) / steep;
  return where(greater(z.value(), Array::scalar(threshold).to(x.device())), x, curved);
}

}  // namespace rushlight
