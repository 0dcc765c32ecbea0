#include "support/launcher/report.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "support/launcher/text.hpp"

namespace launcher {
namespace {

using nlohmann::json;

int count(const Task& task, State state) {
  return static_cast<int>(
      std::count_if(task.cases.begin(), task.cases.end(), [&](const Case& one) { return one.state == state; }));
}

// Of equally bad cases the first that began: one that did not only waited for another.
const Case& worst(const Task& task) {
  const auto badness = [](const Case& one) { return std::pair(one.state, one.message.rfind("not run:", 0) != 0); };
  return *std::max_element(task.cases.begin(), task.cases.end(),
                           [&](const Case& a, const Case& b) { return badness(a) < badness(b); });
}

// A task has four states: a case that did not report makes it wrong, and one that waits for other tasks costs nothing
// beside one that passed.
State state_of(const Task& task) {
  const State state = worst(task).state;
  if (state == State::missing) return State::wrong;
  if (state == State::waits) return count(task, State::pass) > 0 ? State::pass : State::todo;
  return state;
}

// The tasks whose blanks its cases came to.
std::set<std::string> blanks(const Task& task) {
  std::set<std::string> ids;
  for (const Case& one : task.cases) ids.insert(one.todo.begin(), one.todo.end());
  return ids;
}

// The other task whose blank stops this one, if no case reached a blank of its own.
std::optional<std::string> blocked_by(const Task& task) {
  const std::set<std::string> ids = blanks(task);
  if (state_of(task) != State::todo || ids.empty() || ids.count(task.id) != 0) return {};
  return *ids.begin();
}

// Of a task whose own blanks are written, all other tasks that some case of it waits for.
std::set<std::string> waits_for(const Task& task) {
  const std::set<std::string> ids = blanks(task);
  return ids.count(task.id) == 0 ? ids : std::set<std::string>{};
}

json json_of(const Case& one) {
  return {{"case", one.name}, {"state", name_of(one.state)},
          {"ms", one.ms},     {"message", visible(one.message)},
          {"file", one.file}, {"line", one.line}};
}

json json_of(const Task& task) {
  const std::optional<std::string> blocker = blocked_by(task);
  json details = json::array();
  for (const Case& one : task.cases) details.push_back(json_of(one));
  const Case& first = worst(task);
  const State state = state_of(task);
  return {{"id", task.id},
          {"state", name_of(state)},
          {"blocked_by", blocker ? json(*blocker) : json(nullptr)},
          {"waits_for", waits_for(task)},
          {"cases", task.cases.size()},
          {"passed", count(task, State::pass)},
          {"wrong", count(task, State::wrong)},
          {"crash", count(task, State::crash)},
          {"todo", count(task, State::todo) + count(task, State::waits)},
          {"missing", count(task, State::missing)},
          {"seconds", task.seconds},
          {"message", state == State::pass ? "" : visible(first.message)},
          {"details", std::move(details)}};
}

void print_case(const Case& one) {
  std::printf("%s %s", name_of(one.state), one.name.c_str());
  if (!one.file.empty()) std::printf("  (%s:%d)", one.file.c_str(), one.line);
  std::printf("\n");
  for (const std::string& line : split(visible(one.message), '\n')) std::printf("    %s\n", line.c_str());
}

}  // namespace

void print_json(const Options& options, const std::vector<Task>& tasks) {
  json list = json::array();
  for (const Task& task : tasks) list.push_back(json_of(task));
  const json all = {{"exe", options.exe}, {"tasks", std::move(list)}};
  // A child's last words may hold any bytes.
  std::puts(all.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
}

void print_text(const std::vector<Task>& tasks) {
  std::map<std::string, int> counts;
  std::size_t cases = 0;
  double seconds = 0;
  for (const Task& task : tasks) {
    for (const Case& one : task.cases) {
      if (one.state != State::pass) print_case(one);
      ++counts[name_of(one.state)];
    }
    cases += task.cases.size();
    seconds += task.seconds;
  }
  std::printf("%d of %zu cases passed", counts["pass"], cases);
  for (const char* state : {"wrong", "crash", "todo", "missing", "waits"}) {
    const char* words = state == std::string("waits") ? "waiting for other tasks" : state;
    if (counts[state] > 0) std::printf(", %d %s", counts[state], words);
  }
  std::printf(" (%.2f s)\n", seconds);
}

bool all_passed(const std::vector<Task>& tasks) {
  return std::all_of(tasks.begin(), tasks.end(), [](const Task& task) { return state_of(task) == State::pass; });
}

bool all_passed_or_wait(const std::vector<Task>& tasks) {
  return std::all_of(tasks.begin(), tasks.end(), [](const Task& task) { return worst(task).state <= State::waits; });
}

}  // namespace launcher
