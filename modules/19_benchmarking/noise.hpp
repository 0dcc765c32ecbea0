// noise.hpp: what is odd about a series of samples. Reported, never mended: an outlier is a fact.
#pragma once

#include <cstdint>
#include <vector>

namespace rushlight::bench {

// Numbers of samples outside of fences: mild ones lie more than 1.5, severe ones more than 3 times q3 - q1 beyond a
// quartile (Tukey, 1977). A severe one is not counted as mild again.
struct Outliers {
  std::int64_t low_severe = 0, low_mild = 0, high_mild = 0, high_severe = 0;

  std::int64_t count() const { return low_severe + low_mild + high_mild + high_severe; }
};

struct Drift {
  double change = 0;  // from the first sample to the last, as a share of the median: 0.1 is 10 % slower at the end
  double z = 0;       // how many deviations the trend is away from none
  bool seen = false;  // |z| beyond 2.576: of series without a trend, one in a hundred
};

// --- 19.5 (outliers.cpp) -----------------------------------------------------------------------------------------------

// Quartiles as `quantile` gives them. Throws ValueError for fewer than 4 samples, or one that is not finite.
Outliers find_outliers(const std::vector<double>& values);

// --- 19.5 (drift.cpp) --------------------------------------------------------------------------------------------------

// Of all pairs i < j: s = the number that rise minus the number that fall. Without a trend its variance is
//   v = (n(n - 1)(2n + 5) - Σ t(t - 1)(2t + 5))/18,  the sum over groups of t equal values (Mann, 1945; Kendall),
// and z = (s - sign(s))/√v, or 0 if v is 0. The slope is the median of (x[j] - x[i])/(j - i) (Theil, 1950; Sen, 1968),
// change = slope·(n - 1)/median. One odd sample moves neither.
// Throws ValueError for fewer than 8 samples, or one that is not a time above 0.
Drift find_drift(const std::vector<double>& values);

}  // namespace rushlight::bench
