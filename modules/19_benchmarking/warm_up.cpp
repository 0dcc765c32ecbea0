// warm_up.cpp: caches fill, pages arrive, processors speed up. What was measured meanwhile is another machine.
#include "19_benchmarking/warm_up.hpp"

#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"
#include "19_benchmarking/quantiles.hpp"

namespace rushlight::bench {

// 19.3 find_warm_up  n >= 8 values -> {samples, steady};  q1, q3 of the values from place n/2 on
//   the first i <= n/2 with x[i], x[i+1], x[i+2] in [q1 - 1.5·(q3 - q1), q3 + 1.5·(q3 - q1)];  none: {n/2, false}
// ValueError for fewer than 8 values, or one that is not finite (check_samples).
// Hint: count how many in a row lie within; a value outside sets the count back to 0. Faster than usual is unusual, too.
WarmUp find_warm_up(const std::vector<double>& values) {
  todo("19.3");
}

// 19.3 without_warm_up  values -> those after find_warm_up(values).samples
// Hint: a vector can be made from two iterators.
std::vector<double> without_warm_up(const std::vector<double>& values) {
  todo("19.3");
}

}  // namespace rushlight::bench
