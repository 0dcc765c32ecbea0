// job.cpp: given. How a job begins, and how it ends when a rank throws, dies of a signal, or is gone without a word: with one
// message, which says who it was and where. Of a node's ranks the first to speak is the only one.
#include "21_distributed/job.hpp"

#include <fcntl.h>
#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "01_tensor/todo.hpp"
#include "21_distributed/world.hpp"

namespace rushlight {
namespace {

struct Signal {
  int number;
  const char* what;
};
constexpr std::array fatal{Signal{SIGSEGV, "died: it touched memory that is not its own (SIGSEGV)"},
                           Signal{SIGBUS, "died: it touched memory that is not there (SIGBUS)"},
                           Signal{SIGFPE, "died: a division of whole numbers by zero (SIGFPE)"},
                           Signal{SIGILL, "died: an instruction that this processor does not know (SIGILL)"},
                           Signal{SIGABRT, "died: abort() was called (SIGABRT)"}};

// Text of a fixed size: a signal handler may not allocate.
class Text {
 public:
  void add(std::string_view more) {
    const std::size_t count = std::min(more.size(), text_.size() - size_);
    std::copy_n(more.begin(), count, text_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += count;
  }
  void add(int number) {
    if (number >= 10) add(number / 10);
    const char digit = static_cast<char>('0' + number % 10);
    add({&digit, 1});
  }
  void clear() { size_ = 0; }
  std::string_view view() const { return {text_.data(), size_}; }
  void print() const { [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text_.data(), size_); }

 private:
  std::array<char, 1024> text_{};
  std::size_t size_ = 0;
};

Text whereabouts;
std::string turn;              // a file that one rank of a job on this node can make
std::vector<int> ranks, pids;  // of the processes on this node

// Open MPI has a folder for each job, and removes it afterwards.
bool first_to_speak() {
  if (turn.empty()) return true;
  const int file = ::open(turn.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  return file >= 0 || errno != EEXIST;
}

void say_once(Text text) {
  text.add("\nThe job ends here.\n");
  if (first_to_speak()) text.print();
}

extern "C" void die(int number) {
  Text text;
  text.add(whereabouts.view());
  for (const Signal& each : fatal) {
    if (each.number == number) text.add(", "), text.add(each.what);
  }
  text.add(".");
  say_once(text);
  ::signal(number, SIG_DFL);
  ::raise(number);
}

// mpirun ends the others when one is gone; who was killed could say nothing itself.
extern "C" void stop(int) {
  Text text;
  for (std::size_t i = 0; i < pids.size(); ++i) {
    if (::kill(pids[i], 0) == 0) continue;
    text.add("rank "), text.add(ranks[i]), text.add(" is gone without a word: killed, or out of memory? ");
    break;
  }
  text.add(whereabouts.view());
  text.add(", was told to stop.");
  say_once(text);
  ::_exit(128 + SIGTERM);
}

void learn_of_neighbours() {
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  int count = 0, rank = 0;
  MPI_Comm_size(node, &count);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const int pid = ::getpid();
  ranks.resize(static_cast<std::size_t>(count));
  pids.resize(static_cast<std::size_t>(count));
  MPI_Allgather(&rank, 1, MPI_INT, ranks.data(), 1, MPI_INT, node);
  MPI_Allgather(&pid, 1, MPI_INT, pids.data(), 1, MPI_INT, node);
  MPI_Comm_free(&node);
  if (const char* folder = std::getenv("PMIX_SERVER_TMPDIR")) turn = std::string(folder) + "/rushlight-has-spoken";
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;  // and then they say more of a crash than this
#else
constexpr bool sanitized = false;
#endif

void listen_to_signals() {
  for (const Signal& each : fatal) {
    if (!sanitized || each.number == SIGABRT) ::signal(each.number, die);
  }
  ::signal(SIGTERM, stop);
}

}  // namespace

void keep_whereabouts(const std::string& text) {
  whereabouts.clear();
  whereabouts.add(text);
}

Mpi::Mpi() {
  int running = 0;
  MPI_Initialized(&running);
  if (running == 0) MPI_Init(nullptr, nullptr);
}

Mpi::~Mpi() {
  int over = 0;
  MPI_Finalized(&over);
  if (over == 0) MPI_Finalize();
}

int run_job(const std::function<void(World&)>& body) {
  const Mpi mpi;
  World world;
  learn_of_neighbours();
  keep_whereabouts(world.whereabouts());
  listen_to_signals();
  std::string what;
  try {
    body(world);
    ::signal(SIGTERM, SIG_DFL);
    return 0;
  } catch (const std::exception& error) {
    what = error.what();
  } catch (const Todo& blank) {
    what = "task " + blank.id + " is still a blank.";
  }
  Text text;
  if (what.rfind(formatted("rank {}", {world.rank()}), 0) != 0) {
    text.add(whereabouts.view());
    text.add(": ");
  }
  text.add(what);
  say_once(text);
  MPI_Abort(MPI_COMM_WORLD, 1);
  return 1;
}

}  // namespace rushlight
