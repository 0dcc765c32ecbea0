// quantiles.cpp: the middle, what lies above most, and how well both are known.
#include "19_benchmarking/quantiles.hpp"

#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"
#include "19_benchmarking/distributions.hpp"

namespace rushlight::bench {
namespace {

// A share of the values, ends included.
void check_quantile(const char* op, const std::vector<double>& values, double q) {
  check_samples(op, values, 1);
  if (!(q >= 0 && q <= 1)) throw ValueError("{}: q is {}, but must be between 0 and 1.", {op, q});
}

}  // namespace

// 19.2 quantile  n values, q -> (1 - t)·x[i] + t·x[i+1],  h = (n - 1)·q,  i = ⌊h⌋,  t = h - i,  x sorted, counted from 0
// ValueError by check_quantile, which is given. Finite, whatever the values are.
// Hint: at h = n - 1 there is no x[i+1]. std::nth_element is quicker than sorting, and enough. x[i+1] - x[i] may be too
// large for a double; std::lerp knows.
double quantile(std::vector<double> values, double q) {
  check_quantile("quantile", values, q);
  todo("19.2");
}

// 19.2 median  values -> quantile 0.5
// Hint: one call.
double median(const std::vector<double>& values) {
  todo("19.2");
}

// 19.2 nearest_rank  n values, q -> the sorted values' number ⌈q·n⌉, counted from 1, but at least number 1
// ValueError by check_quantile, which is given.
// Hint: ⌈q·n - 1e-9⌉, because 0.07·100 is a hair more than 7 in double. Places of a vector are counted from 0.
double nearest_rank(std::vector<double> values, double q) {
  check_quantile("nearest_rank", values, q);
  todo("19.2");
}

// 19.2 interval_ranks  n, q, level -> low, high, counted from 1;  t = (1 - level)/2·(1 + 1e-9),  B binomial (n, q)
//   low: the largest with P(B <= low - 1) <= t;  high: the smallest with P(B >= high) <= t
// ValueError unless q and level lie inside (0, 1) (check_inside), and when low < 1 or high > n: with samples_for_interval.
// Hint: binomial_cdf(k, n, q) is P(B <= k), so P(B >= high) = 1 - P(B <= high - 1). Count up from 1.
Ranks interval_ranks(std::int64_t count, double q, double level) {
  todo("19.2");
}

// 19.2 quantile_interval  values, q, level -> {value at low, quantile(values, q), value at high}
// Hint: sort a copy. The ranks are counted from 1.
Interval quantile_interval(const std::vector<double>& values, double q, double level) {
  check_quantile("quantile_interval", values, q);
  todo("19.2");
}

// 19.2 median_interval  values, level -> quantile_interval for 0.5
// Hint: one call.
Interval median_interval(const std::vector<double>& values, double level) {
  todo("19.2");
}

}  // namespace rushlight::bench
