// launcher.cpp: runs a test program task by task and tells the truth about it.
//
//   launcher --exe EXE --cases FILE [--task 02.1]… [--kind unit] [--timeout 10] [--json]
//
// The expected cases come from FILE, one full gtest name a line; what happened comes from the JSON
// lines that the program's listener wrote (events.hpp). An exit status is never taken as proof that
// something passed. Each task has a process of its own; after a crash, the cases that had not
// started run in a new one. Exit status: 0 every expected case passed; 1 some did not; 2 the
// question made no sense (no such file, no such task); 128 + N when signal N ended it.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr int kTimeoutsBeforeGivingUp = 2;
constexpr rlim_t kLargestFile = rlim_t{512} << 20;  // an endless loop of prints must not fill the disk
constexpr std::size_t kTailBytes = 64 << 10;
constexpr std::size_t kTailLines = 12;

// The question cannot be answered: exit status 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Somebody pressed Ctrl-C, or the like.
struct Interrupted {
  int signal;
};

struct Options {
  std::string exe;
  std::string cases;
  std::vector<std::string> tasks;
  std::string kind;
  double timeout = 10;
  bool as_json = false;
};

// ---- cases and tasks ----

// Ordered from best to worst. `unknown` is a case that has not been heard of yet.
enum class State { unknown, pass, todo, missing, wrong, crash };

const char* name_of(State state) {
  switch (state) {
    case State::pass:
      return "pass";
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

struct Case {
  std::string name;
  State state = State::unknown;
  bool started = false;
  std::vector<std::string> todo;
  double ms = 0;
  std::string message;
  std::string file;
  int line = 0;
};

struct Task {
  std::string id;
  std::vector<Case> cases;
  double seconds = 0;
};

// "Prefix/Unit_02_1.Name/3" belongs to kind "unit" of task "02.1"; "Integration_05.Name" to "05",
// which has no task.
struct Label {
  std::string kind;
  std::string task;
};

const std::map<std::string, std::string, std::less<>> kKinds = {{"Unit", "unit"},
                                                                {"GradientFlow", "gradient_flow"},
                                                                {"Progressive", "progressive"},
                                                                {"Integration", "integration"},
                                                                {"Regression", "regression"},
                                                                {"Debugging", "debugging"}};

bool digits(std::string_view text, std::size_t count) {
  return text.size() == count &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

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

std::string without_space(std::string text) {
  const auto space = [](unsigned char c) { return std::isspace(c) != 0; };
  text.erase(std::find_if_not(text.rbegin(), text.rend(), space).base(), text.end());
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), space));
  return text;
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
    task.cases.emplace_back().name = line;
  }
  if (tasks.empty()) nothing_selected(options);
  std::vector<Task> list;
  for (auto& [id, task] : tasks) list.push_back(std::move(task));
  return list;
}

// ---- one process ----

// A folder of our own, gone when we are.
class TempDir {
 public:
  TempDir() {
    const char* base = std::getenv("TMPDIR");
    std::string pattern = std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/rushlight-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw UsageError("cannot make a folder " + pattern + ": " + std::strerror(errno) +
                       ". Set TMPDIR to one that can be written.");
    }
    path_ = pattern;
    fs::create_directory(path_ / "files");
  }
  ~TempDir() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string events() const { return path_ / "events.jsonl"; }
  std::string output() const { return path_ / "output.txt"; }
  std::string files() const { return path_ / "files"; }  // the tests' own temporary files

 private:
  fs::path path_;
};

