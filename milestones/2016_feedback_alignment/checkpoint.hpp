// checkpoint.hpp: a trained arm in a file (module 07's format), so that anybody can measure it again and must get the
// very same numbers.
#pragma once

#include <string>

#include "2016_feedback_alignment/experiment.hpp"

namespace rushlight::dfa {

// Tensors "model.<name>" and "feedback.<l>"; the rest is text: sizes, arm, seed and the accuracy that was measured.
void save_checkpoint(const std::string& path, Learner& learner, const Settings& settings, const ArmReport& report);

struct Checkpoint {
  Learner learner;
  Arm arm;
  Settings settings;
  double test_accuracy = 0;
};

// Throws FileError that names the file when something is missing or does not fit.
Checkpoint load_checkpoint(const std::string& path);

// Loads the file, measures again and throws Error unless accuracy and every number of every layer are the same, to the
// last bit.
void prove_reproducible(const std::string& path, const ArmReport& report, Loaders& loaders);

}  // namespace rushlight::dfa
