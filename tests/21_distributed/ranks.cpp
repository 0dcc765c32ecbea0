// ranks.cpp: the process of the cases: it starts mpirun, asks the ranks for bodies and judges what they answer.
#include "ranks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "01_tensor/todo.hpp"
#include "lines.hpp"

namespace rushlight::test {
namespace {

constexpr double kCaseSeconds = 5;    // of a case: a rank that has not answered by then hangs outside of any message
constexpr double kStartSeconds = 20;  // of mpirun; the launcher is stricter
constexpr int kMostRanks = 4;         // that a case asks for: they start as fast as two, and once is enough

// What Open MPI needs to be told: root may start it, two ranks may share a processor and give way when they wait, and
// containers forbid one process to read another's memory.
const std::vector<std::pair<const char*, const char*>> settings = {
    {"OMPI_ALLOW_RUN_AS_ROOT", "1"},
    {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
    {"OMPI_MCA_rmaps_base_oversubscribe", "1"},
    {"OMPI_MCA_hwloc_base_binding_policy", "none"},
    {"OMPI_MCA_mpi_yield_when_idle", "1"},
    {"OMPI_MCA_btl_vader_single_copy_mechanism", "none"},
    {"OMPI_MCA_btl", "self,vader"},  // one machine: no network,
    {"OMPI_MCA_pml", "ob1"},         // and no looking for one, which takes as long as all the rest of the start
    {"OMPI_MCA_plm", "isolated"},
};

struct NoAnswer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What mpirun keeps on the disk while it runs. In the folder that all jobs of a user share, one that ends takes away what
// another is about to begin in.
class OwnFolder {
 public:
  OwnFolder() : path_((std::filesystem::temp_directory_path() / "ranks-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw NoAnswer("there is no room for a folder in " + path_);
  }
  ~OwnFolder() {
    std::error_code left_behind;
    std::filesystem::remove_all(path_, left_behind);
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

pid_t start_mpirun(const OwnFolder& folder, int ranks, const char* variable, const std::string& value, int output) {
  const std::string count = std::to_string(ranks);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  if (output >= 0) {
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
  }
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  for (const auto& [name, setting] : settings) ::setenv(name, setting, 1);
  ::setenv("OMPI_MCA_orte_tmpdir_base", folder.path().c_str(), 1);
  ::setenv(variable, value.c_str(), 1);
  char exe[4096];
  const ssize_t length = ::readlink("/proc/self/exe", exe, sizeof exe - 1);
  exe[length < 0 ? 0 : length] = '\0';
  ::execlp("mpirun", "mpirun", "-q", "-n", count.c_str(), exe, "--gtest_filter=Rank.Runs", "--gtest_color=no",
           static_cast<char*>(nullptr));
  ::_exit(127);
}

class Group {
 public:
  explicit Group(int ranks) : ranks_(ranks) {
    static int number = 0;
    const std::string name = "rushlight-ranks-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
    socklen_t length = 0;
    const sockaddr_un where = address(name, length);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&where), length) != 0 || ::listen(listener_, ranks) != 0) {
      throw NoAnswer("the ranks cannot be reached: no socket");
    }
    mpirun_ = start_mpirun(folder_, ranks, kServe, name, -1);
    for (int i = 0; i < ranks; ++i) welcome();
  }

  ~Group() {
    if (mpirun_ > 0) ::kill(mpirun_, SIGKILL);
    for (const auto& [rank, member] : members_) {
      ::kill(member.pid, SIGKILL);
      ::close(member.descriptor);
    }
    if (mpirun_ > 0) ::waitpid(mpirun_, nullptr, 0);
    ::close(listener_);
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  int size() const { return ranks_; }

  std::vector<json> ask(int ranks, const std::string& body) {
    const std::string line = json{{"body", body}, {"ranks", ranks}}.dump();
    for (auto& [rank, member] : members_) write_line(member.descriptor, line);
    const Clock::time_point deadline = in(kCaseSeconds);
    std::vector<json> replies;
    for (auto& [rank, member] : members_) {
      std::string reply;
      const Heard heard = member.lines.next(reply, deadline);
      if (heard == Heard::line) {
        if (rank < ranks) replies.push_back(json::parse(reply));
        continue;
      }
      throw NoAnswer("rank " + std::to_string(rank) + " of " + std::to_string(ranks) +
                     (heard == Heard::end ? " died"
                                          : " had not come to an end after " + std::to_string(int(kCaseSeconds)) +
                                                " s: a loop that never ends, or ranks that wait for each other?"));
    }
    return replies;
  }

 private:
  struct Member {
    int descriptor;
    pid_t pid;
    Lines lines;
  };

  void welcome() {
    pollfd watched{listener_, POLLIN, 0};
    if (::poll(&watched, 1, static_cast<int>(kStartSeconds * 1000)) <= 0)
      throw NoAnswer("mpirun did not start the ranks");
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    Lines lines(descriptor);
    std::string line;
    if (lines.next(line, in(kStartSeconds)) != Heard::line) throw NoAnswer("a rank did not say its number");
    const json hello = json::parse(line);
    members_.emplace(hello.at("rank").get<int>(), Member{descriptor, hello.at("pid").get<pid_t>(), lines});
  }

  const OwnFolder folder_;
  int ranks_, listener_ = -1;
  pid_t mpirun_ = 0;
  std::map<int, Member> members_;
};

std::unique_ptr<Group>& group() {
  static std::unique_ptr<Group> one;
  return one;
}

int most_ranks() {
  const char* text = std::getenv("RUSHLIGHT_RANKS");
  return text == nullptr ? 2 : std::clamp(std::atoi(text), 2, kMostRanks);
}

// A blank on a rank is a blank of the case.
void note_todos(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) todo(id.c_str());
}

// Blanks first: the other ranks then fail because they wait.
void judge(const std::vector<json>& replies) {
  for (const json& reply : replies) note_todos(reply.at("todo").get<std::vector<std::string>>());
  bool failed = false;
  for (std::size_t rank = 0; rank < replies.size(); ++rank) {
    const std::string who = "rank " + std::to_string(rank) + ": ";
    for (const json& part : replies[rank].at("failed")) {
      failed = true;
      ADD_FAILURE_AT(part.at("file").get<std::string>().c_str(), part.at("line").get<int>())
          << who << part.at("message").get<std::string>();
    }
    if (const std::string thrown = replies[rank].at("thrown"); !thrown.empty()) {
      failed = true;
      ADD_FAILURE() << (thrown.rfind("rank ", 0) == 0 ? "" : who) << thrown;
    }
  }
  if (!failed) return;
  group().reset();
  throw std::runtime_error("the ranks failed");
}

}  // namespace

std::vector<json> on_ranks(int ranks, const std::string& body) {
  std::vector<json> replies;
  try {
    if (group() == nullptr || group()->size() < ranks) {
      group().reset();
      group() = std::make_unique<Group>(std::max(ranks, kMostRanks));
    }
    replies = group()->ask(ranks, body);
  } catch (const NoAnswer&) {
    group().reset();
    throw;
  }
  judge(replies);
  std::vector<json> said;
  for (const json& reply : replies) said.push_back(reply.at("said"));
  return said;
}

std::vector<int> rank_counts() {
  std::vector<int> counts;
  for (int ranks = 1; ranks <= most_ranks(); ++ranks) counts.push_back(ranks);
  return counts;
}

std::vector<JobEnd> jobs_of(int ranks, const std::vector<std::string>& bodies) {
  struct Started {
    std::string file;
    std::unique_ptr<OwnFolder> folder;
    pid_t pid;
  };
  std::vector<Started> jobs;
  group().reset();  // its processes would be in the way
  const Clock::time_point start = Clock::now();
  for (const std::string& body : bodies) {
    const std::string file = path_of("job-output-" + std::to_string(::getpid()) + "-" + body);
    const int output = ::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_APPEND, 0600);
    auto folder = std::make_unique<OwnFolder>();
    const pid_t pid = start_mpirun(*folder, ranks, kJob, body, output);
    jobs.push_back({file, std::move(folder), pid});
    ::close(output);
  }
  std::vector<JobEnd> ends;
  for (const auto& [file, folder, pid] : jobs) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    ::unlink(file.c_str());
    ends.push_back({WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                    std::chrono::duration<double>(Clock::now() - start).count(), text.str()});
  }
  return ends;
}

void note_blanks(const JobEnd& end) {
  for (std::size_t at = end.output.find("todo 21."); at != std::string::npos;
       at = end.output.find("todo 21.", at + 1)) {
    note_todos({end.output.substr(at + 5, 4)});
  }
}

}  // namespace rushlight::test
