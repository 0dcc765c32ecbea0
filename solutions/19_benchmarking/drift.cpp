// drift.cpp: does it get slower while we look?
#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"
#include "19_benchmarking/distributions.hpp"
#include "19_benchmarking/noise.hpp"
#include "19_benchmarking/quantiles.hpp"

namespace rushlight::bench {

namespace {  // solution

// Σ t(t - 1)(2t + 5) over the groups of t equal values.
double ties(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double total = 0;
  for (auto first = values.begin(); first != values.end();) {
    const auto last = std::upper_bound(first, values.end(), *first);
    const auto t = static_cast<double>(last - first);
    total += t * (t - 1) * (2 * t + 5);
    first = last;
  }
  return total;
}

}  // namespace

// 19.5 find_drift  n >= 8 times -> {slope·(n - 1)/median, z, |z| > normal_quantile(0.995)};  over all pairs i < j
//   slope = median of (x[j] - x[i])/(j - i);  s = Σ sign(x[j] - x[i]);  z = (s - sign(s))/√v, 0 if v = 0
//   v = (n(n - 1)(2n + 5) - Σ t(t - 1)(2t + 5))/18, the sum over groups of t equal values
// ValueError for fewer than 8 values, or one that is not a time above 0 (check_times).
// Hint: a group of one adds 0, so all groups may be counted. Do the sums in double.
Drift find_drift(const std::vector<double>& values) {
  check_times("find_drift", values, 8);
  // solution 19.5
  double s = 0;
  std::vector<double> slopes;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i + 1; j < values.size(); ++j) {
      s += static_cast<double>((values[j] > values[i]) - (values[j] < values[i]));
      slopes.push_back((values[j] - values[i]) / static_cast<double>(j - i));
    }
  }
  const auto n = static_cast<double>(values.size());
  const double variance = (n * (n - 1) * (2 * n + 5) - ties(values)) / 18;
  Drift found;
  found.change = median(slopes) * (n - 1) / median(values);
  if (variance > 0) found.z = (s - static_cast<double>((s > 0) - (s < 0))) / std::sqrt(variance);
  found.seen = std::abs(found.z) > normal_quantile(0.995);
  return found;
  // end solution
}

}  // namespace rushlight::bench
