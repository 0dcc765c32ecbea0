// baselines.hpp: what the rule is to be compared with, on the same network, optimizers, schedules and batches.
#pragma once

#include "07_training/batch.hpp"
#include "2016_feedback_alignment/parts.hpp"
#include "2016_feedback_alignment/residual_mlp.hpp"

namespace rushlight::dfa {

// Back-propagation: one loss, and its gradient goes through everything. Blocks are clipped as under the other rule.
double backprop_step(ResidualMlp& model, Parts& parts, const Batch& batch);

// Only the head learns; what it reads are random features. A rule that does worse than this has made the hidden layers
// worse than no training at all.
double head_only_step(ResidualMlp& model, Parts& parts, const Batch& batch);

}  // namespace rushlight::dfa