// Signals are taken by sigtimedwait, one at a time, so that no handler is needed and no wake-up is
// lost.
class Signals {
 public:
  Signals() {
    ::signal(SIGCHLD,
             SIG_DFL);  // whoever started us may have ignored it, and an ignored signal never arrives
    ::sigemptyset(&set_);
    for (int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set_, signal);
    ::sigprocmask(SIG_BLOCK, &set_, &before_);
  }
  void restore_in_child() const { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

  // The next signal, or 0 when the deadline has passed.
  int wait(Clock::time_point deadline) const {
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - Clock::now()).count();
    if (left <= 0) return 0;
    const timespec span{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
    const int signal = ::sigtimedwait(&set_, nullptr, &span);
    return signal < 0 ? (errno == EINTR ? SIGCHLD : 0) : signal;
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

// How a process ended. Exactly one of the three is set.
struct End {
  bool timed_out = false;
  int signal = 0;
  int status = 0;
};

using Words = std::vector<std::string>;

std::vector<char*> pointers(Words& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

// The environment without gtest's own switches: GTEST_SHUFFLE or GTEST_TOTAL_SHARDS would change
// what runs.
Words child_environment(const TempDir& dir) {
  Words list;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto starts = [&](std::string_view with) { return text.substr(0, with.size()) == with; };
    if (!starts("GTEST_") && !starts("RUSHLIGHT_EVENTS=") && !starts("TMPDIR=")) list.emplace_back(text);
  }
  list.push_back("RUSHLIGHT_EVENTS=" + dir.events());
  list.push_back("TMPDIR=" + dir.files());
  if (std::getenv("OPENBLAS_NUM_THREADS") == nullptr) list.push_back("OPENBLAS_NUM_THREADS=1");
  return list;
}

Words child_arguments(const Options& options, const std::vector<const Case*>& cases) {
  std::string filter;
  for (const Case* one : cases) filter += (filter.empty() ? "" : ":") + one->name;
  return {options.exe, "--gtest_filter=" + filter, "--gtest_color=no", "--gtest_catch_exceptions=1"};
}

void limit(int resource, rlim_t most) {
  const rlimit both{most, most};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

// Runs in the new process: only calls that are safe between fork and exec.
[[noreturn]] void become(const char* exe, char* const* arguments, char* const* environment, int output, pid_t parent,
                         const Signals& signals) {
  ::setpgid(0, 0);  // a group of its own: what the tests start dies with them
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the launcher died before prctl
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, kLargestFile);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  signals.restore_in_child();
  ::execve(exe, arguments, environment);
  ::_exit(127);
}

pid_t spawn(const Options& options, const std::vector<const Case*>& cases, const TempDir& dir, const Signals& signals) {
  Words arguments = child_arguments(options, cases);
  Words environment = child_environment(dir);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  // Append mode: both streams share the file, and neither overwrites the other.
  const int output = ::open(dir.output().c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) throw UsageError("cannot write " + dir.output() + ": " + std::strerror(errno));
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become(options.exe.c_str(), argv.data(), envp.data(), output, parent, signals);
  ::close(output);
  if (pid < 0) throw UsageError(std::string("cannot start a process: ") + std::strerror(errno));
  ::setpgid(pid, pid);  // here too: whichever side comes first
  return pid;
}

End end_of(int status) {
  if (WIFSIGNALED(status)) return {.signal = WTERMSIG(status)};
  return {.status = WEXITSTATUS(status)};
}

End wait_for(pid_t pid, Clock::time_point deadline, const Signals& signals) {
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) != pid) {
    const int signal = signals.wait(deadline);
    if (signal == SIGCHLD) continue;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, &status, 0);
    if (signal != 0) throw Interrupted{signal};
    return {.timed_out = true};
  }
  ::kill(-pid, SIGKILL);  // processes that the tests started and forgot
  return end_of(status);
}

// ---- what the process said ----

std::string read_tail(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return "";
  const std::streamoff size = in.tellg();
  in.seekg(std::max<std::streamoff>(0, size - static_cast<std::streamoff>(kTailBytes)));
  return {std::istreambuf_iterator<char>(in), {}};
}

// What was printed since gtest announced the last case.
std::string since_last_case(const std::string& output) {
  const std::string mark = "[ RUN      ]";
  const std::size_t at = output.rfind(mark);
  if (at == std::string::npos) return output;
  const std::size_t line = output.find('\n', at);
  return line == std::string::npos ? "" : output.substr(line + 1);
}

// gtest's own lines say nothing that the report does not.
bool worth_showing(const std::string& line) {
  return !line.empty() && line.rfind("[  ", 0) != 0 && line.rfind("[--", 0) != 0 && line.rfind("[==", 0) != 0 &&
         line.rfind("Note: Google Test filter", 0) != 0;
}

std::string last_lines(const std::string& output) {
  std::vector<std::string> kept;
  for (std::string& line : split(output, '\n')) {
    if (worth_showing(line)) kept.push_back(line.substr(0, 300));
  }
  std::string text;
  for (std::size_t i = kept.size() - std::min(kept.size(), kTailLines); i < kept.size(); ++i) {
    text += "\n    " + kept[i];
  }
  return text;
}

bool is_headline(const std::string& line) {
  return line.find("Sanitizer: ") != std::string::npos || line.find("runtime error: ") != std::string::npos;
}

