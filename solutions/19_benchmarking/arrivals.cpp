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
  check_at_least("steady_arrivals", "count", count, 1);
  check_above_zero("steady_arrivals", "rate", rate);
  std::vector<double> moments;
  for (std::int64_t i = 0; i < count; ++i) moments.push_back(static_cast<double>(i) / rate);
  return moments;
}

// 19.7 poisson_arrivals  count, rate, random -> t[i] = t[i-1] - ln(1 - u)/rate, from t[-1] = 0;  u = random.uniform()
// ValueError when count < 1 or rate is not above 0 (check_at_least, check_above_zero).
// Hint: std::log1p(-u).
std::vector<double> poisson_arrivals(std::int64_t count, double rate, Generator& random) {
  check_at_least("poisson_arrivals", "count", count, 1);
  check_above_zero("poisson_arrivals", "rate", rate);
  std::vector<double> moments;
  double moment = 0;
  for (std::int64_t i = 0; i < count; ++i) moments.push_back(moment -= std::log1p(-random.uniform()) / rate);
  return moments;
}

}  // namespace rushlight::bench
