// losses.hpp: how wrong a prediction is, as one number, with its derivative. Names, defaults and semantics are
// PyTorch's (torch.nn.functional).
//
// Differences from PyTorch:
//  - Prediction and target must have equal shapes. PyTorch broadcasts with a warning, and (N, 1) against (N) becomes
//    an (N, N) loss that trains to nonsense.
//  - Classes are the last axis: logits (..., C) with labels (...). PyTorch puts C second: (B, C, T) with (B, T).
//  - An ignored row has zero gradient even where its logits are NaN.
#pragma once

#include <cstdint>

#include "01_tensor/kernel_slot.hpp"
#include "01_tensor/tensor.hpp"

namespace rushlight {

// What becomes of the losses of the single elements or rows. A mean over nothing is NaN, a sum over nothing is 0.
enum class Reduction : std::uint8_t { none, mean, sum };

// --- 04.1 reduction and regression (reduction.cpp, regression.cpp) --------------------------------------------

// `losses` as they are, their sum, or their sum divided by `count`, the number of losses that count.
Tensor reduce_loss(const Tensor& losses, Reduction reduction, std::int64_t count);

// (input - target)², reduced. Both receive a gradient. Throws ShapeError when the shapes differ.
Tensor mse_loss(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::mean);

struct HuberOptions {
  Real delta = 1;  // where the parabola turns into a line; > 0
  Reduction reduction = Reduction::mean;
};

// With d = input - target:  d²/2 where |d| < delta, delta · (|d| - delta/2) elsewhere (Huber, 1964). Both receive a
// gradient. PyTorch's smooth_l1_loss is this divided by delta. Throws ShapeError, ValueError for delta <= 0 or NaN.
Tensor huber_loss(const Tensor& input, const Tensor& target, const HuberOptions& options = {});

// --- 04.2 logsumexp (logsumexp.cpp) ---------------------------------------------------------------------------

// log Σ exp(x) along `axis`, which goes, or stays with size 1. No exp overflows: finite for all finite x. A line that
// is -inf from end to end, or empty, gives -inf; one with a +inf gives +inf; there the gradient is NaN. Throws
// IndexError.
Tensor logsumexp(const Tensor& x, int axis = -1, bool keepdim = false);

// --- 04.3 two classes (binary.cpp) ----------------------------------------------------------------------------

// -(t · log p + (1 - t) · log(1 - p)) for probabilities p = input and t = target. Both logs are clamped at -100, and
// the gradient's denominator p(1 - p) at 1e-12, as in PyTorch: a sure and wrong answer costs 100, not infinity. Both
// receive a gradient. Throws ShapeError, ValueError that names the first p outside [0, 1] (a NaN is let through, unlike
// in PyTorch).
Tensor bce_loss(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::mean);

struct BceWithLogitsOptions {
  Array pos_weight = {};  // how many times a positive counts, broadcast to the logits; undefined: once
  Reduction reduction = Reduction::mean;
};

// bce_loss(sigmoid(x), t) for logits x, computed without the sigmoid: (1 - t) · x + softplus(-x). Exact for any finite
// x. Both receive a gradient. Throws ShapeError.
Tensor bce_with_logits_loss(const Tensor& logits, const Tensor& target, const BceWithLogitsOptions& options = {});

// --- 04.4 nll_loss (nll.cpp) ----------------------------------------------------------------------------------

struct NllOptions {
  std::int32_t ignore_index = -100;  // rows with this label do not count; it need not be a class
  Reduction reduction = Reduction::mean;
};

// How many labels are not `ignore_index`. Throws ShapeError unless labels (...) fit scores (..., C) and there are classes
// (C > 0), IndexError that names label and row when a label that counts is outside 0..C-1. `op` opens the message.
std::int64_t count_labels(const char* op, const Shape& scores, const Indices& labels, std::int32_t ignore_index);

// log-probabilities (..., C), labels (...): -log_probs[row, label]. Reduction::none gives the labels' shape, with 0 at
// ignored rows; the mean divides by the number of rows that count, so it is NaN when there are none, as in PyTorch
// (the gradient is then 0). Ignored rows have zero gradient. Throws what count_labels throws.
Tensor nll_loss(const Tensor& log_probs, const Indices& labels, const NllOptions& options = {});

// --- 04.5 cross_entropy (cross_entropy.cpp) -------------------------------------------------------------------

struct CrossEntropyOptions {
  std::int32_t ignore_index = -100;
  Real label_smoothing = 0;  // in [0, 1]: this share of the target is spread evenly over all C classes
  Reduction reduction = Reduction::mean;
};

// nll_loss(log_softmax(logits), labels) in one op, with PyTorch's label smoothing (Szegedy et al., 2016):
//   -(1 - s) · log p[label] - s/C · Σ log p[c]
// Shapes, reductions, ignored rows and errors as nll_loss; ValueError for label_smoothing outside [0, 1]. Finite for
// all finite logits of which no two in a row lie further apart than a Real reaches.
Tensor cross_entropy(const Tensor& logits, const Indices& labels, const CrossEntropyOptions& options = {});

// What the forward pass hands to the backward pass: with these two numbers a row, log p = (x - row_max) - log_sum, so
// that no (..., C) array needs to be kept beside the logits.
struct CrossEntropyRows {
  Array losses;   // (...): 0 at ignored rows
  Array row_max;  // (...)
  Array log_sum;  // (...): log Σ exp(x - row_max)
};

// What cross_entropy() calls when no faster kernel is installed. Labels have been checked; options.reduction is not
// looked at. backward: dL/dlogits from grad = dL/dlosses (...).
CrossEntropyRows cross_entropy_forward(const Array& logits, const Indices& labels, const CrossEntropyOptions& options);
Array cross_entropy_backward(const Array& grad, const Array& logits, const Indices& labels,
                             const CrossEntropyRows& rows, const CrossEntropyOptions& options);

// A pair: the rule calls the backward of the pair whose forward was called, whatever the slot holds by then.
struct CrossEntropyKernel {
  CrossEntropyRows (*forward)(const Array& logits, const Indices& labels, const CrossEntropyOptions& options) = nullptr;
  Array (*backward)(const Array& grad, const Array& logits, const Indices& labels, const CrossEntropyRows& rows,
                    const CrossEntropyOptions& options) = nullptr;
};
inline KernelSlot<CrossEntropyKernel> cross_entropy_slot;

}  // namespace rushlight
