// timed_kernel.hpp: the time of a kernel counts only if what it computed while the clock ran is right. So what is timed is
// what is looked at: the same call, at the same shape, with memory full of NaN before it, every element by itself and
// relative to its size, and the inputs once more afterwards. Give it other inputs each time: a result can be kept. Nothing
// here knows the tests' framework, so that the programs that measure can use it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "01_tensor/array.hpp"

namespace rushlight::test {

using Kernel = std::function<Array(const Arrays& inputs)>;

struct KernelTime {
  double seconds = 0;
  std::string wrong;  // the first thing that was; empty: the time counts
};

// False for NaN, and for a tolerance that an output of zeros would pass.
inline bool right_everywhere(std::span<const Real> found, const std::vector<double>& expected, double tolerance) {
  if (found.size() != expected.size()) return false;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!(std::fabs(static_cast<double>(found[i]) - expected[i]) <= tolerance * std::fabs(expected[i]))) return false;
  }
  return true;
}

// Memory of this size that the next arrays are likely to get holds NaN: whoever writes nothing has that, not an old result.
inline void poison(const Shape& shape) {
  Arrays full;
  for (int i = 0; i < 3; ++i) full.push_back(Array::full(shape, std::numeric_limits<Real>::quiet_NaN()));
}

inline KernelTime timed(const Kernel& kernel, const Arrays& inputs, const Shape& shape,
                        const std::vector<double>& expected, double tolerance = 1e-4) {
  const std::vector<Real> zeros(expected.size());
  if (right_everywhere(zeros, expected, tolerance)) return {.wrong = "an output of zeros would pass"};
  Arrays before;
  for (const Array& each : inputs) before.push_back(each.clone());
  poison(shape);
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  const Array found = kernel(inputs);
  KernelTime time{.seconds = std::chrono::duration<double>(Clock::now() - start).count()};
  if (found.shape() != shape) {
    time.wrong = "its result has another shape";
  } else if (!right_everywhere(found.data(), expected, tolerance)) {
    time.wrong = "its result is wrong";
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto was = before[i].data(), is = inputs[i].data();
    if (std::memcmp(was.data(), is.data(), was.size_bytes()) != 0) time.wrong = "it changed its inputs";
  }
  return time;
}

// Whether the machine can be so fast at all. A tenth is left for the clock, and for a floor that was measured itself.
inline bool believable(double seconds, double floor_seconds) { return seconds > 0 && floor_seconds <= 1.1 * seconds; }

}  // namespace rushlight::test
