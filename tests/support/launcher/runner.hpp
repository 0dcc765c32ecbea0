// runner.hpp: a task is run until each of its cases has a state.
#pragma once

#include "support/launcher/process.hpp"

namespace launcher {

class Runner {
 public:
  Runner(const Options& options, double limit) : options_(options), limit_(limit) {}  // limit: seconds a task
  void run(Task& task);

 private:
  void run_some(const std::vector<Case*>& pending, Clock::time_point deadline);

  const Options& options_;
  double limit_;
  Signals signals_;
  int timeouts_ = 0;
};

}  // namespace launcher