// "    #1 0x55d0 in rushlight::relu(…) /…/modules/02_activations/activations.cpp:12"
bool is_own_frame(const std::string& line) {
  const bool frame = line.rfind("    #", 0) == 0;
  return frame && (line.find("modules/") != std::string::npos || line.find("solutions/") != std::string::npos);
}

// "==8152==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6020 at pc …" without process and registers.
std::string headline_text(const std::string& line) {
  const std::size_t error = line.find("ERROR: ");
  const std::size_t first = error == std::string::npos ? 0 : error + 7;
  return without_space(line.substr(first, line.find(" at pc ") - first));
}

// A sanitizer's report is long: its headline and the first frame in the course's own code say where to look.
std::string sanitizer_report(const std::string& output) {
  std::string report;
  for (const std::string& line : split(output, '\n')) {
    if (report.empty() && is_headline(line)) report = headline_text(line);
    if (!report.empty() && is_own_frame(line)) return report + "\n    " + without_space(line);
  }
  return report;
}

std::string printed(const std::string& output) {
  const std::string lines = last_lines(output);
  return lines.empty() ? "" : "\n  it printed last:" + lines;
}

// todo() says "todo 02.1…" on stderr, which is all that is left of it when it ended a thread or a
// noexcept function.
std::vector<std::string> todo_lines(const std::string& output) {
  std::vector<std::string> ids;
  for (const std::string& line : split(output, '\n')) {
    const std::size_t at = line.find("todo ");
    if (at == std::string::npos) continue;
    const std::string id = line.substr(at + 5, 4);
    if (id.size() == 4 && id[2] == '.' && digits(id.substr(0, 2), 2) && digits(id.substr(3), 1) &&
        std::find(ids.begin(), ids.end(), id) == ids.end()) {
      ids.push_back(id);
    }
  }
  return ids;
}

std::string signal_text(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "segmentation fault (SIGSEGV): it used memory that is not its own (an index out of "
             "range, a dangling "
             "reference, endless recursion)";
    case SIGABRT:
      return "aborted (SIGABRT): a failed assertion, or an exception that nobody caught";
    case SIGFPE:
      return "arithmetic fault (SIGFPE): an integer was divided by zero";
    case SIGILL:
      return "illegal instruction (SIGILL): the program was built for another processor";
    case SIGBUS:
      return "bus error (SIGBUS): memory that is not there";
    case SIGKILL:
      return "killed (SIGKILL): by somebody, or because memory ran out";
    case SIGXFSZ:
      return "wrote a file of more than 512 MiB (SIGXFSZ)";
    case SIGTERM:
      return "terminated (SIGTERM)";
    default:
      return "signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  }
}

std::string end_text(const End& end) {
  return end.signal != 0 ? signal_text(end.signal) : "it exited with status " + std::to_string(end.status);
}

// ---- from events to states ----

// What one process reported: which case it was in when it ended, which one it finished last,
// whether it came to its end.
struct Report {
  Case* running = nullptr;
  Case* last = nullptr;
  bool done = false;
  bool heard = false;    // at least one case began
  bool failure = false;  // some case was not ok, so that a non-zero exit status is no surprise
};

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

void all_crashed(const std::vector<Case*>& cases, const std::string& message) {
  for (Case* one : cases) {
    if (one->state == State::unknown) crashed(*one, message);
  }
}

