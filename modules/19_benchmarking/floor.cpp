// floor.cpp: too good to be true.
#include "19_benchmarking/floor.hpp"

#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"

namespace rushlight::bench {
namespace {

void check_cost(const char* op, const Cost& cost, const Roof& roof) {
  for (const auto& [name, value] : {std::pair("flops", cost.flops), std::pair("bytes", cost.bytes)}) {
    if (!(value >= 0) || !std::isfinite(value)) {
      throw ValueError("{}: {} is {}, but must be a finite number, at least 0.", {op, name, value});
    }
  }
  check_above_zero(op, "flops_per_second", roof.flops_per_second);
  check_above_zero(op, "bytes_per_second", roof.bytes_per_second);
}

}  // namespace

// 19.8 floor_seconds  {flops, bytes}, {flops_per_second, bytes_per_second} -> max(flops/peak, bytes/bandwidth)
// Errors by check_cost, which is given.
// Hint: the slower of the two hides the other.
double floor_seconds(const Cost& cost, const Roof& roof) {
  check_cost("floor_seconds", cost, roof);
  todo("19.8");
}

// 19.8 checked_ratio  name, seconds, baseline, cost, roof, slack -> seconds/baseline
// ValueError when either time is below (1 - slack)·floor_seconds: name, that time and the floor; when either is not above
// 0 (check_above_zero); when slack is not in [0, 1).
// Hint: both times are of the same work, so both have the same floor.
double checked_ratio(const std::string& name, double seconds, double baseline, const Cost& cost, const Roof& roof,
                     double slack) {
  todo("19.8");
}

}  // namespace rushlight::bench
