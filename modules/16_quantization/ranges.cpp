// ranges.cpp: given. The range of some numbers, all of which must be finite.
#include <algorithm>
#include <cmath>

#include "16_quantization/observers.hpp"

namespace rushlight {

Range range_of(const char* where, const Real* numbers, std::int64_t count, std::int64_t offset) {
  Real low = numbers[0], high = numbers[0];
  bool finite = true;
  for (std::int64_t i = 0; i < count; ++i) {
    low = std::min(low, numbers[i]);
    high = std::max(high, numbers[i]);
    finite = finite && std::isfinite(numbers[i]);
  }
  for (std::int64_t i = 0; !finite && i < count; ++i) {
    if (std::isfinite(numbers[i])) continue;
    throw ValueError("{}: number {} is {}: a range needs finite numbers.",
                     {where, offset + i, static_cast<double>(numbers[i])});
  }
  return {.low = static_cast<double>(low), .high = static_cast<double>(high)};
}

}  // namespace rushlight
