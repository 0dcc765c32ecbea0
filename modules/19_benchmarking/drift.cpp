// drift.cpp: does it get slower while we look?
#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"
#include "19_benchmarking/distributions.hpp"
#include "19_benchmarking/noise.hpp"
#include "19_benchmarking/quantiles.hpp"

namespace rushlight::bench {

// 19.5 find_drift  n >= 8 times -> {slope·(n - 1)/median, z, |z| > normal_quantile(0.995)};  over all pairs i < j
//   slope = median of (x[j] - x[i])/(j - i);  s = Σ sign(x[j] - x[i]);  z = (s - sign(s))/√v, 0 if v = 0
//   v = (n(n - 1)(2n + 5) - Σ t(t - 1)(2t + 5))/18, the sum over groups of t equal values
// ValueError for fewer than 8 values, or one that is not a time above 0 (check_times).
// Hint: a group of one adds 0, so all groups may be counted. Do the sums in double.
Drift find_drift(const std::vector<double>& values) {
  check_times("find_drift", values, 8);
  todo("19.5");
}

}  // namespace rushlight::bench
