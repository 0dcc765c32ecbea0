// device.hpp: what a kernel finds around it, under the names that CUDA gives it: its place in the grid, barriers, shuffles,
// votes, atomics. Shared memory is one copy per block; blocks run one after another here, so one static does. Given.
#pragma once

#include <cstdint>
#include <cstring>

#define __global__
#define __device__
#define __host__
#define __shared__ static thread_local

namespace rushlight {

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};

extern constinit thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;
constexpr int warpSize = 32;

namespace emulator {

// All lanes in `mask` meet; each gets the value of the lane that it names.
std::uint64_t exchange(unsigned mask, std::uint64_t value, int from_lane, int line);
unsigned vote(unsigned mask, bool value, int line);  // bit i: lane i said true
int lane();

template <class T>
T exchanged(unsigned mask, T value, int from_lane, int line) {
  static_assert(sizeof(T) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = exchange(mask, bits, from_lane, line);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

}  // namespace emulator

void __syncthreads(int line = __builtin_LINE());
void __syncwarp(unsigned mask = ~0u, int line = __builtin_LINE());

template <class T>
T __shfl_sync(unsigned mask, T value, int lane, int line = __builtin_LINE()) {
  return emulator::exchanged(mask, value, lane & 31, line);
}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int line = __builtin_LINE()) {
  return emulator::exchanged(mask, value, emulator::lane() ^ lanes, line);
}

template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int line = __builtin_LINE()) {
  const int from = emulator::lane() + static_cast<int>(delta);
  return emulator::exchanged(mask, value, from < warpSize ? from : emulator::lane(), line);
}

template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int line = __builtin_LINE()) {
  const int from = emulator::lane() - static_cast<int>(delta);
  return emulator::exchanged(mask, value, from >= 0 ? from : emulator::lane(), line);
}

inline unsigned __ballot_sync(unsigned mask, bool value, int line = __builtin_LINE()) {
  return emulator::vote(mask, value, line);
}
inline bool __any_sync(unsigned mask, bool value, int line = __builtin_LINE()) {
  return emulator::vote(mask, value, line) != 0;
}
inline bool __all_sync(unsigned mask, bool value, int line = __builtin_LINE()) {
  return emulator::vote(mask, value, line) == mask;
}

}  // namespace rushlight
