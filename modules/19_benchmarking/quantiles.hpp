// quantiles.hpp: what the middle of some numbers is, what lies above most of them, and how well that is known.
#pragma once

#include <cstdint>
#include <vector>

#include "01_tensor/error.hpp"

namespace rushlight::bench {

// low <= estimate <= high. A method of level 0.95 gives intervals of which 95 in 100 hold what they are after.
struct Interval {
  double low = 0, estimate = 0, high = 0;

  bool holds(double value) const { return low <= value && value <= high; }
  bool overlaps(const Interval& other) const { return low <= other.high && other.low <= high; }
};

// --- 19.2 (quantiles.cpp) ----------------------------------------------------------------------------------------------

// Sorted and counted from 0, place (n - 1)·q, on the line between neighbours if that is no whole number: what NumPy and
// torch.quantile do. Finite also where two neighbours are further apart than a double can say. The order of the values
// does not matter. Throws ValueError for no values, one that is not finite, or q outside [0, 1].
double quantile(std::vector<double> values, double q);

// quantile 0.5. Half of the time it takes longer.
double median(const std::vector<double>& values);

// The smallest of the values that at least q·n of them do not exceed: sorted and counted from 1, place ⌈q·n⌉, at least
// 1. It is one of the values. A q·n within 1e-9 above a whole number is that number: in double, 0.07·100 is more than
// 7. Throws ValueError as quantile does.
double nearest_rank(std::vector<double> values, double q);

// Places among n sorted values, counted from 1.
struct Ranks {
  std::int64_t low = 0, high = 0;
};

// The values at these places hold the q-quantile of what the values were drawn from, with probability `level` or more,
// whatever that is. If B is the number of values below the quantile (binomial: n tosses of probability q), low is the
// largest place with P(B <= low - 1) <= (1 - level)/2, high the smallest with P(B >= high) <= (1 - level)/2.
// Here and in samples_for_interval a probability that is above by a billionth of it, or less, counts as equal: in double,
// 0.5^3 by way of logarithms is more than 1/8.
// Throws ValueError unless q and level lie inside (0, 1), and where a place would be 0 or n + 1: the message says how
// many values it takes (samples_for_interval). David and Nagaraja, Order Statistics, 7.1.
Ranks interval_ranks(std::int64_t count, double q, double level = 0.95);

// quantile(values, q) between the values at interval_ranks. Throws ValueError as both do.
Interval quantile_interval(const std::vector<double>& values, double q, double level = 0.95);
Interval median_interval(const std::vector<double>& values, double level = 0.95);

// --- 19.2 how many samples (sample_size.cpp) -----------------------------------------------------------------------------

// The smallest count for which interval_ranks has both places: the largest (or smallest) of all must lie beyond the
// quantile with a probability of 1 - (1 - level)/2. 6 for the median, 368 for the 99th percentile at 0.95.
// Throws ValueError unless q and level lie inside (0, 1).
std::int64_t samples_for_interval(double q, double level = 0.95);

// How many it takes to know the share of values below a limit to ±margin, if it is about q: ⌈z²·q·(1 - q)/margin²⌉,
// z = normal_quantile((1 + level)/2). 23,886 for q = 0.9, margin 0.005, level 0.99 (the rules of MLPerf inference).
// Throws ValueError unless q, margin and level lie inside (0, 1).
std::int64_t samples_for_margin(double q, double margin, double level = 0.99);

}  // namespace rushlight::bench
