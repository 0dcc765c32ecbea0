// floor.hpp: what no measurement can be below. The roofline (Williams, Waterman and Patterson, 2009) says how fast a
// piece of work can be on a machine; a time below that is not fast, it is wrong.
#pragma once

#include <string>

namespace rushlight::bench {

struct Cost {
  double flops = 0;  // additions and multiplications, 2 for a multiply-add; at least 0
  double bytes = 0;  // to and from memory; at least 0
};

struct Roof {
  double flops_per_second = 0, bytes_per_second = 0;  // measured, above 0
};

// --- 19.8 (floor.cpp) ----------------------------------------------------------------------------------------------------

// max(flops/peak, bytes/bandwidth): whichever takes longer, if both go on at once. Seconds.
// Throws ValueError that names what is negative or not above 0.
double floor_seconds(const Cost& cost, const Roof& roof);

// seconds/baseline, both times of the same work. Throws ValueError when one of the two is below (1 - slack) times the
// floor: the message has what was measured, by name, its time and the floor. Refuses a `seconds` or `baseline` that is
// not above 0, and a slack outside [0, 1). The slack is for a roof that was measured, too.
double checked_ratio(const std::string& name, double seconds, double baseline, const Cost& cost, const Roof& roof,
                     double slack = 0.05);

}  // namespace rushlight::bench
