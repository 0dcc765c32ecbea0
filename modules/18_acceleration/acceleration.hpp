// acceleration.hpp: switches the fast kernels on and off. Nothing above changes: gelu() is still gelu().
#pragma once

#include <string>
#include <vector>

namespace rushlight {

// The slots that this module can fill: "gemm", "gelu", "softmax", "layer_norm", "cross_entropy", "adam", "attention",
// "conv2d", "max_pool2d"; and "primitives", five entries in the table of primitives (01_tensor/device.hpp).
std::vector<std::string> accelerated_ops();

// Fills the named slots of the cpu, all of them by default, and empties the others. Throws ValueError that names an
// unknown one. Do it before the first forward pass: an op that was recorded keeps the derivative it was recorded with.
void accelerate(const std::vector<std::string>& ops = accelerated_ops());

}  // namespace rushlight