std::string seconds_text(double seconds) {
  std::ostringstream out;
  out << seconds << " s";
  return out.str();
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

void all_missing(const std::vector<Case*>& cases) {
  for (Case* one : cases) {
    if (one->started || one->state != State::unknown) continue;
    one->state = State::missing;
    one->message = "expected, but the test program does not have it: build again (scripts/rush test)";
  }
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

// ---- tasks ----

std::vector<Case*> unheard_of(Task& task) {
  std::vector<Case*> list;
  for (Case& one : task.cases) {
    if (one.state == State::unknown) list.push_back(&one);
  }
  return list;
}

class Runner {
 public:
  Runner(const Options& options, double limit) : options_(options), limit_(limit) {}

  void run(Task& task) {
    const Clock::time_point start = Clock::now();
    const auto budget = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(limit_));
    for (std::vector<Case*> pending = unheard_of(task); !pending.empty();) {
      run_some(pending, start + budget);
      settle_unreadable(pending);
      pending = unheard_of(task);
    }
    task.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  }

 private:
  void run_some(const std::vector<Case*>& pending, Clock::time_point deadline) {
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

  const Options& options_;
  double limit_;
  Signals signals_;
  int timeouts_ = 0;
};

// ---- verdicts ----

int count(const Task& task, State state) {
  return static_cast<int>(
      std::count_if(task.cases.begin(), task.cases.end(), [&](const Case& one) { return one.state == state; }));
}

const Case& worst(const Task& task) {
  return *std::max_element(task.cases.begin(), task.cases.end(),
                           [](const Case& a, const Case& b) { return a.state < b.state; });
}

// A task has four states: a case that did not report makes it wrong.
const char* state_of(const Task& task) {
  const State state = worst(task).state;
  return name_of(state == State::missing ? State::wrong : state);
}

// The other task whose blank stops this one, if no case reached a blank of its own.
std::optional<std::string> blocked_by(const Task& task) {
  if (worst(task).state != State::todo) return {};
  std::set<std::string> ids;
  for (const Case& one : task.cases) ids.insert(one.todo.begin(), one.todo.end());
  if (ids.empty() || ids.count(task.id) != 0) return {};
  return *ids.begin();
}

json json_of(const Case& one) {
  return {{"case", one.name}, {"state", name_of(one.state)},
          {"ms", one.ms},     {"message", one.message},
          {"file", one.file}, {"line", one.line}};
}

json json_of(const Task& task) {
  const std::optional<std::string> blocker = blocked_by(task);
  json details = json::array();
  for (const Case& one : task.cases) details.push_back(json_of(one));
  const Case& first = worst(task);
  return {{"id", task.id},
          {"state", state_of(task)},
          {"blocked_by", blocker ? json(*blocker) : json(nullptr)},
          {"cases", task.cases.size()},
          {"passed", count(task, State::pass)},
          {"wrong", count(task, State::wrong)},
          {"crash", count(task, State::crash)},
          {"todo", count(task, State::todo)},
          {"missing", count(task, State::missing)},
          {"seconds", task.seconds},
          {"message", first.state == State::pass ? "" : first.message},
          {"details", std::move(details)}};
}

void print_json(const Options& options, const std::vector<Task>& tasks) {
  json list = json::array();
  for (const Task& task : tasks) list.push_back(json_of(task));
  const json all = {{"exe", options.exe}, {"tasks", std::move(list)}};
  // A child's last words may hold any bytes.
  std::puts(all.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
}

void print_case(const Case& one) {
  std::printf("%s %s", name_of(one.state), one.name.c_str());
  if (!one.file.empty()) std::printf("  (%s:%d)", one.file.c_str(), one.line);
  std::printf("\n");
  for (const std::string& line : split(one.message, '\n')) std::printf("    %s\n", line.c_str());
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
  for (const char* state : {"wrong", "crash", "todo", "missing"}) {
    if (counts[state] > 0) std::printf(", %d %s", counts[state], state);
  }
  std::printf(" (%.2f s)\n", seconds);
}

bool all_passed(const std::vector<Task>& tasks) {
  return std::all_of(tasks.begin(), tasks.end(), [](const Task& task) { return worst(task).state == State::pass; });
}

// ---- the question ----

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

void check_runnable(const std::string& exe) {
  if (::access(exe.c_str(), X_OK) == 0 && fs::is_regular_file(exe)) return;
  throw UsageError("there is no test program " + exe + ". Build it first: cmake --build <build folder> --target " +
                   fs::path(exe).filename().string());
}

int answer(const Options& options) {
  check_runnable(options.exe);
  std::vector<Task> tasks = read_tasks(options);
  Runner runner(options, time_limit(options));
  for (Task& task : tasks) runner.run(task);
  if (options.as_json) {
    print_json(options, tasks);
  } else {
    print_text(tasks);
  }
  return all_passed(tasks) ? 0 : 1;
}

void declare(CLI::App& app, Options& options) {
  app.add_option("--exe", options.exe, "the test program")->required();
  app.add_option("--cases", options.cases, "the list of expected cases")->required();
  app.add_option("--task", options.tasks, "only this task, such as 02.1 (may be repeated)");
  std::vector<std::string> kinds;
  for (const auto& [suite, kind] : kKinds) kinds.push_back(kind);
  app.add_option("--kind", options.kind, "only this kind of test")->check(CLI::IsMember(kinds));
  app.add_option("--timeout", options.timeout, "seconds that a task may take")->check(CLI::PositiveNumber);
  app.add_flag("--json", options.as_json, "print one JSON object and nothing else");
}

}  // namespace

int main(int argc, char** argv) {
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
