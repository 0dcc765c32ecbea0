// fiber.cpp: given. swapcontext asks the system for the signal mask each time. So a fiber is only begun with it, and
// continued with setjmp and longjmp, which exchange registers and nothing else.
#include "22_cuda/emulator/fiber.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <new>
#include <system_error>

namespace rushlight::emulator {
namespace {

constexpr std::size_t stack_bytes = std::size_t{1} << 17;
constexpr std::size_t guard_bytes = 4096;  // nobody may touch it: a stack that is too small crashes there
thread_local Fiber* now = nullptr;

#ifdef __SANITIZE_ADDRESS__
constexpr bool sanitized = true;  // AddressSanitizer follows swapcontext, and no jumps between stacks
#else
constexpr bool sanitized = false;
#endif

}  // namespace

Fiber::Fiber(Body body) : body_(body) {
  void* stack = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED) throw std::bad_alloc();
  stack_ = static_cast<char*>(stack);
  // Each guard page splits a mapping, and a process may have so many of them: a fiber without its guard would be no better.
  if (mprotect(stack_, guard_bytes, PROT_NONE) != 0 || getcontext(&inside_) != 0) {
    const int reason = errno;
    munmap(stack_, stack_bytes);
    throw std::system_error(reason, std::generic_category(), "the stack of an emulated thread");
  }
  inside_.uc_stack.ss_sp = stack_;
  inside_.uc_stack.ss_size = stack_bytes;
  inside_.uc_link = nullptr;
  makecontext(&inside_, run, 0);
}

Fiber::~Fiber() { munmap(stack_, stack_bytes); }

Fiber* Fiber::current() { return now; }

void Fiber::run() {
  while (true) {
    now->body_();
    pause();
  }
}

void Fiber::resume() {
  now = this;
  if (sanitized || !begun_) {
    begun_ = true;
    if (sanitized || _setjmp(back_) == 0) swapcontext(&outside_, &inside_);
  } else if (_setjmp(back_) == 0) {
    _longjmp(at_, 1);
  }
  now = nullptr;
}

void Fiber::pause() {
  Fiber* self = now;
  if (sanitized) {
    swapcontext(&self->inside_, &self->outside_);
  } else if (_setjmp(self->at_) == 0) {
    _longjmp(self->back_, 1);
  }
}

}  // namespace rushlight::emulator
