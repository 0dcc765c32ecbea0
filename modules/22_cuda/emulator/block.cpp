// block.cpp: given. The threads of a block take turns. One runs until it returns or waits; when all that can run have run,
// whoever waits for a barrier or for its warp goes on, if all that it waits for have come.
#include "22_cuda/emulator/block.hpp"

#include <algorithm>
#include <memory>

#include "22_cuda/emulator/turns.hpp"

namespace rushlight {

constinit thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace emulator {

constinit thread_local Block* now = nullptr;
constinit thread_local std::uint32_t block_number = 0;

namespace {

thread_local Order order = Order::forward;
thread_local std::vector<std::unique_ptr<Fiber>> idle;

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

}  // namespace

dim3 place(int thread) {
  const auto t = static_cast<unsigned>(thread);
  return {t % blockDim.x, t / blockDim.x % blockDim.y, t / (blockDim.x * blockDim.y)};
}

std::string shown(const dim3& at) {
  return "(" + std::to_string(at.x) + ", " + std::to_string(at.y) + ", " + std::to_string(at.z) + ")";
}

std::string who(int thread) { return "block " + shown(blockIdx) + " thread " + shown(place(thread)); }

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

}  // namespace emulator

void __syncthreads(int line) { emulator::wait(emulator::State::at_barrier, line); }

}  // namespace rushlight
