// train_step.cpp: zero_grad, forward, backward, clip, step.
#include "07_training/train_step.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"
#include "07_training/clip.hpp"

namespace rushlight {

// 07.3 train_step  batches in which n₁, n₂, ... count, N = Σ nᵢ -> {mean loss over N, norm before clip_norm, examples, N}
// zero_grad; for each batch: the loss, and its backward with seed nᵢ/N; clip by value, then by norm, where asked for;
// optimizer.step. The norm is measured for clip_norm or watch_norm only.
// Skip a batch in which nothing counts: its mean loss is 0/0. Errors: see the header.
// Hint: backward() adds to the gradients that are there. The seed is dL/d(batch's loss), and L = Σ nᵢ/N · lossᵢ.
StepResult train_step(Module& model, Optimizer& optimizer, const LossFunction& loss, std::span<const Batch> batches,
                      const StepLimits& limits) {
  todo("07.3");
}

}  // namespace rushlight
