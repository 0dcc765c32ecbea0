#include "support/launcher/states.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "support/launcher/output.hpp"

namespace launcher {
namespace {

using nlohmann::json;

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

void note_event(const json& event, const std::map<std::string, Case*>& cases, Report& report) {
  const std::string kind = event.at("event").get<std::string>();
  if (kind == "done") report.done = true;
  if (kind != "start" && kind != "end") return;
  const auto found = cases.find(event.at("case").get<std::string>());
  if (found == cases.end()) return;
  Case& one = *found->second;
  report.heard = true;
  if (kind == "start") {
    one.started = true;
    one.file = event.value("file", "");
    one.line = event.value("line", 0);
    report.running = &one;
    return;
  }
  note_end(one, event);
  report.running = nullptr;
  report.last = &one;
  if (one.state == State::wrong || one.state == State::todo) report.failure = true;
}

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

// A process that died while it wrote leaves half a line. Such lines, and any that make no sense,
// say nothing.
Report read_events(const std::string& path, const std::vector<Case*>& pending) {
  std::map<std::string, Case*> cases;
  for (Case* one : pending) cases[one->name] = one;
  Report report;
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    try {
      note_event(json::parse(line), cases, report);
    } catch (const json::exception&) {
    }
  }
  return report;
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
  } else if (report.last != nullptr && (!report.done || end.signal != 0 || (end.status != 0 && !report.failure))) {
    died_after(*report.last, report.done, end_text(end), output);
  }
  if (report.done) all_missing(pending);
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

}  // namespace launcher
