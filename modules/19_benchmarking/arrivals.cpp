// arrivals.cpp: when requests come. They do not ask whether somebody has time.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"
#include "19_benchmarking/latency.hpp"

namespace rushlight::bench {

// 19.7 steady_arrivals  count, rate -> i/rate for i = 0, ..., count - 1
// ValueError when count < 1 or rate is not above 0 (check_at_least, check_above_zero).
// Hint: divide; adding up 1/rate adds up its rounding.
std::vector<double> steady_arrivals(std::int64_t count, double rate) {
  todo("19.7");
}

// 19.7 poisson_arrivals  count, rate, random -> t[i] = t[i-1] - ln(1 - u)/rate, from t[-1] = 0;  u = random.uniform()
// ValueError when count < 1 or rate is not above 0 (check_at_least, check_above_zero).
// Hint: std::log1p(-u).
std::vector<double> poisson_arrivals(std::int64_t count, double rate, Generator& random) {
  todo("19.7");
}

}  // namespace rushlight::bench
