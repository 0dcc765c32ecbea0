// report.hpp: the results as JSON, for a file and for the pictures.
#pragma once

#include <string>
#include <vector>

#include "2016_feedback_alignment/acceptance.hpp"
#include "common/milestone.hpp"

namespace rushlight::dfa {

// Everything that was measured, with the settings it was measured under.
struct Results {
  Settings settings;
  std::string data;
  bool augmented = false;
  std::int64_t train_images = 0, test_images = 0;
  std::vector<ArmReport> arms;  // head only, backprop, vanilla, penalised: in this order

  const ArmReport& vanilla() const { return arms.at(2); }
  const ArmReport& penalised() const { return arms.at(3); }
};

// Configuration, accuracies, a table by layer for each arm, the interpretation and the orderings.
milestone::Json report_json(const Results& results);

// The last event's numbers, the ones a reader looks for first.
milestone::Json metrics_json(const Results& results);

// Cosine by layer, norm of h_L and training loss by epoch, accuracy by arm.
void emit_pictures(const Results& results);

}  // namespace rushlight::dfa
