// dfa_rule.hpp: one step of direct feedback alignment. Every part gets a little loss of its own, and no gradient ever
// crosses from one part into another.
#pragma once

#include "07_training/batch.hpp"
#include "2016_feedback_alignment/credit.hpp"
#include "2016_feedback_alignment/parts.hpp"
#include "2016_feedback_alignment/residual_mlp.hpp"

namespace rushlight::dfa {

// What is fixed for the whole batch, before any part has moved: values, without a graph.
struct BatchSignals {
  Arrays hiddens;  // h_0 .. h_L, (N, D) each
  Array error;     // e, (N, C)
  Arrays credits;  // â_0 .. â_{L-1}, (N, D) each
};
BatchSignals batch_signals(ResidualMlp& model, const Feedback& feedback, const Batch& batch);

// mean_n Σ_d y·â: the smaller it is, the further y points against the credit.
Tensor against_credit(const Tensor& y, const Array& credits);

// Block l's loss:  mean_n Σ_d f·â + lam · mean_n Σ_d f²,  with f = branch(h) and h a constant. Its gradient with
// respect to f is (â + 2·lam·f)/N: without the penalty nothing ever tells f that it is large enough.
Tensor block_loss(Branch& branch, const Array& h, const Array& credits, double lam);

// Cross-entropy of the read-out of a constant h_L. What the head learns from it is exactly what back-propagation would
// teach it: the head is the last layer.
Tensor head_loss(ResidualMlp& model, const Array& h, const Indices& labels);

// One batch: head, then the blocks in order, then embed. Returns the cross-entropy from before the step.
double dfa_step(ResidualMlp& model, const Feedback& feedback, Parts& parts, const Batch& batch, double lam);

}  // namespace rushlight::dfa
