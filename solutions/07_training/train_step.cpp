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

}  // namespace

// 07.3 train_step  batches in which n₁, n₂, ... count, N = Σ nᵢ -> {mean loss over N, norm before clip_norm, examples, N}
// zero_grad; for each batch: the loss, and its backward with seed nᵢ/N; clip by value, then by norm, where asked for;
// optimizer.step. The norm is measured for clip_norm or watch_norm only.
// Skip a batch in which nothing counts: its mean loss is 0/0. Errors: see the header.
// Hint: backward() adds to the gradients that are there. The seed is dL/d(batch's loss), and L = Σ nᵢ/N · lossᵢ.
StepResult train_step(Module& model, Optimizer& optimizer, const LossFunction& loss, std::span<const Batch> batches,
                      const StepLimits& limits) {
  StepResult result{.examples = count_examples(batches)};
  for (const Batch& batch : batches) result.counted += counted(batch);
  optimizer.zero_grad();
  for (const Batch& batch : batches) {
    if (counted(batch) == 0) continue;
    const double share = static_cast<double>(counted(batch)) / static_cast<double>(result.counted);
    const Tensor batch_loss = loss(model(batch.inputs), batch);
    const double value = static_cast<double>(batch_loss.item());
    check_finite("loss", value);
    result.loss += share * value;
    batch_loss.backward(full_like(batch_loss.value(), static_cast<Real>(share)));
  }
  if (limits.clip_value > 0) clip_grad_value(model.parameters(), limits.clip_value);
  if (limits.clip_norm > 0) {
    result.grad_norm = clip_grad_norm(model.parameters(), limits.clip_norm);
  } else if (limits.watch_norm) {
    result.grad_norm = grad_norm(model.parameters());
  }
  check_finite("norm of the gradients", result.grad_norm);
  optimizer.step();
  return result;
}

}  // namespace rushlight
