// stopwatch.cpp: seconds of one call.
#include "19_benchmarking/stopwatch.hpp"

#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"

namespace rushlight::bench {

// 19.1 calls_for  work, least > 0 -> 1, 2, 4, ...: the first number of calls that take at least `least` seconds together,
//   three times in a row
// ValueError when least is not above 0 (check_above_zero).
// Hint: time one call, then two, then four, each time all of them. A single try that is too short settles it: double.
std::int64_t calls_for(const Work& work, double least, Clock& clock) {
  todo("19.1");
}

// 19.1 measure  work, {samples, calls, least} -> seconds of one call, sample by sample;  (end - start)/calls
// ValueError when samples < 1, calls < 0 or least is not above 0.
// Hint: no sample is left out here, not even the first one. calls = 0 asks calls_for.
Samples measure(const Work& work, const MeasureOptions& options, Clock& clock) {
  todo("19.1");
}

}  // namespace rushlight::bench
