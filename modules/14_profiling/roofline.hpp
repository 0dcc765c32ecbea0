// roofline.hpp: how fast an op could be at best. A machine does so many FLOPs a second, and its memory delivers so many
// bytes a second; an op that does few FLOPs with each byte waits for memory, however good its code (Williams, Waterman
// and Patterson, 2009).
#pragma once

#include <string>
#include <vector>

#include "14_profiling/tables.hpp"

namespace rushlight {

struct Machine {
  double flops_per_s = 0;
  double bytes_per_s = 0;
};

// Measured here and now, with the primitives that are installed, in about `seconds`: the best of many products of square
// matrices, and the best of many sums of arrays that no cache holds. Given (measure_machine.cpp).
Machine measure_machine(double seconds = 0.5);

struct RooflinePoint {
  std::string op;
  Phase phase = Phase::forward;
  double intensity = 0;       // FLOPs a byte
  double flops_per_s = 0;     // reached
  double of_attainable = 0;   // 1: as fast as the roof allows
  bool memory_bound = false;  // left of the ridge
  // Faster than the roof allows by more than a tenth: its numbers came from a cache, which is faster than memory; or the
  // units, the formula or the measured peak are wrong.
  bool above_roof = false;
};

// --- 14.7 (roofline.cpp) -------------------------------------------------------------------------------------------

// min(peak, bandwidth · intensity), in FLOP/s.
double attainable(const Machine& machine, double intensity);

// The intensity at which the slope meets the roof: from there on, memory is fast enough.
double ridge(const Machine& machine);

// A point for each row of which all FLOPs and bytes are known, both above 0 and in more than no time; in the order of the
// rows.
std::vector<RooflinePoint> roofline(const std::vector<OpRow>& rows, const Machine& machine);

}  // namespace rushlight
