#include "support/launcher/cases.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <string_view>

#include "support/launcher/text.hpp"

namespace launcher {
namespace {

// "Prefix/Unit_02_1.Name/3" belongs to kind "unit" of task "02.1"; "Integration_05.Name" to "05",
// which has no task.
struct Label {
  std::string kind;
  std::string task;
};

std::optional<Label> label_of_suite(std::string_view suite) {
  const std::vector<std::string> parts = split(suite, '_');
  const auto kind = kKinds.find(parts[0]);
  if (kind == kKinds.end() || parts.size() < 2 || parts.size() > 3 || !digits(parts[1], 2)) return {};
  if (parts.size() == 2) return Label{kind->second, parts[1]};
  if (!digits(parts[2], 1)) return {};
  return Label{kind->second, parts[1] + "." + parts[2]};
}

// A parametrised suite carries a prefix, a typed one a suffix: one of the parts must be the suite's
// own name.
std::optional<Label> label_of(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos || dot + 1 == name.size()) return {};
  for (const std::string& part : split(name.substr(0, dot), '/')) {
    if (std::optional<Label> label = label_of_suite(part)) return label;
  }
  return {};
}

bool wanted(const Options& options, const Label& label) {
  const bool task =
      options.tasks.empty() || std::find(options.tasks.begin(), options.tasks.end(), label.task) != options.tasks.end();
  return task && (options.kind.empty() || options.kind == label.kind);
}

[[noreturn]] void nothing_selected(const Options& options) {
  std::string asked;
  for (const std::string& id : options.tasks) asked += " --task " + id;
  if (!options.kind.empty()) asked += " --kind " + options.kind;
  throw UsageError(options.cases + ": no expected case matches" + (asked.empty() ? " (it is empty)" : asked) +
                   ". Nothing ran, and nothing passed. Check the spelling.");
}

}  // namespace

const char* name_of(State state) {
  switch (state) {
    case State::pass:
      return "pass";
    case State::waits:
      return "waits";
    case State::todo:
      return "todo";
    case State::wrong:
      return "wrong";
    case State::crash:
      return "crash";
    case State::missing:
    case State::unknown:
      break;
  }
  return "missing";
}

std::vector<Task> read_tasks(const Options& options) {
  std::ifstream in(options.cases);
  if (!in) throw UsageError("cannot read the list of expected cases " + options.cases);
  std::map<std::string, Task> tasks;  // by id, which sorts as a reader would
  std::set<std::string> seen;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    line = without_space(line);
    if (line.empty() || line[0] == '#' || !seen.insert(line).second) continue;
    const std::optional<Label> label = label_of(line);
    if (!label) {
      throw UsageError(options.cases + ":" + std::to_string(number) + ": '" + line +
                       "' is not a case name: expected <Kind>_<NN>_<T>.<Name>, such as Unit_02_1.ReluClamps.");
    }
    if (!wanted(options, *label)) continue;
    Task& task = tasks[label->task];
    task.id = label->task;
    Case& one = task.cases.emplace_back();
    one.name = line;
    one.progressive = label->kind == "progressive";
  }
  if (tasks.empty()) nothing_selected(options);
  std::vector<Task> list;
  for (auto& [id, task] : tasks) list.push_back(std::move(task));
  return list;
}

}  // namespace launcher
