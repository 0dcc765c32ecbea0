// sample_size.cpp: how many samples a percentile needs.
#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"
#include "19_benchmarking/distributions.hpp"
#include "19_benchmarking/quantiles.hpp"

namespace rushlight::bench {

// 19.2 samples_for_interval  q, level -> the smallest n with max(q, 1 - q)^n <= (1 - level)/2·(1 + 1e-9)
// ValueError unless q and level lie inside (0, 1) (check_inside).
// Hint: all n values lie below the quantile with probability q^n. Take logarithms; both are negative. Round up.
std::int64_t samples_for_interval(double q, double level) {
  todo("19.2");
}

// 19.2 samples_for_margin  q, margin, level -> ⌈z²·q·(1 - q)/margin²⌉,  z = normal_quantile((1 + level)/2)
// ValueError unless all three lie inside (0, 1) (check_inside).
// Hint: the share among n has the variance q(1 - q)/n, and z deviations of it shall be the margin.
std::int64_t samples_for_margin(double q, double margin, double level) {
  todo("19.2");
}

}  // namespace rushlight::bench
