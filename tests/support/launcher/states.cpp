#include "support/launcher/states.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/launcher/output.hpp"

namespace launcher {
namespace {

using nlohmann::json;

constexpr int kStatusOfFailure = 1;  // of a program that came to its end: a canary failed in it, as it must

void note_end(Case& one, const json& event) {
  one.todo = event.value("todo", std::vector<std::string>{});
  one.ms = event.value("ms", 0.0);
  one.message = event.value("message", "");
  one.file = event.value("file", one.file);
  one.line = event.value("line", one.line);
  const bool skipped = event.value("skipped", false);
  const bool ok = event.at("ok").get<bool>();
  if (skipped) one.message = "skipped: " + one.message + " (a skip is never a pass)";
  one.state = !one.todo.empty() ? State::todo : skipped ? State::missing : ok ? State::pass : State::wrong;
}

// tests/support/canaries.cpp: cases whose outcome is known.
const std::map<std::string, State, std::less<>> kCanaries = {{"Canary.Fails", State::wrong},
                                                             {"Canary.Throws", State::wrong},
                                                             {"Canary.Blank", State::todo},
                                                             {"Canary.Passes", State::pass}};

// Follows a program's report from line to line. The first line that an honest program cannot have sent ends it.
class Reader {
 public:
  explicit Reader(const std::vector<Case*>& pending) {
    for (Case* one : pending) cases_[one->name] = one;
    for (const auto& [name, state] : kCanaries) canaries_[name].name = name;
    for (auto& [name, canary] : canaries_) cases_[name] = &canary;
  }

  void note(const std::string& line) {
    try {
      const json event = json::parse(line);
      const std::string kind = event.at("event").get<std::string>();
      if (report_.done) return complain("it goes on after its end");
      if (kind == "done") return done(event);
      const std::string name = event.at("case").get<std::string>();
      const auto found = cases_.find(name);
      if (found == cases_.end()) return complain(name + " was not asked for");
      kind == "start" ? start(*found->second, event) : end(*found->second, event);
    } catch (const json::exception&) {
      complain("a line makes no sense");
    }
  }

  Report result() {
    if (canaries_.count(name_of(running_)) != 0) running_ = nullptr;
    report_.running = running_;
    return report_;
  }

  void complain(const std::string& what) {
    if (report_.complaint.empty()) report_.complaint = what;
  }

 private:
  static std::string name_of(const Case* one) { return one == nullptr ? "" : one->name; }
  bool canary(const Case& one) const { return canaries_.count(one.name) != 0; }

  void start(Case& one, const json& event) {
    if (running_ != nullptr) return complain(one.name + " begins inside " + running_->name);
    if (one.started) return complain(one.name + " begins twice");
    one.started = report_.started = true;
    one.file = event.value("file", "");
    one.line = event.value("line", 0);
    report_.heard = report_.heard || !canary(one);
    running_ = &one;
  }

  void end(Case& one, const json& event) {
    if (running_ != &one) return complain(one.name + (one.started ? " ends twice" : " ends and never began"));
    note_end(one, event);
    running_ = nullptr;
    ++ended_;
    if (!canary(one)) report_.last = &one;
  }

  void done(const json& event) {
    report_.done = true;
    if (running_ != nullptr) complain("it is done inside " + running_->name);
    if (event.at("ran").get<int>() != ended_) complain("it counts other cases than it reported");
    for (const auto& [name, wanted] : kCanaries) {
      const State state = canaries_[name].state;
      if (state != wanted)
        complain(name + std::string(" is ") + launcher::name_of(state) + ", and it must be " +
                 launcher::name_of(wanted));
    }
  }

