// divergence.cpp: given. What is said when threads wait for each other in vain.
#include <algorithm>

#include "22_cuda/emulator/turns.hpp"
#include "22_cuda/kernel_error.hpp"

namespace rushlight::emulator {
namespace {

std::string doing(int thread) {
  const Thread& it = now->threads[static_cast<std::size_t>(thread)];
  if (it.state == State::done) return "thread " + shown(place(thread)) + " has returned";
  const char* what = it.state == State::at_barrier ? " waits for the block at line " : " waits for its warp at line ";
  return "thread " + shown(place(thread)) + what + std::to_string(it.line);
}

}  // namespace

// Names one that waits, and one that it waits for.
void complain() {
  const std::vector<Thread>& all = now->threads;
  const auto is_waiting = [](const Thread& each) { return each.state != State::done; };
  const int first = static_cast<int>(std::find_if(all.begin(), all.end(), is_waiting) - all.begin());
  const Thread& waiting = all[static_cast<std::size_t>(first)];
  if (waiting.state == State::at_warp) {
    const int warp = first / warpSize;
    for (int lane = 0; lane < warpSize; ++lane) {
      if ((waiting.mask >> lane & 1U) == 0) continue;
      const Thread* other = lane_of(warp, lane);
      if (other == nullptr) {
        throw KernelError("{} waits at line {} for lane {}, which its block does not have: the mask names it.",
                          {who(first), waiting.line, lane});
      }
      if (other->state != State::at_warp || other->mask != waiting.mask) {
        throw KernelError("divergent warp: {} waits at line {} for lane {}, but {}.",
                          {who(first), waiting.line, lane, doing(warp * warpSize + lane)});
      }
    }
  }
  int other = 0;
  while (other < static_cast<int>(all.size()) - 1 && all[static_cast<std::size_t>(other)].state == waiting.state &&
         all[static_cast<std::size_t>(other)].line == waiting.line) {
    ++other;
  }
  throw KernelError("divergent __syncthreads: {} waits at line {}, but {}: every thread of a block must come.",
                    {who(first), waiting.line, doing(other)});
}

}  // namespace rushlight::emulator
