// stopwatch.cpp: seconds of one call.
#include "19_benchmarking/stopwatch.hpp"

#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"

namespace rushlight::bench {

namespace {  // solution

// So many calls, from one look at the clock to the next.
double seconds_of(const Work& work, std::int64_t calls, Clock& clock) {
  const double start = clock.now();
  for (std::int64_t i = 0; i < calls; ++i) work();
  return clock.now() - start;
}

bool take_long_enough(const Work& work, std::int64_t calls, double least, Clock& clock) {
  constexpr int tries = 3;
  for (int i = 0; i < tries; ++i) {
    if (seconds_of(work, calls, clock) < least) return false;
  }
  return true;
}

}  // namespace

// 19.1 calls_for  work, least > 0 -> 1, 2, 4, ...: the first number of calls that take at least `least` seconds together,
//   three times in a row
// ValueError when least is not above 0 (check_above_zero).
// Hint: time one call, then two, then four, each time all of them. A single try that is too short settles it: double.
std::int64_t calls_for(const Work& work, double least, Clock& clock) {
  check_above_zero("calls_for", "least", least);
  std::int64_t calls = 1;
  while (!take_long_enough(work, calls, least, clock)) calls *= 2;
  return calls;
}

// 19.1 measure  work, {samples, calls, least} -> seconds of one call, sample by sample;  (end - start)/calls
// ValueError when samples < 1, calls < 0 or least is not above 0.
// Hint: no sample is left out here, not even the first one. calls = 0 asks calls_for.
Samples measure(const Work& work, const MeasureOptions& options, Clock& clock) {
  check_at_least("measure", "samples", options.samples, 1);
  check_at_least("measure", "calls", options.calls, 0);
  check_above_zero("measure", "least", options.least);
  Samples result;
  result.calls = options.calls > 0 ? options.calls : calls_for(work, options.least, clock);
  result.seconds.reserve(static_cast<std::size_t>(options.samples));
  for (std::int64_t i = 0; i < options.samples; ++i) {
    result.seconds.push_back(seconds_of(work, result.calls, clock) / static_cast<double>(result.calls));
  }
  return result;
}

}  // namespace rushlight::bench
