#include "support/growth.hpp"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace rushlight::test {
namespace {

constexpr int runs = 3;
constexpr double shortest = 1e-3;  // seconds that a measurement should take

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds_of(const std::function<void(std::int64_t)>& run, std::int64_t size) {
  const double start = thread_seconds();
  int times = 0;
  double passed = 0;
  for (; passed < shortest; ++times) {
    run(size);
    passed = thread_seconds() - start;
  }
  return passed / times;
}

}  // namespace

double growth(const std::function<void(std::int64_t)>& run, const std::vector<std::int64_t>& sizes) {
  std::vector<double> least(sizes.size(), std::numeric_limits<double>::infinity());
  for (int round = 0; round < runs; ++round) {  // all sizes in turn: a slow spell meets all of them
    for (std::size_t i = 0; i < sizes.size(); ++i) least[i] = std::min(least[i], seconds_of(run, sizes[i]));
  }
  double mean_x = 0, mean_y = 0, xy = 0, xx = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    mean_x += std::log(static_cast<double>(sizes[i])) / static_cast<double>(sizes.size());
    mean_y += std::log(least[i]) / static_cast<double>(sizes.size());
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const double x = std::log(static_cast<double>(sizes[i])) - mean_x;
    xy += x * (std::log(least[i]) - mean_y);
    xx += x * x;
  }
  return xy / xx;
}

}  // namespace rushlight::test
