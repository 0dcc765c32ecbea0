// preference.hpp: learning from pairs, one text chosen and one rejected. Each text comes as its log-probability, (B).
#pragma once

#include "01_tensor/tensor.hpp"

namespace rushlight {

// --- 20.6 preferences, DPO (dpo.cpp) -------------------------------------------------------------------------------

struct PreferenceLoss {
  Tensor loss;             // scalar
  Array chosen_rewards;    // (B): how the policy, in its own terms, values the chosen text
  Array rejected_rewards;  // (B)
  Array margins;           // (B): chosen - rejected
  double accuracy = 0;     // share of the pairs whose chosen text has the higher reward; equal rewards do not count
};

// x (B), what is to become large; rewards (B), for the report.  loss = mean of -log σ(x)
// Throws ShapeError, naming the argument, unless all are (B), B >= 1.
PreferenceLoss preference_loss(const Tensor& x, const Array& chosen_rewards, const Array& rejected_rewards);

// Direct preference optimisation (Rafailov et al., 2023). The reward of a text is beta·(log π - log π_ref), and
// x = reward of the chosen - reward of the rejected. The reference is a constant; where policy and reference agree the
// loss is ln 2. Any margin is finite. Throws ShapeError that names the argument, ValueError unless beta is finite
// and above 0.
PreferenceLoss dpo_loss(const Tensor& policy_chosen, const Tensor& policy_rejected, const Array& reference_chosen,
                        const Array& reference_rejected, double beta = 0.1);

// --- 20.7 SimPO (simpo.cpp) ------------------------------------------------------------------------------------------

struct SimpoOptions {
  double beta = 2;   // > 0 and finite
  double gamma = 1;  // in [0, 1e9]: by how much the chosen text should win
};

// Preferences without a reference model (Meng et al., 2024). The reward is beta·(log π / length), the mean over the
// tokens of a text, and x = reward of the chosen - reward of the rejected - gamma. Lengths (B), as sequence_lengths()
// gives them; one of 0 counts as 1. Throws ShapeError that names the argument, ValueError that names the option.
PreferenceLoss simpo_loss(const Tensor& policy_chosen, const Tensor& policy_rejected, const Array& chosen_lengths,
                          const Array& rejected_lengths, const SimpoOptions& options = {});

}  // namespace rushlight
