// results.hpp: what a run has measured, over its seeds, and what it claims.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "2025_alignment/distillation.hpp"
#include "2025_alignment/preference.hpp"
#include "2025_alignment/reward.hpp"
#include "common/claims.hpp"

namespace rushlight::alignment {

// A part that was left out has measured nothing.
struct Results {
  double teacher_loss = 0;                                  // nats a character
  std::array<std::vector<double>, std::size(arms)> losses;  // of the students: by arm, one for each seed
  std::vector<PreferenceReport> preferences;                // one for each seed
  std::vector<RewardReport> rewards;                        // likewise

  const std::vector<double>& of(Arm arm) const { return losses.at(static_cast<std::size_t>(arm)); }
  std::vector<double>& of(Arm arm) { return losses.at(static_cast<std::size_t>(arm)); }
};

struct Interval {
  double mean = 0, low = 0, high = 0;
};

// The mean of a few numbers and Student's 95 % interval around it:  mean ± t·s/√n,  s² = Σ (x - mean)²/(n-1)
// (Student, 1908). Throws ValueError unless there are 2 to 10.
Interval interval_of(std::span<const double> values);

// Students that beat the plain one on every seed.
std::int64_t better_students(const Results& results);

using milestone::Claim;

//   distillation  two students or more beat the plain one on every seed
//   preference    accuracy at most 5 points from 50 % before, at least 80 % after, neutral text at most 5 % worse
//   reward        at least twice what it was
// Each of them on the seed where it is worst; only of the parts that were run.
std::vector<Claim> claims(const Results& results);

}  // namespace rushlight::alignment
