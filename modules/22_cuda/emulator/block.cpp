// block.cpp: given. The threads of a block take turns. One runs until it returns or waits; when all that can run have run,
// whoever waits for a barrier or for its warp goes on, if all that it waits for have come.
#include "22_cuda/emulator/block.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "22_cuda/emulator/fiber.hpp"
#include "22_cuda/kernel_error.hpp"

namespace rushlight {

constinit thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace emulator {
namespace {

constexpr int wants_ballot = -1;

enum class State : std::uint8_t { fresh, running, at_barrier, at_warp, ready, done };

struct Thread {
  State state = State::fresh;
  Fiber* fiber = nullptr;
  int line = 0;
  unsigned mask = 0;
  int from = 0;
  std::uint64_t value = 0;
};

struct Block {
  const std::function<void()>* body = nullptr;
  std::vector<Thread> threads;
  std::vector<std::uint16_t> warp_epochs;
  std::uint32_t epoch = 0;
  int next = 0;  // of the threads that have not begun, the first, in the order of their turns
  int self = 0;
  std::exception_ptr error;
};

thread_local Block* now = nullptr;
thread_local Order order = Order::forward;
thread_local std::uint32_t block_number = 0;
thread_local std::uint32_t first_of_launch = 1;
thread_local std::vector<std::unique_ptr<Fiber>> idle;

dim3 place(int thread) {
  const auto t = static_cast<unsigned>(thread);
  return {t % blockDim.x, t / blockDim.x % blockDim.y, t / (blockDim.x * blockDim.y)};
}

std::string shown(const dim3& at) {
  return "(" + std::to_string(at.x) + ", " + std::to_string(at.y) + ", " + std::to_string(at.z) + ")";
}

std::string who(int thread) { return "block " + shown(blockIdx) + " thread " + shown(place(thread)); }

int turn(int i) { return order == Order::forward ? i : static_cast<int>(now->threads.size()) - 1 - i; }

void become(int thread) {
  now->self = thread;
  threadIdx = place(thread);
}

// What a fiber does: run threads from first to last, as long as nobody has failed.
void run_threads() {
  while (!now->error && now->next < static_cast<int>(now->threads.size())) {
    const int mine = turn(now->next++);
    become(mine);
    Thread& thread = now->threads[static_cast<std::size_t>(mine)];
    thread.state = State::running;
    try {
      (*now->body)();
    } catch (...) {
      now->error = std::current_exception();
    }
    thread.state = State::done;
  }
}

std::unique_ptr<Fiber> take_fiber() {
  if (idle.empty()) return std::make_unique<Fiber>(run_threads);
  std::unique_ptr<Fiber> fiber = std::move(idle.back());
  idle.pop_back();
  return fiber;
}

void wait(State state, int line) {
  const int mine = now->self;
  Thread& thread = now->threads[static_cast<std::size_t>(mine)];
  thread.state = state;
  thread.line = line;
  thread.fiber = Fiber::current();
  Fiber::pause();
  become(mine);
  thread.state = State::running;
}

int warps() { return (static_cast<int>(now->threads.size()) + warpSize - 1) / warpSize; }

Thread* lane_of(int warp, int lane) {
  const auto at = static_cast<std::size_t>(warp * warpSize + lane);
  return at < now->threads.size() ? &now->threads[at] : nullptr;
}

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

std::string doing(int thread) {
  const Thread& it = now->threads[static_cast<std::size_t>(thread)];
  if (it.state == State::done) return "thread " + shown(place(thread)) + " has returned";
  const char* what = it.state == State::at_barrier ? " waits for the block at line " : " waits for its warp at line ";
  return "thread " + shown(place(thread)) + what + std::to_string(it.line);
}

// The threads stand still and have not all returned. Names one that waits, and one that it waits for.
[[noreturn]] void complain() {
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

bool release_barrier() {
  const int line = now->threads[0].line;
  for (const Thread& each : now->threads) {
    if (each.state != State::at_barrier || each.line != line) return false;
  }
  for (Thread& each : now->threads) each.state = State::ready;
  ++now->epoch;
  return true;
}

// The fibers that a failed block leaves behind, half way through a thread, are not used again.
struct Running {
  std::vector<std::unique_ptr<Fiber>> fibers;
  bool reusable = false;

  ~Running() {
    if (reusable) {
      for (auto& fiber : fibers) idle.push_back(std::move(fiber));
    }
    now = nullptr;
  }
};

void take_turns(Running& running) {
  const int count = static_cast<int>(now->threads.size());
  while (now->next < count && !now->error) {
    running.fibers.push_back(take_fiber());
    running.fibers.back()->resume();
  }
  while (!now->error) {
    const bool over = std::all_of(now->threads.begin(), now->threads.end(),
                                  [](const Thread& each) { return each.state == State::done; });
    if (over) return;
    if (!release_warps() && !release_barrier()) complain();
    for (int i = 0; i < count && !now->error; ++i) {
      Thread& thread = now->threads[static_cast<std::size_t>(turn(i))];
      if (thread.state == State::ready) thread.fiber->resume();
    }
  }
  std::rethrow_exception(now->error);
}

bool ordered(const Stamp& then, const Stamp& is) {
  if (then.block < first_of_launch) return true;
  if (then.block != is.block) return false;
  if (then.thread == is.thread || then.epoch != is.epoch) return true;
  return then.thread / warpSize == is.thread / warpSize && then.warp_epoch != is.warp_epoch;
}

[[noreturn]] void race(const Access& access, const Stamp& then, const char* did) {
  const char* where = access.space == Space::shared ? "a shared array" : "device memory";
  const std::string other = then.block == block_number ? "thread " + shown(place(then.thread)) : "another block";
  throw KernelError("race: {} {} element {} of {}, which {} {}, with nothing between them that orders the two.",
                    {who(now->self), access.writes ? "writes" : "reads", access.index, where, other, did});
}

}  // namespace

void begin_launch(const Grid& grid) {
  first_of_launch = block_number + 1;
  blockDim = grid.threads;
  gridDim = grid.blocks;
}

void run_block(const Grid& grid, const dim3& index, const std::function<void()>& thread) {
  Block block;
  block.body = &thread;
  block.threads.resize(std::size_t{grid.threads.x} * grid.threads.y * grid.threads.z);
  blockIdx = index;
  ++block_number;
  Running running;
  now = &block;
  block.warp_epochs.resize(static_cast<std::size_t>(warps()));
  take_turns(running);
  running.reusable = true;
}

bool backwards() { return order == Order::backward; }

InOrder::InOrder(Order wanted) : before_(order) { order = wanted; }
InOrder::~InOrder() { order = before_; }

bool in_kernel() { return now != nullptr; }
std::uint32_t current_block() { return block_number; }
int lane() { return now->self % warpSize; }

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

void outside(Space space, std::int64_t index, std::int64_t count) {
  const char* where = space == Space::shared ? "an axis of a shared array" : "an array";
  throw KernelError("{} asks for element {} of {} of {}.",
                    {in_kernel() ? who(now->self) : "the host", index, where, count});
}

void freed(std::int64_t index) {
  throw KernelError("{} asks for element {} of memory that has been freed.",
                    {in_kernel() ? who(now->self) : "the host", index});
}

void check_race(const Access& access) {
  if (access.cell == nullptr) return;
  const auto self = static_cast<std::uint16_t>(now->self);
  const std::uint16_t warp_epoch = now->warp_epochs[static_cast<std::size_t>(now->self / warpSize)];
  const Stamp is{block_number, now->epoch, warp_epoch, self, static_cast<std::uint16_t>(access.atomic)};
  Cell& cell = *access.cell;
  const auto harmless = [&](const Stamp& then) { return (then.atomic && access.atomic) || ordered(then, is); };
  if (!harmless(cell.write)) race(access, cell.write, "wrote");
  if (access.writes && !harmless(cell.read)) race(access, cell.read, "read");
  (access.writes ? cell.write : cell.read) = is;
}

}  // namespace emulator

void __syncthreads(int line) { emulator::wait(emulator::State::at_barrier, line); }

void __syncwarp(unsigned mask, int line) { emulator::exchange(mask, 0, emulator::lane(), line); }

}  // namespace rushlight
