// warm_up.hpp: where a series of samples becomes steady.
#pragma once

#include <cstdint>
#include <vector>

namespace rushlight::bench {

struct WarmUp {
  std::int64_t samples = 0;  // of warm-up, to be left out
  bool steady = true;        // false: it never became steady, and `samples` is half of them
};

// --- 19.3 (warm_up.cpp) ------------------------------------------------------------------------------------------------

// The second half of the n samples, those from place n/2 (rounded down), is taken to be steady. Its quartiles q1, q3
// (`quantile`) and Tukey's fences q1 - 1.5·(q3 - q1), q3 + 1.5·(q3 - q1) say what is usual. Warm-up ends before the
// first place, among those up to n/2, from which three samples in a row lie within the fences (ends included).
// If there is none, it is not steady. Throws ValueError for fewer than 8 samples, or one that is not finite.
WarmUp find_warm_up(const std::vector<double>& values);

// What comes after it. Throws as find_warm_up does.
std::vector<double> without_warm_up(const std::vector<double>& values);

}  // namespace rushlight::bench
