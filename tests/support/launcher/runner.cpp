#include "support/launcher/runner.hpp"

#include "support/launcher/output.hpp"
#include "support/launcher/settle.hpp"

namespace launcher {
namespace {

constexpr int kTimeoutsBeforeGivingUp = 2;

std::vector<Case*> unheard_of(Task& task) {
  std::vector<Case*> list;
  for (Case& one : task.cases) {
    if (one.state == State::unknown) list.push_back(&one);
  }
  return list;
}

}  // namespace

void Runner::run(Task& task) {
  const Clock::time_point start = Clock::now();
  const auto budget = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(limit_));
  for (std::vector<Case*> pending = unheard_of(task); !pending.empty();) {
    run_some(pending, start + budget);
    settle_unreadable(pending);
    pending = unheard_of(task);
  }
  task.seconds = std::chrono::duration<double>(Clock::now() - start).count();
}

void Runner::run_some(const std::vector<Case*>& pending, Clock::time_point deadline) {
  if (timeouts_ >= kTimeoutsBeforeGivingUp) {
    return all_crashed(pending, "not run: two tasks before this one ran out of time");
  }
  const TempDir dir;
  const pid_t pid = spawn(options_, {pending.begin(), pending.end()}, dir, signals_);
  const End end = wait_for(pid, deadline, signals_);
  const Report report = read_events(dir.events(), pending);
  const std::string output = since_last_case(read_tail(dir.output()));
  if (end.timed_out) {
    ++timeouts_;
    settle_timeout(report, pending, limit_, output);
  } else {
    settle_end(end, report, pending, output);
  }
}

}  // namespace launcher
