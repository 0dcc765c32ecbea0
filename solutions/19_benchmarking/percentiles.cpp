// percentiles.cpp: how long the slowest of a hundred wait, and whether that can be said at all.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"
#include "19_benchmarking/latency.hpp"

namespace rushlight::bench {

// 19.7 percentiles  n values, qs, level -> for each q: nearest_rank, the values at interval_ranks with it in the middle
//   (if n >= samples_for_interval(q, level)), and that number
// ValueError for no values, one that is not finite (check_samples), a q or level not inside (0, 1) (check_inside).
// Hint: sort once. An std::optional that nobody sets is empty.
std::vector<Percentile> percentiles(const std::vector<double>& values, const std::vector<double>& qs, double level) {
  check_samples("percentiles", values, 1);
  check_inside("percentiles", "level", level);
  for (const double q : qs) check_inside("percentiles", "q", q);
  // solution 19.7
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const auto count = static_cast<std::int64_t>(values.size());
  std::vector<Percentile> found;
  for (const double q : qs) {
    Percentile each{.q = q, .value = nearest_rank(values, q), .samples_needed = samples_for_interval(q, level)};
    if (count >= each.samples_needed) {
      const Ranks ranks = interval_ranks(count, q, level);
      const auto at = [&](std::int64_t rank) { return sorted[static_cast<std::size_t>(rank - 1)]; };
      each.between = Interval{at(ranks.low), each.value, at(ranks.high)};
    }
    found.push_back(each);
  }
  return found;
  // end solution
}

}  // namespace rushlight::bench
