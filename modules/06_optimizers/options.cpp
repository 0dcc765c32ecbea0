// options.cpp: given. The checks that the options structs share.
#include <cmath>

#include "06_optimizers/optimizer.hpp"

namespace rushlight {

void check_not_negative(const std::string& optimizer, const char* option, double value) {
  if (value >= 0 && std::isfinite(value)) return;
  throw ValueError("{}: {} is {}, but it must be finite and not negative.", {optimizer, option, value});
}

void check_fraction(const std::string& optimizer, const char* option, double value) {
  if (value >= 0 && value < 1) return;
  throw ValueError("{}: {} is {}, but it must be at least 0 and less than 1.", {optimizer, option, value});
}

}  // namespace rushlight
