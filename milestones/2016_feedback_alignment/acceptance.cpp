#include "2016_feedback_alignment/acceptance.hpp"

#include <cmath>

namespace rushlight::dfa {

std::vector<Ordering> orderings(const ArmReport& vanilla, const ArmReport& penalised) {
  const LayerQuality& v = vanilla.layers.at(layer_to_judge);
  const LayerQuality& p = penalised.layers.at(layer_to_judge);
  return {{"h_L without penalty > 5 x with", vanilla.layers.back().h_norm, 5 * penalised.layers.back().h_norm},
          {"g_2 with penalty > 3 x without", p.g_norm, 3 * v.g_norm},
          {"accuracy with penalty > without", penalised.test_accuracy, vanilla.test_accuracy},
          {".2 > |cos_2| without penalty", 0.2, std::abs(v.cos_mean)},
          {".2 > |cos_2| with penalty", 0.2, std::abs(p.cos_mean)}};
}

}  // namespace rushlight::dfa
