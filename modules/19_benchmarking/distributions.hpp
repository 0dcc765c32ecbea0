// distributions.hpp: the two distributions that counting and measuring need. Given.
#pragma once

#include <cstdint>

namespace rushlight::bench {

// P(B <= k), where B counts the heads of n tosses that fall so with probability p. 0 below 0, 1 from n on.
// Throws ValueError unless n >= 0 and 0 < p < 1.
double binomial_cdf(std::int64_t k, std::int64_t n, double p);

// The z with P(Z <= z) = p for Z normal with mean 0 and deviation 1: 1.959964 for 0.975. ValueError unless 0 < p < 1.
double normal_quantile(double p);

}  // namespace rushlight::bench
