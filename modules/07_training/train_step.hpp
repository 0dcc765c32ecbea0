// train_step.hpp: one step of training, from one or several batches.
#pragma once

#include <functional>
#include <span>

#include "03_layers/module.hpp"
#include "04_losses/losses.hpp"
#include "06_optimizers/optimizer.hpp"
#include "07_training/batch.hpp"

namespace rushlight {

// The mean loss over the examples of a batch, one element. `output` is what the model made of batch.inputs.
using LossFunction = std::function<Tensor(const Tensor& output, const Batch& batch)>;

// The one of a classifier: the labels are classes, the output their logits.
inline Tensor cross_entropy_of(const Tensor& output, const Batch& batch) { return cross_entropy(output, batch.labels); }

// Given: how many things the mean loss of a batch is a mean of. Those are its labels, one an example or more, but for
// those that the losses of module 04 leave out (their ignore_index, -100). A batch without labels: its examples.
std::int64_t counted(const Batch& batch);

struct StepLimits {
  double clip_norm = 0;     // clip_grad_norm to this; 0: do not
  double clip_value = 0;    // clip_grad_value to this, before the norm; 0: do not
  bool watch_norm = false;  // measure the norm without clipping by it: a walk over all gradients
};

struct StepResult {
  double loss = 0;            // mean over all that counts in the step; 0 where nothing does
  double grad_norm = 0;       // of all gradients together, before clipping by norm; 0 where no limit asks for it
  std::int64_t examples = 0;  // all batches together, those that were passed over among them
  std::int64_t counted = 0;
};

// --- 07.3 (train_step.cpp) ---------------------------------------------------------------------------------------

// One optimizer step whose gradient is that of the mean loss over all `batches` together, as if they had been one batch.
// Their losses are means over nᵢ = counted(batch) labels, so each counts nᵢ/N of N = Σ nᵢ: with k batches of one size that
// is loss/k, and a short last batch, or one with ignored labels, gets its smaller share. A batch in which nothing counts
// has no mean: it is passed over, unseen by the model, and where that is so of all, no parameter moves. One graph lives
// at a time: what a batch saved for its backward pass is gone before the next one goes through the model.
// Order: zero_grad, per batch forward and backward, clipping, optimizer.step. Throws ValueError when there are no
// batches or no examples, and, before any parameter has moved, when the loss or the norm of the gradients, where it is
// measured, is NaN or infinite.
StepResult train_step(Module& model, Optimizer& optimizer, const LossFunction& loss, std::span<const Batch> batches,
                      const StepLimits& limits = {});

}  // namespace rushlight
