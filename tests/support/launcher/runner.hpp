// runner.hpp: tasks are run, several at once, until each of their cases has a state.
#pragma once

#include <list>

#include "support/launcher/process.hpp"

namespace launcher {

class Runner {
 public:
  // `limit`: seconds a task, in which it was not waiting for a processor that others had.
  Runner(const Options& options, double limit) : options_(options), limit_(limit) {}
  void run(std::vector<Task>& tasks);

 private:
  struct Running {  // a task, and the process that is at work on those of its cases that have no state yet
    Task& task;
    Clock::time_point start;
    std::vector<Case*> pending{};
    std::optional<Process> process{};
    Clock::duration waited{};         // of its time, what does not count
    Clock::duration waited_before{};  // of that, what earlier processes waited
  };

  void start(Task& task);
  bool go_on(Running& running);       // a process for what is left of the task; false when nothing is
  bool look_after(Running& running);  // false once its task is through
  void settle(Running& running, const End& end);
  bool out_of_time(Running& running) const;
  std::vector<pid_t> processes() const;
  void check_disk(const Running& running) const;  // throws UsageError
  Clock::time_point deadline(const Running& running) const;

  const Options& options_;
  double limit_;
  Signals signals_;
  std::list<Running> running_;
  int timeouts_ = 0;
};

}  // namespace launcher
