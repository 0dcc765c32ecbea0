// roofs.hpp: how long each kernel takes on a GPU, beside what the card could do at best.
#pragma once

#include <string>
#include <vector>

namespace rushlight {

// One kernel at one shape. `floor_ms` is the time that the card needs at the least: for the bytes of a kernel that moves
// numbers, at the bandwidth of a plain copy; for products, what cuBLAS takes.
struct Timed {
  std::string kernel, shape, roof;
  double ms = 0, floor_ms = 0;

  double share() const { return floor_ms / ms; }
  bool believable() const { return ms > 0 && share() <= 1.1; }  // faster than the card: something was not done
};

struct Roofs {
  double copy_gb_per_s = 0;  // read and written, measured here
  std::vector<Timed> kernels;
  std::vector<std::string> wrong;  // kernels whose result at the timed shape is not the CPU's
};

// The device is installed. Takes a few seconds.
Roofs measure_roofs();

}  // namespace rushlight
