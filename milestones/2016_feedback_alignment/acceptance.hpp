// acceptance.hpp: what the experiment must show to count as reproduced. Orderings, not numbers: those depend on seed,
// data and machine.
#pragma once

#include <string>
#include <vector>

#include "2016_feedback_alignment/experiment.hpp"

namespace rushlight::dfa {

struct Ordering {
  std::string name;
  double left = 0, right = 0;                  // the claim is left > right
  bool holds() const { return left > right; }  // false for NaN
};

//   norm of h_L     without the penalty more than 5 times what it is with it: the stream blows up
//   norm of g_2     with the penalty more than 3 times what it is without: the gradient comes back
//   accuracy        with the penalty higher
//   |cos| at h_2    below .2 in both arms: the credit does not point along the gradient
std::vector<Ordering> orderings(const ArmReport& vanilla, const ArmReport& penalised);

}  // namespace rushlight::dfa
