// bootstrap.hpp: an interval for what has no formula (Efron, 1979).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "01_tensor/random.hpp"
#include "19_benchmarking/quantiles.hpp"

namespace rushlight::bench {

struct BootstrapOptions {
  std::int64_t resamples = 1000;
  double level = 0.95;
  std::uint64_t seed = 1;
};

// A number that is computed from the times of two things, a[i] and b[i] taken in the same round.
using Statistic = std::function<double(const std::vector<double>& a, const std::vector<double>& b)>;

// --- 19.4 (bootstrap.cpp) ----------------------------------------------------------------------------------------------

// The median of a[i]/b[i]. What slows a whole round down slows both, and leaves the ratio as it is. Throws ValueError for
// counts that differ, none, and times that are not above 0.
double ratio_of_rounds(const std::vector<double>& a, const std::vector<double>& b);

// The estimate is statistic(a, b). A resample draws as many rounds as there are, with repetition
// (Generator(seed).below), and takes both times of each. low and high are the quantiles (1 - level)/2 and (1 + level)/2
// of the statistics of the resamples; where the estimate lies beyond them, it is the end.
// Throws ValueError for counts that differ, fewer than 6 rounds, times that are not above 0, resamples < 1, and a level
// outside (0, 1).
Interval bootstrap(const std::vector<double>& a, const std::vector<double>& b, const Statistic& statistic,
                   const BootstrapOptions& options = {});

// bootstrap of ratio_of_rounds.
Interval bootstrap_ratio(const std::vector<double>& a, const std::vector<double>& b,
                         const BootstrapOptions& options = {});

}  // namespace rushlight::bench
