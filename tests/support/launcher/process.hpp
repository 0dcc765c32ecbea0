// process.hpp: one run of the test program, from fork to its end.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
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
  void wait(Clock::time_point deadline) const;  // until a child ends or the deadline passes; throws Interrupted

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

// The test program at work on some cases; both of its streams go to dir().output(). Whatever it starts dies with it,
// and it dies with this object: whoever throws leaves nothing behind.
class Process {
 public:
  Process(const Options& options, const std::vector<const Case*>& cases, const Signals& signals);  // throws UsageError
  ~Process() { kill(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  std::optional<End> end();  // nothing while it runs; never waits
  void kill();
  const TempDir& dir() const { return dir_; }
  pid_t id() const { return pid_; }

 private:
  TempDir dir_;
  pid_t pid_ = 0;  // 0 once it has ended
};

}  // namespace launcher
