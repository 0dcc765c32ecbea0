// turns.hpp: what the parts of the emulator know about the block that runs. Given.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "22_cuda/emulator/fiber.hpp"
#include "22_cuda/emulator/launch.hpp"

namespace rushlight::emulator {

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

extern constinit thread_local Block* now;                  // null outside of kernels
extern constinit thread_local std::uint32_t block_number;  // through all launches, from 1

void wait(State state, int line);  // the running thread pauses until its state is `ready`
bool release_warps();              // whether some threads that waited for their warps go on
[[noreturn]] void complain();      // the threads stand still and have not all returned: KernelError

int warps();
Thread* lane_of(int warp, int lane);  // null where the block has no such thread

dim3 place(int thread);
std::string shown(const dim3& at);
std::string who(int thread);  // "block (0, 0, 0) thread (3, 0, 0)"

}  // namespace rushlight::emulator
