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

void check_taken(const std::string& optimizer, const char* option, double given, double taken) {
  if (given == taken) return;
  throw ValueError("{}: {} cannot be {}. Nothing was changed.", {optimizer, option, given});
}

void check_same_switches(const std::string& optimizer, int group, bool same_buffers) {
  if (same_buffers) return;
  throw ValueError(
      "{}: with the options of the state, group {} would remember other arrays. Nothing was changed. Build the "
      "optimizer with the same options switched on as the one that was saved.",
      {optimizer, group});
}

}  // namespace rushlight
