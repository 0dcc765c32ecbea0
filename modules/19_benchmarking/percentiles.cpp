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
  todo("19.7");
}

}  // namespace rushlight::bench
