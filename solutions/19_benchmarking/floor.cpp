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
  // solution 19.8
  return std::max(cost.flops / roof.flops_per_second, cost.bytes / roof.bytes_per_second);
  // end solution
}

// 19.8 checked_ratio  name, seconds, baseline, cost, roof, slack -> seconds/baseline
// ValueError when either time is below (1 - slack)·floor_seconds: name, that time and the floor; when either is not above
// 0 (check_above_zero); when slack is not in [0, 1).
// Hint: both times are of the same work, so both have the same floor.
double checked_ratio(const std::string& name, double seconds, double baseline, const Cost& cost, const Roof& roof,
                     double slack) {
  check_above_zero("checked_ratio", "seconds", seconds);
  check_above_zero("checked_ratio", "baseline", baseline);
  if (!(slack >= 0 && slack < 1)) throw ValueError("checked_ratio: slack is {}, but must be in [0, 1).", {slack});
  const double floor = floor_seconds(cost, roof);
  for (const double time : {seconds, baseline}) {
    if (time < (1 - slack) * floor) {
      throw ValueError(
          "checked_ratio: {} took {:.6g} s, but this machine needs {:.6g} s at least. Was the work left out, counted in "
          "another unit, or the roof measured too low?",
          {name, time, floor});
    }
  }
  return seconds / baseline;
}

}  // namespace rushlight::bench
