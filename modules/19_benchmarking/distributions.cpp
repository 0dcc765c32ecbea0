// distributions.cpp: given.
#include "19_benchmarking/distributions.hpp"

#include <cmath>

#include "19_benchmarking/checks.hpp"

namespace rushlight::bench {
namespace {

double probability(std::int64_t k, std::int64_t n, double p) {
  const auto [count, of] = std::pair(static_cast<double>(k), static_cast<double>(n));
  return std::exp(std::lgamma(of + 1) - std::lgamma(count + 1) - std::lgamma(of - count + 1) + count * std::log(p) +
                  (of - count) * std::log1p(-p));
}

// P(B <= k) for k left of the middle. Going down, each term is smaller than the one before by a growing factor.
double lower_tail(std::int64_t k, std::int64_t n, double p) {
  double term = probability(k, n, p), total = 0;
  for (std::int64_t i = k; i >= 0 && term > 1e-17 * total; --i) {
    total += term;
    term *= static_cast<double>(i) * (1 - p) / (static_cast<double>(n - i + 1) * p);
  }
  return total;
}

}  // namespace

double binomial_cdf(std::int64_t k, std::int64_t n, double p) {
  check_at_least("binomial_cdf", "n", n, 0);
  check_inside("binomial_cdf", "p", p);
  if (k < 0) return 0;
  if (k >= n) return 1;
  if (static_cast<double>(k) < static_cast<double>(n) * p) return lower_tail(k, n, p);
  return 1 - lower_tail(n - k - 1, n, 1 - p);  // n - B counts the tails
}

double normal_quantile(double p) {
  check_inside("normal_quantile", "p", p);
  double low = -40, high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace rushlight::bench
