// latency.hpp: how long somebody waits for an answer, under a load that does not wait for anybody.
#pragma once

#include <optional>

#include "01_tensor/random.hpp"
#include "19_benchmarking/quantiles.hpp"
#include "19_benchmarking/stopwatch.hpp"

namespace rushlight::bench {

// --- 19.7 when requests come (arrivals.cpp) ------------------------------------------------------------------------------

// Seconds after the start at which each of `count` requests comes, `rate` of them a second. Steady: i/rate, from 0 on.
// Poisson, as independent people come: gaps -ln(1 - u)/rate with u = random.uniform(), the first request after the
// first gap. Both throw ValueError when count < 1 or rate is not above 0.
std::vector<double> steady_arrivals(std::int64_t count, double rate);
std::vector<double> poisson_arrivals(std::int64_t count, double rate, Generator& random);

// --- 19.7 a server with one worker (latency.cpp) -------------------------------------------------------------------------

struct Latencies {
  std::vector<double> waited;  // of each request: from the moment it was due until its answer
  std::vector<double> worked;  // from the moment work on it began
  double seconds = 0;          // from the start to the last answer
};

// Open loop: request i is due at start + arrivals[i], whether or not the one before has its answer. If it is not yet due,
// the worker waits for it. Requests are answered in order. Throws ValueError for no arrivals, or ones that are negative,
// not finite or not in order.
Latencies open_loop(const Work& serve, const std::vector<double>& arrivals, Clock& clock = steady_clock());

// Closed loop: the next request comes when the last is answered, so that nobody ever waits; `waited` is `worked`. What
// many load generators do, and what hides a stall ("coordinated omission", Tene). Throws ValueError when count < 1.
Latencies closed_loop(const Work& serve, std::int64_t count, Clock& clock = steady_clock());

// --- 19.7 (percentiles.cpp) ----------------------------------------------------------------------------------------------

struct Percentile {
  double q = 0;
  double value = 0;                      // nearest_rank
  std::optional<Interval> between = {};  // values at interval_ranks around it; nothing if there are too few
  std::int64_t samples_needed = 0;       // samples_for_interval(q, level)
};

// One for each q, in their order. Throws ValueError for no values, one that is not finite, or a q or level outside
// (0, 1).
std::vector<Percentile> percentiles(const std::vector<double>& values, const std::vector<double>& qs,
                                    double level = 0.95);

}  // namespace rushlight::bench
