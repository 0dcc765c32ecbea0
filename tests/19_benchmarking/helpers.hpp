// helpers.hpp: a simulated machine, and the statistics of this module once more, written as their definitions say.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "19_benchmarking/benchmarking.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

using bench::Interval;
using bench::SimulatedClock;
using bench::Work;
using Doubles = std::vector<double>;

// Work that takes as long as `seconds()` says, each time it is done.
inline Work taking(SimulatedClock& clock, std::function<double()> seconds) {
  return [&clock, seconds] { clock.advance(seconds()); };
}

inline Work taking(SimulatedClock& clock, double seconds) {
  return [&clock, seconds] { clock.advance(seconds); };
}

// Around 1, never below 0.
inline Doubles noisy(std::size_t count, std::uint64_t seed, double deviation = 0.05) {
  Generator random(seed);
  Doubles values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(std::exp(deviation * random.normal()));
  return values;
}

inline double plain_quantile(Doubles values, double q) {
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place)), above = static_cast<std::size_t>(std::ceil(place));
  return values[below] * (1 - (place - std::floor(place))) + values[above] * (place - std::floor(place));
}

inline double plain_median(const Doubles& values) { return plain_quantile(values, 0.5); }

inline double mean_of(const Doubles& values) {
  double total = 0;
  for (const double value : values) total += value;
  return total / static_cast<double>(values.size());
}

// A call a turn: all work takes about a second.
inline bench::CompareOptions one_call(std::int64_t rounds, std::uint64_t seed = 1) {
  return {.rounds = rounds, .least = 1e-9, .bootstrap = {.resamples = 200, .seed = seed}};
}

}  // namespace rushlight::test
