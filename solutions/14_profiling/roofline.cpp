// roofline.cpp: two lines, and where the ops lie under them.
#include "14_profiling/roofline.hpp"

#include <algorithm>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 14.7 attainable  machine, intensity (FLOPs a byte) -> FLOP/s;  min(peak, bandwidth · intensity)
// Hint: the formula is the picture: a slope up to the ridge, then the roof.
double attainable(const Machine& machine, double intensity) {
  return std::min(machine.flops_per_s, machine.bytes_per_s * intensity);
}

// 14.7 ridge  machine -> FLOPs a byte at which both limits are equal
// Hint: solve peak = bandwidth · intensity.
double ridge(const Machine& machine) { return machine.flops_per_s / machine.bytes_per_s; }

// 14.7 roofline  rows, machine -> a point for each row with known FLOPs and bytes above 0 and a time above 0, in order
//   intensity = FLOPs / bytes;  flops_per_s = FLOPs / seconds;  of_attainable = flops_per_s / attainable;
//   memory_bound: intensity < ridge;  above_roof: of_attainable > 1.1
// Hint: a sum in which anything is unknown is no sum: leave that row out. 1 ns is 1e-9 s.
std::vector<RooflinePoint> roofline(const std::vector<OpRow>& rows, const Machine& machine) {
  std::vector<RooflinePoint> points;
  for (const OpRow& row : rows) {
    const bool known = row.cost.unknown_flops == 0 && row.cost.unknown_bytes == 0;
    if (!known || row.cost.flops <= 0 || row.cost.bytes <= 0 || row.ns <= 0) continue;
    const double flops = static_cast<double>(row.cost.flops);
    RooflinePoint point{.op = row.op, .phase = row.phase};
    point.intensity = flops / static_cast<double>(row.cost.bytes);
    point.flops_per_s = flops / (static_cast<double>(row.ns) * 1e-9);
    point.of_attainable = point.flops_per_s / attainable(machine, point.intensity);
    point.memory_bound = point.intensity < ridge(machine);
    point.above_roof = point.of_attainable > 1.1;
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace rushlight
