// The launcher runs a test program task by task and tells the truth about it.
//
//   launcher --exe EXE --cases FILE [--task 02.1]… [--kind unit] [--sources ROOT] [--timeout 10] [--memory 4096]
//            [--jobs 2] [--json]
//
// The expected cases come from FILE, one full gtest name a line; what happened comes from the JSON
// lines that the program's listener sent (events.hpp, channel.hpp). An exit status is never taken as proof that
// something passed. Each task has a process of its own, and as many run at once as there are
// processors; after a crash, the cases that had not started run in a new one. Exit status: 0 every
// task passed; 1 some did not; 2 the question made no sense (no such file, no such task), or the
// program was not built from the files below ROOT; 77 the progressive cases that were asked for wait
// for other tasks, and their own stand; 128 + N when signal N ended it.
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "support/launcher/report.hpp"
#include "support/launcher/runner.hpp"
#include "support/launcher/sources.hpp"
#include "support/launcher/states.hpp"

namespace launcher {
namespace {

namespace fs = std::filesystem;

// Slow machines and sanitizers need more time: RUSHLIGHT_TIMEOUT_SCALE=5 gives five times as much.
double time_limit(const Options& options) {
  const char* text = std::getenv("RUSHLIGHT_TIMEOUT_SCALE");
  if (text == nullptr || *text == '\0') return options.timeout;
  char* end = nullptr;
  const double scale = std::strtod(text, &end);
  if (*end != '\0' || !std::isfinite(scale) || scale <= 0) {
    throw UsageError(std::string("RUSHLIGHT_TIMEOUT_SCALE must be a number above 0, and is '") + text + "'");
  }
  return options.timeout * scale;
}

// Those that we may use: fewer than the machine has, in a container or under taskset.
std::size_t processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const bool known = ::sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0;
  return known ? static_cast<std::size_t>(CPU_COUNT(&set)) : 1;
}

void check_runnable(const std::string& exe) {
  if (::access(exe.c_str(), X_OK) == 0 && fs::is_regular_file(exe)) return;
  throw UsageError("there is no test program " + exe + ". Build it first: cmake --build <build folder> --target " +
                   fs::path(exe).filename().string());
}

constexpr int kSkipped = 77;

std::vector<Task> verdicts(const Options& options) {
  std::vector<Task> tasks = read_tasks(options);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // what the tests leave behind becomes our child, whatever group it is in
  Runner runner(options, time_limit(options));
  runner.run(tasks);
  mark_waiting(tasks);
  return tasks;
}

// Progressive cases that wait are no failure where the rest of their tasks passes. A blank of the task itself is none
// that they would come to, so its other cases are asked.
int status_of(Options options, const std::vector<Task>& tasks) {
  if (all_passed(tasks)) return 0;
  if (options.kind != "progressive" || !all_passed_or_wait(tasks)) return 1;
  options.kind.clear();
  for (const Task& task : tasks) options.tasks.push_back(task.id);
  return all_passed(verdicts(options)) ? kSkipped : 1;
}

int answer(const Options& options) {
  check_runnable(options.exe);
  if (!options.sources.empty()) check_sources(options.exe, options.sources);
  const std::vector<Task> tasks = verdicts(options);
  if (options.as_json) {
    print_json(options, tasks);
  } else {
    print_text(tasks);
  }
  return status_of(options, tasks);
}

void declare(CLI::App& app, Options& options) {
  app.add_option("--exe", options.exe, "the test program")->required();
  app.add_option("--cases", options.cases, "the list of expected cases")->required();
  app.add_option("--task", options.tasks, "only this task, such as 02.1 (may be repeated)");
  std::vector<std::string> kinds;
  for (const auto& [suite, kind] : kKinds) kinds.push_back(kind);
  app.add_option("--kind", options.kind, "only this kind of test")->check(CLI::IsMember(kinds));
  app.add_option("--sources", options.sources, "the course's folder: refuse a program that was built from other files");
  app.add_option("--timeout", options.timeout, "seconds that a task may take")->check(CLI::PositiveNumber);
  app.add_option("--memory", options.memory, "MiB that a process may use; 0, for sanitizers, without a limit");
  options.jobs = processors();
  app.add_option("--jobs", options.jobs, "tasks that run at the same time; by default one a processor")
      ->check(CLI::PositiveNumber);
  app.add_flag("--json", options.as_json, "print one JSON object and nothing else");
}

}  // namespace
}  // namespace launcher

int main(int argc, char** argv) {
  using namespace launcher;
  CLI::App app{"Runs a test program task by task and reports what its cases said."};
  Options options;
  declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return answer(options);
  } catch (const UsageError& error) {
    std::fprintf(stderr, "launcher: %s\n", error.what());
    return 2;
  } catch (const Interrupted& interrupt) {
    std::fprintf(stderr, "launcher: stopped (%s)\n", ::strsignal(interrupt.signal));
    return 128 + interrupt.signal;
  }
}
