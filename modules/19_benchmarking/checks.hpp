// checks.hpp: what the functions of this module refuse. Each throws ValueError with the function, the argument and the
// rule. Given.
#pragma once

#include <cstdint>
#include <vector>

#include "01_tensor/error.hpp"

namespace rushlight::bench {

void check_samples(const char* op, const std::vector<double>& values, std::int64_t least);  // so many, all finite
void check_times(const char* op, const std::vector<double>& values, std::int64_t least);    // and all above 0
void check_equal_counts(const char* op, const std::vector<double>& a, const std::vector<double>& b);
void check_at_least(const char* op, const char* name, std::int64_t value, std::int64_t least);
void check_above_zero(const char* op, const char* name, double value);  // and finite
void check_inside(const char* op, const char* name, double value);      // 0 < value < 1

}  // namespace rushlight::bench
