#include "support/launcher/runner.hpp"

#include <algorithm>

#include "support/launcher/output.hpp"
#include "support/launcher/states.hpp"
#include "support/launcher/waiting.hpp"

namespace launcher {
namespace {

constexpr int kTimeoutsBeforeGivingUp = 2;
constexpr std::chrono::milliseconds kLookAgain{20};  // when a task has waited for a processor
constexpr std::uintmax_t kLeastRoom = 1 << 20;

std::vector<Case*> unheard_of(Task& task) {
  std::vector<Case*> list;
  for (Case& one : task.cases) {
    if (one.state == State::unknown) list.push_back(&one);
  }
  return list;
}

}  // namespace

void Runner::run(std::vector<Task>& tasks) {
  for (auto next = tasks.begin(); next != tasks.end() || !running_.empty();) {
    while (next != tasks.end() && running_.size() < options_.jobs) start(*next++);
    running_.remove_if([this](Running& each) { return !look_after(each); });
    if (running_.empty() || (next != tasks.end() && running_.size() < options_.jobs)) continue;
    Clock::time_point soonest = Clock::time_point::max();
    std::vector<int> channels;
    for (const Running& each : running_) {
      soonest = std::min(soonest, deadline(each));
      if (each.process->channel() >= 0) channels.push_back(each.process->channel());
    }
    signals_.wait(soonest, channels);  // a child that ended since it was looked at has left its signal pending
  }
}

void Runner::start(Task& task) {
  running_.emplace_back(task, Clock::now());
  if (!go_on(running_.back())) running_.pop_back();
}

bool Runner::go_on(Running& running) {
  running.pending = unheard_of(running.task);
  if (!running.pending.empty() && timeouts_ >= kTimeoutsBeforeGivingUp) {
    all_crashed(running.pending, "not run: two tasks before this one ran out of time");
    running.pending.clear();
  }
  running.task.seconds = std::chrono::duration<double>(Clock::now() - running.start).count();
  if (running.pending.empty()) return false;
  running.waited_before = running.waited;
  running.process.emplace(options_, std::vector<const Case*>(running.pending.begin(), running.pending.end()), signals_);
  return true;
}

bool Runner::look_after(Running& running) {
  if (!running.process->receive().complaint.empty()) {  // and a full channel would make the program wait
    running.process->kill();
    settle(running, {.signal = SIGKILL});
  } else if (const std::optional<End> end = running.process->end()) {
    settle(running, *end);
  } else if (out_of_time(running)) {
    running.process->kill();
    settle(running, {.timed_out = true});
  } else {
    return true;
  }
  return go_on(running);
}

void Runner::settle(Running& running, const End& end) {
  end_strays(processes());
  const TempDir& dir = running.process->dir();
  const Report report = read_events(running.process->receive(), running.pending);
  const std::string output = since_last_case(read_tail(dir.output()));
  if (end.timed_out) {
    ++timeouts_;
    settle_timeout(report, running.pending, limit_, output);
  } else {
    settle_end(end, report, running.pending, output);
  }
  settle_unreadable(running.pending);
  settle_dishonest(report, running.pending);
  name_memory(running.pending, options_.memory);
  check_disk(running);
}

std::vector<pid_t> Runner::processes() const {
  std::vector<pid_t> list;
  for (const Running& each : running_) {
    if (each.process) list.push_back(each.process->pid());
  }
  return list;
}

// A disk without room makes cases fail that have no fault.
void Runner::check_disk(const Running& running) const {
  const bool failed = std::any_of(running.pending.begin(), running.pending.end(),
                                  [](const Case* one) { return one->state != State::pass; });
  std::error_code error;
  const auto room = std::filesystem::space(running.process->dir().files(), error).available;
  if (failed && !error && room < kLeastRoom) {
    throw UsageError("no space is left on the disk of " + running.process->dir().files() +
                     ": what failed for that is no verdict. Free some, or set TMPDIR to another disk.");
  }
}

// Asked at the deadline alone: until then it does not matter what else the machine did.
bool Runner::out_of_time(Running& running) const {
  if (Clock::now() < deadline(running)) return false;
  const Clock::duration waited = running.waited_before + kept_waiting(running.process->id());
  if (waited < running.waited + kLookAgain) return true;
  running.waited = waited;
  return Clock::now() >= deadline(running);
}

Clock::time_point Runner::deadline(const Running& running) const {
  return running.start + running.waited +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(limit_));
}

}  // namespace launcher
