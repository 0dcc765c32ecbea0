// fiber.hpp: a stack of its own for a thread that has to wait in the middle. One system thread runs all fibers of a launch,
// so nothing here happens at the same time, and every run is the same. Given.
#pragma once

#include <ucontext.h>
#include <csetjmp>

namespace rushlight::emulator {

class Fiber {
 public:
  // Runs `body` again and again: each time that it returns, the fiber pauses.
  using Body = void (*)();
  explicit Fiber(Body body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  void resume();        // from outside, until it pauses
  static void pause();  // from inside
  static Fiber* current();

 private:
  static void run();

  Body body_;
  char* stack_;
  bool begun_ = false;
  ucontext_t inside_, outside_;
  std::jmp_buf at_, back_;
};

}  // namespace rushlight::emulator
