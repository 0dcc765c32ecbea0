// chain.hpp: what both programs compute: layers of 1024 x 1024, one after the other, on rows that both know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "networks.hpp"

namespace benchmarks {

constexpr std::int64_t chain_width = 1024;

// Numbers from -1 to 1.5. Every row has both ends, so that its own range (what we quantise by) is that of all rows (what ONNX
// Runtime quantises by): 255 steps, and 0 is the 102nd, without a tie that rounding could break either way.
inline std::vector<float> chain_input(std::int64_t rows) {
  std::vector<float> x = uniform("rows", rows * chain_width, 1.25);
  for (float& number : x) number += 0.25F;
  for (std::size_t first = 0; first < x.size(); first += chain_width) x[first] = -1, x[first + 1] = 1.5F;
  return x;
}

}  // namespace benchmarks
