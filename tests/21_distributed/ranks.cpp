#include "ranks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "01_tensor/todo.hpp"

namespace rushlight::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kPatience = 2.5;     // of a rank that waits for another: then it says so itself
constexpr double kCaseSeconds = 5;    // of a case: a rank that has not answered by then hangs outside of any message
constexpr double kStartSeconds = 20;  // of mpirun; the launcher is stricter
constexpr const char* kServe = "RUSHLIGHT_RANKS_AT";
constexpr const char* kJob = "RUSHLIGHT_RANKS_JOB";

std::map<std::string, RankBody>& bodies() {
  static std::map<std::string, RankBody> all;
  return all;
}

// ---- a line to and fro

sockaddr_un address(const std::string& name, socklen_t& length) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::copy(name.begin(), name.end(), where.sun_path + 1);  // an abstract name: no file, no length of a folder
  length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return where;
}

void write_line(int descriptor, const std::string& line) {
  const std::string text = line + "\n";
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count = ::send(descriptor, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;  // the other side is gone, and whoever reads from it notices
    sent += static_cast<std::size_t>(count);
  }
}

enum class Heard { line, nothing, end };

class Lines {
 public:
  explicit Lines(int descriptor) : descriptor_(descriptor) {}

  Heard next(std::string& line, Clock::time_point deadline) {
    for (;;) {
      if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
        line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return Heard::line;
      }
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      pollfd watched{descriptor_, POLLIN, 0};
      if (left <= 0 || ::poll(&watched, 1, static_cast<int>(left)) <= 0) return Heard::nothing;
      char part[4096];
      const ssize_t count = ::recv(descriptor_, part, sizeof part, 0);
      if (count <= 0) return Heard::end;
      buffer_.append(part, static_cast<std::size_t>(count));
    }
  }

 private:
  int descriptor_;
  std::string buffer_;
};

Clock::time_point in(double seconds) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

// ---- the process of a rank

class FailedParts : public ::testing::EmptyTestEventListener {
 public:
  void OnTestPartResult(const ::testing::TestPartResult& part) override {
    if (!part.failed()) return;
    parts.push_back({{"file", part.file_name() == nullptr ? "" : part.file_name()},
                     {"line", part.line_number()},
                     {"message", part.message()}});
  }
  json parts = json::array();
};

json answer(World& world, RankBody body, FailedParts& failed) {
  json says = json::object(), todo = json::array();
  failed.parts = json::array();
  std::string thrown;
  take_todos();
  try {
    body(world, says);
    world.barrier();  // nobody begins the next case while another is still at this one
  } catch (const Todo&) {
  } catch (const std::exception& error) {
    thrown = error.what();
  }
  for (const std::string& id : take_todos()) todo.push_back(id);
  return {{"said", says}, {"failed", failed.parts}, {"thrown", thrown}, {"todo", todo}};
}

// Asks for bodies until the case's process is gone.
void serve(FailedParts* failed) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const Mpi mpi;
  socklen_t length = 0;
  const sockaddr_un where = address(std::getenv(kServe), length);
  const int line_to = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(line_to, reinterpret_cast<const sockaddr*>(&where), length) != 0) std::_Exit(3);
  const World all;
  write_line(line_to, json{{"rank", all.rank()}, {"pid", ::getpid()}}.dump());
  Lines lines(line_to);
  for (std::string line; lines.next(line, in(3600)) == Heard::line;) {
    const json wanted = json::parse(line);
    World world(wanted.at("ranks").get<int>());
    world.set_patience(kPatience);
    json reply = json::object();
    if (world.rank() >= 0) reply = answer(world, bodies().at(wanted.at("body").get<std::string>()), *failed);
    write_line(line_to, reply.dump(-1, ' ', false, json::error_handler_t::replace));
  }
  std::_Exit(0);  // gtest must not report on this process
}

void job() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const RankBody body = bodies().at(std::getenv(kJob));
  const int status = run_job([&](World& world) {
    world.set_patience(kPatience);
    json says;
    body(world, says);
  });
  std::_Exit(status);
}

template <class Body>
class Dynamic : public ::testing::Test {
 public:
  explicit Dynamic(Body body) : body_(body) {}
  void TestBody() override { body_(); }

 private:
  Body body_;
};

// In the processes that mpirun starts, the test program has one case: Rank.Runs.
const bool registered = [] {
  const bool serves = std::getenv(kServe) != nullptr;
  if (!serves && std::getenv(kJob) == nullptr) return false;
  const auto body = [serves] {
    auto* failed = new FailedParts;
    ::testing::UnitTest::GetInstance()->listeners().Append(failed);
    serves ? serve(failed) : job();
  };
  ::testing::RegisterTest("Rank", "Runs", nullptr, nullptr, __FILE__, __LINE__,
                          [body]() -> ::testing::Test* { return new Dynamic(body); });
  return true;
}();

// ---- the process of the cases

// What Open MPI needs to be told: root may start it, two ranks may share a processor and give way when they wait, and
// containers forbid one process to read another's memory.
const std::vector<std::pair<const char*, const char*>> settings = {
    {"OMPI_ALLOW_RUN_AS_ROOT", "1"},
    {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
    {"OMPI_MCA_rmaps_base_oversubscribe", "1"},
    {"OMPI_MCA_hwloc_base_binding_policy", "none"},
    {"OMPI_MCA_mpi_yield_when_idle", "1"},
    {"OMPI_MCA_btl_vader_single_copy_mechanism", "none"},
    {"OMPI_MCA_btl", "self,vader"},  // one machine: no network
    {"OMPI_MCA_plm", "isolated"},
};

pid_t start_mpirun(int ranks, const char* variable, const std::string& value, int output) {
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
  ::setenv(variable, value.c_str(), 1);
  char exe[4096];
  const ssize_t length = ::readlink("/proc/self/exe", exe, sizeof exe - 1);
  exe[length < 0 ? 0 : length] = '\0';
  ::execlp("mpirun", "mpirun", "-q", "-n", count.c_str(), exe, "--gtest_filter=Rank.Runs", "--gtest_color=no",
           static_cast<char*>(nullptr));
  ::_exit(127);
}

struct NoAnswer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

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
    mpirun_ = start_mpirun(ranks, kServe, name, -1);
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
  return text == nullptr ? 2 : std::clamp(std::atoi(text), 2, 4);
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

RegisterRankBody::RegisterRankBody(const char* name, RankBody body) { bodies()[name] = body; }

std::vector<json> on_ranks(int ranks, const std::string& body) {
  std::vector<json> replies;
  try {
    if (group() == nullptr || group()->size() < ranks) {
      group().reset();
      group() = std::make_unique<Group>(std::max(ranks, most_ranks()));
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

JobEnd job_of(int ranks, const std::string& body) {
  const std::string file = path_of("job-output-" + std::to_string(::getpid()));
  const int output = ::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_APPEND, 0600);
  group().reset();  // its processes would be in the way
  const Clock::time_point start = Clock::now();
  const pid_t pid = start_mpirun(ranks, kJob, body, output);
  int status = 0;
  ::waitpid(pid, &status, 0);
  ::close(output);
  JobEnd end;
  end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  end.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  end.output = text.str();
  ::unlink(file.c_str());
  for (std::size_t at = end.output.find("todo 21."); at != std::string::npos;
       at = end.output.find("todo 21.", at + 1)) {
    note_todos({end.output.substr(at + 5, 4)});
  }
  return end;
}

}  // namespace rushlight::test