  std::map<std::string, Case*> cases_;
  std::map<std::string, Case> canaries_;
  Case* running_ = nullptr;
  int ended_ = 0;
  Report report_;
};

void crashed(Case& one, const std::string& message) {
  one.state = State::crash;
  one.message = message;
}

std::string todo_text(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "todo " : "\ntodo ") + id + ": not written yet";
  return text;
}

// The process died in this case. If a blank was what killed it, the case is a blank, not a crash.
void died_in(Case& one, const std::string& message, const std::string& output) {
  const std::vector<std::string> ids = todo_lines(output);
  const std::string report = sanitizer_report(output);
  if (ids.empty()) return crashed(one, report.empty() ? message + printed(output) : report);
  one.state = State::todo;
  one.todo = ids;
  one.message = todo_text(ids);
}

void died_after(Case& one, bool done, const std::string& how, const std::string& output) {
  if (one.state == State::todo) return;
  const std::string when = done ? "all cases had ended, but then: " : "this case had ended, but then: ";
  died_in(one, when + how, output);
}

std::string seconds_text(double seconds) {
  std::ostringstream out;
  out << seconds << " s";
  return out.str();
}

void all_missing(const std::vector<Case*>& cases) {
  for (Case* one : cases) {
    if (one->started || one->state != State::unknown) continue;
    one->state = State::missing;
    one->message = "expected, but the test program does not have it: build again (scripts/rush test)";
  }
}

}  // namespace

void all_crashed(const std::vector<Case*>& cases, const std::string& message) {
  for (Case* one : cases) {
    if (one->state == State::unknown) crashed(*one, message);
  }
}

Report read_events(const Received& received, const std::vector<Case*>& pending) {
  Reader reader(pending);
  for (const std::string& line : received.lines) reader.note(line);
  if (!received.complaint.empty()) reader.complain(received.complaint);
  return reader.result();
}

void settle_timeout(const Report& report, const std::vector<Case*>& pending, double limit, const std::string& output) {
  const std::string text = "ran longer than " + seconds_text(limit);
  if (report.running != nullptr) {
    died_in(*report.running, text + " and was stopped (a loop that never ends?)", output);
  } else if (report.last != nullptr) {
    died_after(*report.last, report.done, text + " and was stopped (a thread that never ends?)", output);
  }
  const std::string rest = report.heard ? "not run: the task's " + seconds_text(limit) + " were used up"
                                        : "the test program " + text + " before its first case" + printed(output);
  all_crashed(pending, rest);
}

// The process ended by itself.
void settle_end(const End& end, const Report& report, const std::vector<Case*>& pending, const std::string& output) {
  if (report.running != nullptr) {
    died_in(*report.running, end.signal == 0 ? "the program ended inside this case: " + end_text(end) : end_text(end),
            output);
  } else if (!report.heard && !report.done) {
    all_crashed(pending, "the test program died before its first case: " + end_text(end) + printed(output));
  } else if (report.last != nullptr && (!report.done || end.signal != 0 || end.status != kStatusOfFailure)) {
    died_after(*report.last, report.done, end_text(end), output);
  }
  if (report.done) all_missing(pending);
}

void settle_dishonest(const Report& report, const std::vector<Case*>& pending) {
  if (report.complaint.empty()) return;
  for (Case* one : pending) {
    crashed(*one, "the report of the test program cannot be believed: " + report.complaint +
                      ". Code under test has no business with it, and nothing of it counts.");
  }
}

void name_memory(const std::vector<Case*>& pending, std::size_t limit) {
  if (limit == 0) return;
  for (Case* one : pending) {
    if (one->state != State::wrong && one->state != State::crash) continue;
    if (one->message.find("bad_alloc") == std::string::npos) continue;
    one->message += "\nIt asked for more memory than a task may use, " + std::to_string(limit) +
                    " MiB: a size that is wrong, or a loop that stores without end?";
  }
}

// Whatever the report looked like, a process settles at least one case: otherwise the next one
// would be its twin.
void settle_unreadable(const std::vector<Case*>& pending) {
  for (Case* one : pending) {
    if (one->started && one->state == State::unknown) crashed(*one, "it began, but its report cannot be read");
  }
  const bool settled =
      std::any_of(pending.begin(), pending.end(), [](const Case* one) { return one->state != State::unknown; });
  if (!settled) all_crashed(pending, "the test program's report cannot be read");
}

void mark_waiting(std::vector<Task>& tasks) {
  for (Task& task : tasks) {
    for (Case& one : task.cases) {
      const bool own = std::find(one.todo.begin(), one.todo.end(), task.id) != one.todo.end();
      if (one.progressive && one.state == State::todo && !own) one.state = State::waits;
    }
  }
}

}  // namespace launcher
