// serve.hpp: one network in one process, which does on its standard input's word what `rush bench` asks for, so that
// two such processes can be timed in turns. One JSON object a line, in and out:
//   {"do": "steps", "count": 20}            -> {"losses": [...]}
//   {"do": "gradients", "file": PATH}       -> {"tensors": [["name", count], ...]}, their float32 values in the file
//   {"do": "time", "count": 50}             -> {"ms": [...]}, one per training step
//   {"do": "core"}                          -> {"core": "Haswell"}, the kernels that OpenBLAS has chosen here
//   {"do": "accelerate", "ops": ["gelu"]}   -> {"ops": ["gelu"]}, module 18's kernels that are in use now; "all" of
//   them
//   {"do": "memory"}                        -> {"peak_mib": ..., "page_faults": ...}
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace benchmarks {

struct Named {
  std::string name;
  std::vector<float> values;
};

class Network {
 public:
  virtual ~Network() = default;
  virtual double step() = 0;                   // zero_grad, forward, loss, backward, optimizer; returns the loss
  virtual std::vector<Named> gradients() = 0;  // as the last step left them (after clipping)
  virtual std::vector<std::string> accelerate(const std::vector<std::string>& ops) = 0;
};

using MakeNetwork = std::unique_ptr<Network> (*)(const std::string& name, int threads);

// main() of both programs:  PROGRAM NETWORK THREADS
int serve(int argc, char** argv, MakeNetwork make);

// The same, and   PROGRAM write NETWORK FILE   for the file from which another engine computes that network.
using WriteNetwork = void (*)(const std::string& name, const std::string& file);
int serve_or_write(int argc, char** argv, MakeNetwork make, WriteNetwork write);

}  // namespace benchmarks
