// process.hpp: one run of the test program, from fork to its end.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "support/launcher/cases.hpp"

namespace launcher {

using Clock = std::chrono::steady_clock;

// Somebody pressed Ctrl-C, or the like.
struct Interrupted {
  int signal;
};

// A folder of our own, gone when we are.
class TempDir {
 public:
  TempDir();  // throws UsageError
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string events() const { return path_ / "events.jsonl"; }
  std::string output() const { return path_ / "output.txt"; }
  std::string files() const { return path_ / "files"; }  // the tests' own temporary files

 private:
  std::filesystem::path path_;
};

// Signals are taken by sigtimedwait, one at a time, so that no handler is needed and no wake-up is lost.
class Signals {
 public:
  Signals();
  void restore_in_child() const;
  int wait(Clock::time_point deadline) const;  // the next signal, or 0 when the deadline has passed

 private:
  sigset_t set_{};
  sigset_t before_{};
};

// How a process ended. Exactly one of the three is set.
struct End {
  bool timed_out = false;
  int signal = 0;
  int status = 0;
};

// Starts the test program on these cases; both of its streams go to dir.output(). Throws UsageError.
pid_t spawn(const Options& options, const std::vector<const Case*>& cases, const TempDir& dir, const Signals& signals);

// Its end, or at the deadline a time-out; whatever it started is killed with it. Throws Interrupted.
End wait_for(pid_t pid, Clock::time_point deadline, const Signals& signals);

}  // namespace launcher
