// checks.cpp: given.
#include "19_benchmarking/checks.hpp"

#include <cmath>

namespace rushlight::bench {
namespace {

std::int64_t count_of(const std::vector<double>& values) { return static_cast<std::int64_t>(values.size()); }

}  // namespace

void check_samples(const char* op, const std::vector<double>& values, std::int64_t least) {
  if (count_of(values) < least) {
    throw ValueError("{}: there are {} samples, but it takes at least {}.", {op, count_of(values), least});
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) throw ValueError("{}: sample {} is {}.", {op, i, values[i]});
  }
}

void check_times(const char* op, const std::vector<double>& values, std::int64_t least) {
  check_samples(op, values, least);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] <= 0) {
      throw ValueError("{}: time {} is {}, but a time is above 0: the clock was too coarse for so little work.",
                       {op, i, values[i]});
    }
  }
}

void check_equal_counts(const char* op, const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) {
    throw ValueError("{}: there are {} and {} samples, but each round gives one to both.",
                     {op, count_of(a), count_of(b)});
  }
}

void check_at_least(const char* op, const char* name, std::int64_t value, std::int64_t least) {
  if (value < least) throw ValueError("{}: {} is {}, but must be at least {}.", {op, name, value, least});
}

void check_above_zero(const char* op, const char* name, double value) {
  if (!(value > 0) || !std::isfinite(value)) {
    throw ValueError("{}: {} is {}, but must be a finite number above 0.", {op, name, value});
  }
}

void check_inside(const char* op, const char* name, double value) {
  if (!(value > 0 && value < 1)) {
    throw ValueError("{}: {} is {}, but must be between 0 and 1, and neither.", {op, name, value});
  }
}

}  // namespace rushlight::bench
