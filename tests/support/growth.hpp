// growth.hpp: how the time of something grows with its size, told so that other work on the machine cannot change it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace rushlight::test {

// The exponent p of time ~ size^p, fitted over all sizes (least squares in logarithms): 1 is linear, 2 a square. What is
// measured is the processor time of this thread, the least of several runs, so that neither waiting for a processor nor
// one slow run counts. A size that takes less than a millisecond is run several times over.
double growth(const std::function<void(std::int64_t size)>& run, const std::vector<std::int64_t>& sizes);

}  // namespace rushlight::test
