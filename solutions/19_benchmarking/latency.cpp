// latency.cpp: how long somebody waits, and how long the server believes that somebody waits.
#include "19_benchmarking/latency.hpp"
#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"

namespace rushlight::bench {
namespace {

void check_arrivals(const std::vector<double>& arrivals) {
  check_samples("open_loop", arrivals, 1);
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const double before = i == 0 ? 0 : arrivals[i - 1];
    if (arrivals[i] < before) {
      throw ValueError("open_loop: arrival {} is at {}, but the one before at {}: arrivals come in order, from 0 on.",
                       {i, arrivals[i], before});
    }
  }
}

}  // namespace

// 19.7 open_loop  serve, arrivals -> waited[i] = end[i] - (start + arrivals[i]),  worked[i] = end[i] - begin[i]
//   seconds = end of the last - start. Errors by check_arrivals, which is given.
// Hint: clock.wait_until(due) returns at once when `due` has passed. The clock does not begin at 0.
Latencies open_loop(const Work& serve, const std::vector<double>& arrivals, Clock& clock) {
  check_arrivals(arrivals);
  // solution 19.7
  Latencies result;
  const double start = clock.now();
  for (const double arrival : arrivals) {
    const double due = start + arrival;
    clock.wait_until(due);
    const double begin = clock.now();
    serve();
    const double end = clock.now();
    result.waited.push_back(end - due);
    result.worked.push_back(end - begin);
    result.seconds = end - start;
  }
  return result;
  // end solution
}

// 19.7 closed_loop  serve, count -> worked[i] = end[i] - begin[i] = waited[i], one request after the other
// ValueError when count < 1 (check_at_least).
// Hint: as open_loop, with nobody who waits.
Latencies closed_loop(const Work& serve, std::int64_t count, Clock& clock) {
  check_at_least("closed_loop", "count", count, 1);
  Latencies result;
  const double start = clock.now();
  for (std::int64_t i = 0; i < count; ++i) {
    const double begin = clock.now();
    serve();
    const double end = clock.now();
    result.worked.push_back(end - begin);
    result.seconds = end - start;
  }
  result.waited = result.worked;
  return result;
}

}  // namespace rushlight::bench
