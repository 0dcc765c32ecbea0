// stopwatch.hpp: how long a piece of work takes. Times are seconds of one call.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "19_benchmarking/clock.hpp"

namespace rushlight::bench {

using Work = std::function<void()>;

// The compiler must believe that somebody looks at `value`, so it cannot leave out what computes it. Given.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

// --- 19.1 (stopwatch.cpp) ----------------------------------------------------------------------------------------------

// How many calls make a sample: 1, 2, 4, ..., the first number for which all of them together take at least `least`
// seconds, three times in a row: a first call is slow, and a try may be interrupted. Throws ValueError when least is not
// above 0.
std::int64_t calls_for(const Work& work, double least, Clock& clock = steady_clock());

struct MeasureOptions {
  std::int64_t samples = 30;
  std::int64_t calls = 0;  // in each sample; 0: as many as calls_for says
  double least = 1e-3;     // seconds, for calls_for
};

struct Samples {
  std::vector<double> seconds;  // of one call, in the order in which they were taken; nothing is left out
  std::int64_t calls = 1;       // in each sample
};

// Samples of so many calls each, divided by the calls. Between the two looks at the clock stands nothing but the calls.
// What the work throws passes through. Throws ValueError when samples < 1, calls < 0 or least is not above 0.
Samples measure(const Work& work, const MeasureOptions& options = {}, Clock& clock = steady_clock());

}  // namespace rushlight::bench
