// outliers.cpp: who is far away from the others.
#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"
#include "19_benchmarking/noise.hpp"
#include "19_benchmarking/quantiles.hpp"

namespace rushlight::bench {

// 19.5 find_outliers  n >= 4 values -> counts;  r = q3 - q1;  severe: below q1 - 3r or above q3 + 3r;  mild: below
//   q1 - 1.5r or above q3 + 1.5r, and not severe
// ValueError for fewer than 4 values, or one that is not finite (check_samples).
// Hint: ask for severe first. On a fence is inside.
Outliers find_outliers(const std::vector<double>& values) {
  check_samples("find_outliers", values, 4);
  const double q1 = quantile(values, 0.25), q3 = quantile(values, 0.75), range = q3 - q1;
  Outliers found;
  for (const double value : values) {
    if (value < q1 - 3 * range) {
      ++found.low_severe;
    } else if (value > q3 + 3 * range) {
      ++found.high_severe;
    } else if (value < q1 - 1.5 * range) {
      ++found.low_mild;
    } else if (value > q3 + 1.5 * range) {
      ++found.high_mild;
    }
  }
  return found;
}

}  // namespace rushlight::bench
