#include "support/launcher/process.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace launcher {
namespace {

namespace fs = std::filesystem;

constexpr rlim_t kLargestFile = rlim_t{512} << 20;  // an endless loop of prints must not fill the disk

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

End end_of(int status) {
  if (WIFSIGNALED(status)) return {.signal = WTERMSIG(status)};
  return {.status = WEXITSTATUS(status)};
}

}  // namespace

TempDir::TempDir() {
  const char* base = std::getenv("TMPDIR");
  std::string pattern = std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/rushlight-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw UsageError("cannot make a folder " + pattern + ": " + std::strerror(errno) +
                     ". Set TMPDIR to one that can be written.");
  }
  path_ = pattern;
  fs::create_directory(path_ / "files");
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Signals::Signals() {
  ::signal(SIGCHLD, SIG_DFL);  // whoever started us may have ignored it, and an ignored signal never arrives
  ::sigemptyset(&set_);
  for (int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set_, signal);
  ::sigprocmask(SIG_BLOCK, &set_, &before_);
}

void Signals::restore_in_child() const { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

void Signals::wait(Clock::time_point deadline) const {
  const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - Clock::now()).count();
  if (left <= 0) return;
  const timespec span{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
  const int signal = ::sigtimedwait(&set_, nullptr, &span);
  if (signal > 0 && signal != SIGCHLD) throw Interrupted{signal};
}

Process::Process(const Options& options, const std::vector<const Case*>& cases, const Signals& signals) {
  Words arguments = child_arguments(options, cases);
  Words environment = child_environment(dir_);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  // Append mode: both streams share the file, and neither overwrites the other.
  const int output = ::open(dir_.output().c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) throw UsageError("cannot write " + dir_.output() + ": " + std::strerror(errno));
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become(options.exe.c_str(), argv.data(), envp.data(), output, parent, signals);
  ::close(output);
  if (pid < 0) throw UsageError(std::string("cannot start a process: ") + std::strerror(errno));
  ::setpgid(pid, pid);  // here too: whichever side comes first
  pid_ = pid;
}

std::optional<End> Process::end() {
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return {};
  ::kill(-pid_, SIGKILL);  // processes that the tests started and forgot
  pid_ = 0;
  return end_of(status);
}

void Process::kill() {
  if (pid_ == 0) return;
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

}  // namespace launcher
