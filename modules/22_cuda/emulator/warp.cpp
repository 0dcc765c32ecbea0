// warp.cpp: given. The threads of a warp exchange values: when all that a mask names have come, each gets what it asked for.
#include <array>

#include "22_cuda/emulator/turns.hpp"
#include "22_cuda/kernel_error.hpp"

namespace rushlight {
namespace emulator {
namespace {

constexpr int wants_ballot = -1;

bool met(int warp, unsigned mask) {
  for (int lane = 0; lane < warpSize; ++lane) {
    if ((mask >> lane & 1U) == 0) continue;
    const Thread* other = lane_of(warp, lane);
    if (other == nullptr || other->state != State::at_warp || other->mask != mask) return false;
  }
  return true;
}

void exchange_values(int warp, unsigned mask) {
  std::array<std::uint64_t, warpSize> values{};
  unsigned ballot = 0;
  for (int lane = 0; lane < warpSize; ++lane) {
    if ((mask >> lane & 1U) == 0) continue;
    values[static_cast<std::size_t>(lane)] = lane_of(warp, lane)->value;
    if (values[static_cast<std::size_t>(lane)] != 0) ballot |= 1U << lane;
  }
  for (int lane = 0; lane < warpSize; ++lane) {
    if ((mask >> lane & 1U) == 0) continue;
    Thread& thread = *lane_of(warp, lane);
    const bool absent = thread.from != wants_ballot && (mask >> thread.from & 1U) == 0;
    if (thread.from == wants_ballot) {
      thread.value = ballot;
    } else {
      thread.value =
          absent ? ~std::uint64_t{0} : values[static_cast<std::size_t>(thread.from)];  // nobody gave one: NaN
    }
    thread.state = State::ready;
  }
  ++now->warp_epochs[static_cast<std::size_t>(warp)];
}

}  // namespace

int warps() { return (static_cast<int>(now->threads.size()) + warpSize - 1) / warpSize; }

Thread* lane_of(int warp, int lane) {
  const auto at = static_cast<std::size_t>(warp * warpSize + lane);
  return at < now->threads.size() ? &now->threads[at] : nullptr;
}

int lane() { return now->self % warpSize; }

bool release_warps() {
  bool released = false;
  for (int warp = 0; warp < warps(); ++warp) {
    for (int lane = 0; lane < warpSize; ++lane) {
      const Thread* thread = lane_of(warp, lane);
      if (thread == nullptr || thread->state != State::at_warp || !met(warp, thread->mask)) continue;
      exchange_values(warp, thread->mask);
      released = true;
    }
  }
  return released;
}

std::uint64_t exchange(unsigned mask, std::uint64_t value, int from_lane, int line) {
  Thread& thread = now->threads[static_cast<std::size_t>(now->self)];
  if ((mask >> lane() & 1U) == 0) {
    throw KernelError("{} calls a warp function at line {} with a mask that leaves it out.", {who(now->self), line});
  }
  thread.mask = mask;
  thread.from = from_lane;
  thread.value = value;
  wait(State::at_warp, line);
  return thread.value;
}

unsigned vote(unsigned mask, bool value, int line) {
  return static_cast<unsigned>(exchange(mask, value ? 1 : 0, wants_ballot, line));
}

}  // namespace emulator

void __syncwarp(unsigned mask, int line) { emulator::exchange(mask, 0, emulator::lane(), line); }

}  // namespace rushlight
