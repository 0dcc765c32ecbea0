#include "support/launcher/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

namespace launcher {
namespace {

namespace fs = std::filesystem;

constexpr rlim_t kLargestFile = rlim_t{512} << 20;  // an endless loop of prints must not fill the disk
constexpr int kChannel = 3;                         // where the program finds it (tests/support/channel.cpp)
constexpr std::size_t kNonce = 32;
constexpr std::size_t kLongestLine = 64 << 10;
constexpr std::size_t kMostLines = 100'000;

using Words = std::vector<std::string>;

std::vector<char*> pointers(Words& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

// What gtest reads besides its GTEST_ variables: which tests run, whether it stops at the first failure, where it writes.
constexpr std::array gtest_reads = {
    "GTEST_", "TESTBRIDGE_TEST_", "TEST_PREMATURE_EXIT_FILE=", "XML_OUTPUT_FILE=", "TEST_TMPDIR=", "TMPDIR="};

// The environment without gtest's own switches: GTEST_SHUFFLE or GTEST_TOTAL_SHARDS would change
// what runs.
Words child_environment(const TempDir& dir) {
  Words list;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto starts = [&](std::string_view with) { return text.substr(0, with.size()) == with; };
    if (std::none_of(gtest_reads.begin(), gtest_reads.end(), starts)) list.emplace_back(text);
  }
  list.push_back("TMPDIR=" + dir.files());
  if (std::getenv("OPENBLAS_NUM_THREADS") == nullptr) list.push_back("OPENBLAS_NUM_THREADS=1");
  return list;
}

Words child_arguments(const Options& options, const std::vector<const Case*>& cases) {
  std::string filter;
  for (const Case* one : cases) filter += one->name + ":";
  return {options.exe, "--gtest_filter=" + filter + "Canary.*", "--gtest_color=no", "--gtest_catch_exceptions=1",
          "--channel=" + std::to_string(kChannel)};
}

std::string random_text(std::size_t size) {
  std::string text(size, '\0');
  if (::getrandom(text.data(), size, 0) != static_cast<ssize_t>(size)) throw UsageError("no random numbers to be had");
  for (char& c : text) c = "0123456789abcdef"[static_cast<unsigned char>(c) % 16];
  return text;
}

void limit(int resource, rlim_t most) {
  const rlimit both{most, most};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

struct Start {
  const char* exe;
  char* const* arguments;
  char* const* environment;
  int output;
  int channel;
  rlim_t memory;
  pid_t parent;
};

// Runs in the new process: only calls that are safe between fork and exec.
[[noreturn]] void become(const Start& start, const Signals& signals) {
  ::setpgid(0, 0);  // a group of its own: what the tests start dies with them
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != start.parent) ::_exit(127);  // the launcher died before prctl
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, kLargestFile);
  if (start.memory != 0) limit(RLIMIT_AS, start.memory);
  const int channel = ::fcntl(start.channel, F_DUPFD_CLOEXEC, 10);  // if it were kChannel already, it would be closed
  ::dup2(start.output, STDOUT_FILENO);
  ::dup2(start.output, STDERR_FILENO);
  ::dup2(channel, kChannel);
  signals.restore_in_child();
  ::execve(start.exe, start.arguments, start.environment);
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
  descriptor_ = ::signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK);
  if (descriptor_ < 0) throw UsageError(std::string("cannot wait for signals: ") + std::strerror(errno));
}

Signals::~Signals() { ::close(descriptor_); }

void Signals::restore_in_child() const { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

void Signals::wait(Clock::time_point deadline, const std::vector<int>& descriptors) const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  if (left <= 0) return;
  std::vector<pollfd> watched{{descriptor_, POLLIN, 0}};
  for (int each : descriptors) watched.push_back({each, POLLIN, 0});
  ::poll(watched.data(), watched.size(), static_cast<int>(std::min<long long>(left, 60'000)));
  signalfd_siginfo news{};
  while (::read(descriptor_, &news, sizeof news) == static_cast<ssize_t>(sizeof news)) {
    if (news.ssi_signo != SIGCHLD) throw Interrupted{static_cast<int>(news.ssi_signo)};
  }
}

Process::Process(const Options& options, const std::vector<const Case*>& cases, const Signals& signals)
    : nonce_(random_text(kNonce)) {
  Words arguments = child_arguments(options, cases);
  Words environment = child_environment(dir_);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  // Append mode: both streams share the file, and neither overwrites the other.
  const int output = ::open(dir_.output().c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) throw UsageError("cannot write " + dir_.output() + ": " + std::strerror(errno));
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    ::close(output);
    throw UsageError(std::string("cannot make a channel: ") + std::strerror(errno));
  }
  channel_ = ends[0];
  ::send(channel_, nonce_.data(), nonce_.size(), MSG_NOSIGNAL);
  const Start start{options.exe.c_str(),          argv.data(), envp.data(), output, ends[1],
                    rlim_t{options.memory} << 20, ::getpid()};
  const pid_t pid = ::fork();
  if (pid == 0) become(start, signals);
  ::close(output);
  ::close(ends[1]);
  if (pid < 0) throw UsageError(std::string("cannot start a process: ") + std::strerror(errno));
  ::setpgid(pid, pid);  // here too: whichever side comes first
  pid_ = pid;
}

Process::~Process() {
  kill();
  if (channel_ >= 0) ::close(channel_);
}

const Received& Process::receive() {
  std::string packet(kLongestLine, '\0');
  while (channel_ >= 0 && received_.complaint.empty()) {
    const ssize_t size = ::recv(channel_, packet.data(), packet.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0) break;  // nothing more for now, or the other end is gone
    if (size == 0) {
      ::close(channel_);
      channel_ = -1;
    } else if (static_cast<std::size_t>(size) > packet.size() || received_.lines.size() == kMostLines) {
      received_.complaint = "more came than a program has to say";
    } else if (packet.compare(0, kNonce, nonce_) != 0) {
      received_.complaint = "a line came that its listener did not send";
    } else {
      received_.lines.push_back(packet.substr(kNonce, size - kNonce));
    }
  }
  return received_;
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

namespace {

std::vector<pid_t> children() {
  std::ifstream in("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  std::vector<pid_t> list;
  for (pid_t pid = 0; in >> pid;) list.push_back(pid);
  return list;
}

}  // namespace

void end_strays(const std::vector<pid_t>& known) {
  for (bool found = true; found;) {  // the children of those that end become ours
    found = false;
    for (pid_t pid : children()) {
      if (std::find(known.begin(), known.end(), pid) != known.end()) continue;
      ::kill(pid, SIGKILL);
      found = ::waitpid(pid, nullptr, 0) == pid || found;
    }
  }
}

}  // namespace launcher
