// stopwatch.hpp: the time of something on the GPU, by events around it.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace rushlight {

// Milliseconds of one call: the median of nine, after two that nobody counts. A call of less than a millisecond is
// repeated within a measurement, since an event is good to a few microseconds.
inline double milliseconds(const std::function<void()>& call) {
  cudaEvent_t begin = nullptr, end = nullptr;
  cudaEventCreate(&begin);
  cudaEventCreate(&end);
  const auto once = [&](int times) {
    cudaEventRecord(begin);
    for (int i = 0; i < times; ++i) call();
    cudaEventRecord(end);
    cudaEventSynchronize(end);
    float taken = 0;
    cudaEventElapsedTime(&taken, begin, end);
    return static_cast<double>(taken) / times;
  };
  once(1);
  const int times = std::clamp(static_cast<int>(1 / std::max(once(1), 1e-3)), 1, 100);
  std::vector<double> all(9);
  for (double& each : all) each = once(times);
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  std::nth_element(all.begin(), all.begin() + 4, all.end());
  return all[4];
}

}  // namespace rushlight
