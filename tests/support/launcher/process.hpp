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

  std::string output() const { return path_ / "output.txt"; }
  std::string files() const { return path_ / "files"; }  // the tests' own temporary files

 private:
  std::filesystem::path path_;
};

// Signals are read from a descriptor, one at a time, so that no handler is needed and no wake-up is lost.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  void restore_in_child() const;
  // Until a child ends, one of the descriptors can be read or the deadline passes; throws Interrupted.
  void wait(Clock::time_point deadline, const std::vector<int>& descriptors) const;

 private:
  sigset_t set_{};
  sigset_t before_{};
  int descriptor_ = -1;
};

// How a process ended. Exactly one of the three is set.
struct End {
  bool timed_out = false;
  int signal = 0;
  int status = 0;
};

// What came through a process's channel so far.
struct Received {
  std::vector<std::string> lines;
  std::string complaint;  // the first thing that the program itself cannot have sent
};

// The test program at work on some cases; both of its streams go to dir().output(). Whatever it starts dies with it,
// and it dies with this object: whoever throws leaves nothing behind.
class Process {
 public:
  Process(const Options& options, const std::vector<const Case*>& cases, const Signals& signals);  // throws UsageError
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  std::optional<End> end();  // nothing while it runs; never waits
  void kill();
  const Received& receive();  // all that has come; never waits
  int channel() const { return channel_; }
  pid_t pid() const { return pid_; }
  const TempDir& dir() const { return dir_; }
  pid_t id() const { return pid_; }

 private:
  TempDir dir_;
  std::string nonce_;
  Received received_;
  int channel_ = -1;  // our end
  pid_t pid_ = 0;     // 0 once it has ended
};

// Processes that tests started and left behind: children of ours that are none of `known`.
void end_strays(const std::vector<pid_t>& known);

}  // namespace launcher
