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
  todo("19.5");
}

}  // namespace rushlight::bench
