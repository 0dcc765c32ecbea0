// bootstrap.cpp: what the ratio would have been, had other rounds been drawn.
#include "19_benchmarking/bootstrap.hpp"

#include <algorithm>

#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"

namespace rushlight::bench {

// 19.4 ratio_of_rounds  a, b (n rounds each) -> the median of a[i]/b[i]
// ValueError: counts that differ, none, times not above 0 (check_equal_counts, check_times).
// Hint: first divide, then take the median.
double ratio_of_rounds(const std::vector<double>& a, const std::vector<double>& b) {
  check_equal_counts("ratio_of_rounds", a, b);
  check_times("ratio_of_rounds", a, 1);
  check_times("ratio_of_rounds", b, 1);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < a.size(); ++i) ratios.push_back(a[i] / b[i]);
  return median(ratios);
}

// 19.4 bootstrap  a, b (n rounds each), statistic, {resamples, level, seed} -> statistic(a, b), between the quantiles
//   (1 - level)/2 and (1 + level)/2 of `resamples` statistics, each of n rounds drawn with repetition
// ValueError: counts that differ, fewer than 6 rounds, times not above 0 (check_equal_counts, check_times); resamples < 1
// (check_at_least); level not inside (0, 1) (check_inside).
// Hint: one drawn number is a round: take a and b of it. low is at most the estimate, high at least.
Interval bootstrap(const std::vector<double>& a, const std::vector<double>& b, const Statistic& statistic,
                   const BootstrapOptions& options) {
  constexpr const char* op = "bootstrap";
  check_equal_counts(op, a, b);
  check_times(op, a, 6);
  check_times(op, b, 6);
  check_at_least(op, "resamples", options.resamples, 1);
  check_inside(op, "level", options.level);
  // solution 19.4
  Generator random(options.seed);
  const auto rounds = static_cast<std::int64_t>(a.size());
  std::vector<double> found, some_a(a.size()), some_b(b.size());
  for (std::int64_t i = 0; i < options.resamples; ++i) {
    for (std::size_t j = 0; j < a.size(); ++j) {
      const auto round = static_cast<std::size_t>(random.below(rounds));
      some_a[j] = a[round];
      some_b[j] = b[round];
    }
    found.push_back(statistic(some_a, some_b));
  }
  const double estimate = statistic(a, b);
  return {std::min(estimate, quantile(found, (1 - options.level) / 2)), estimate,
          std::max(estimate, quantile(found, (1 + options.level) / 2))};
  // end solution
}

// 19.4 bootstrap_ratio  a, b, options -> bootstrap of ratio_of_rounds
// Hint: one call.
Interval bootstrap_ratio(const std::vector<double>& a, const std::vector<double>& b, const BootstrapOptions& options) {
  return bootstrap(a, b, ratio_of_rounds, options);
}

}  // namespace rushlight::bench
