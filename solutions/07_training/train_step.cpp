// train_step.cpp: zero_grad, forward, backward, clip, step.
#include "07_training/train_step.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"
#include "07_training/clip.hpp"

namespace rushlight {
namespace {  // solution

std::int64_t count_examples(std::span<const Batch> batches) {
  std::int64_t total = 0;
  for (const Batch& batch : batches) total += batch.size();
  if (total == 0) throw ValueError("train_step: there is not one example to learn from; give it a batch.");
  return total;
}

void check_finite(const char* what, double value) {
  if (std::isfinite(value)) return;
  throw ValueError(
      "train_step: the {} is {}. No parameter was changed. Lower the learning rate, clip the "
      "gradients, or find the op that broke first with AnomalyMode.",
      {what, value});
}

// Forward and backward of one batch, which counts `share` of the step. Returns its part of the mean loss.
double accumulate(Module& model, const LossFunction& loss, const Batch& batch, double share) {
  const Tensor scaled = loss(model(batch.inputs), batch) * static_cast<Real>(share);
  check_finite("loss", static_cast<double>(scaled.item()));
  scaled.backward();
  return static_cast<double>(scaled.item());
}

}  // namespace

// 07.3 train_step  batches of n₁, n₂, ... examples, N = Σ nᵢ -> {mean loss over N, norm before clip_norm, N}
// zero_grad; for each batch: loss · nᵢ/N, backward; clip by value, then by norm, where asked for; optimizer.step.
// Skip a batch without examples: its mean loss is 0/0. Errors: see the header.
// Hint: backward() adds to the gradients that are there. Scale the loss and every gradient is scaled with it.
StepResult train_step(Module& model, Optimizer& optimizer, const LossFunction& loss, std::span<const Batch> batches,
                      const StepLimits& limits) {
  StepResult result{.examples = count_examples(batches)};
  optimizer.zero_grad();
  for (const Batch& batch : batches) {
    if (batch.size() == 0) continue;
    const double share = static_cast<double>(batch.size()) / static_cast<double>(result.examples);
    result.loss += accumulate(model, loss, batch, share);
  }
  const Tensors parameters = model.parameters();
  if (limits.clip_value > 0) clip_grad_value(parameters, limits.clip_value);
  result.grad_norm = limits.clip_norm > 0 ? clip_grad_norm(parameters, limits.clip_norm) : grad_norm(parameters);
  check_finite("norm of the gradients", result.grad_norm);
  optimizer.step();
  return result;
}

}  // namespace rushlight
