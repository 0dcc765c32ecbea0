// more.hpp: losses that PyTorch has beside those of losses.hpp, and class weights. Given, and made of the losses there and
// of tensor ops: no op of its own. Names, defaults and semantics are PyTorch's, with the differences that losses.hpp lists
// (equal shapes, classes on the last axis). pos_weight of bce_with_logits_loss is in losses.hpp.
#pragma once

#include "04_losses/losses.hpp"

namespace rushlight {

// --- regression and distributions (more_losses.cpp) -----------------------------------------------------------

// |input - target|, reduced; the derivative at 0 is 0. Throws ShapeError when the shapes differ.
Tensor l1_loss(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::mean);

struct SmoothL1Options {
  Real beta = 1;  // where the parabola turns into a line; 0: l1_loss
  Reduction reduction = Reduction::mean;
};

// With d = input - target:  d²/(2·beta) where |d| < beta, |d| - beta/2 elsewhere (Girshick, "Fast R-CNN", 2015). Throws
// ShapeError, ValueError for beta < 0, infinite or NaN.
Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, const SmoothL1Options& options = {});

enum class KlReduction : std::uint8_t { none, mean, sum, batchmean };

struct KlDivOptions {
  KlReduction reduction = KlReduction::mean;  // batchmean, the sum over the size of axis 0, is the divergence itself
  bool log_target = false;                    // the target is log-probabilities, too
};

// input: log-probabilities, target: probabilities. target · (log target - input), and 0 · log 0 = 0. Both receive a
// gradient; the target's at 0 is -input (PyTorch's is NaN). Throws ShapeError when the shapes differ, or for batchmean
// without an axis 0.
Tensor kl_div(const Tensor& input, const Tensor& target, const KlDivOptions& options = {});

// log(1 + exp(beta·x)) / beta, and x itself where beta·x > threshold. Exact to the last digits on both sides.
// Throws ValueError unless beta > 0 and finite (PyTorch takes any).
Tensor softplus(const Tensor& x, Real beta = 1, Real threshold = 20);

// --- class weights (more_classes.cpp) -------------------------------------------------------------------------

// nll_loss, each row's loss times the weight of its label; weight (C,), an undefined one counts every class once. The
// mean divides by the sum of the weights of the rows that count: NaN if that is 0. Throws ShapeError unless weight is
// (C,), and what nll_loss throws.
Tensor nll_loss(const Tensor& log_probs, const Indices& labels, const Array& weight, const NllOptions& options = {});

// The same for cross_entropy. With label smoothing s:
//   -(1 - s) · weight[label] · log p[label] - s/C · Σ weight[c] · log p[c]
// and the mean divides by the same sum of weight[label]. Throws as cross_entropy, ShapeError unless weight is (C,).
Tensor cross_entropy(const Tensor& logits, const Indices& labels, const Array& weight,
                     const CrossEntropyOptions& options = {});

}  // namespace rushlight
