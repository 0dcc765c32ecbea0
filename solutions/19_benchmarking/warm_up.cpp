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
  check_samples("find_warm_up", values, 8);
  const std::size_t half = values.size() / 2;
  const std::vector<double> later(values.begin() + static_cast<std::ptrdiff_t>(half), values.end());
  const double q1 = quantile(later, 0.25), q3 = quantile(later, 0.75), reach = 1.5 * (q3 - q1);
  std::size_t usual = 0;
  for (std::size_t i = 0; i < half + 3 && i < values.size(); ++i) {
    usual = values[i] >= q1 - reach && values[i] <= q3 + reach ? usual + 1 : 0;
    if (usual == 3) return {static_cast<std::int64_t>(i - 2), true};
  }
  return {static_cast<std::int64_t>(half), false};
}

// 19.3 without_warm_up  values -> those after find_warm_up(values).samples
// Hint: a vector can be made from two iterators.
std::vector<double> without_warm_up(const std::vector<double>& values) {
  return {values.begin() + find_warm_up(values).samples, values.end()};
}

}  // namespace rushlight::bench
