// world.cpp: given. Messages; the only file beside job.cpp that includes mpi.h.
#include "21_distributed/world.hpp"

#include <mpi.h>

#include <chrono>
#include <exception>
#include <thread>
#include <utility>

#include "21_distributed/job.hpp"

namespace rushlight {

struct Wire {
  MPI_Comm comm = MPI_COMM_NULL;
};

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kEagerLooks = 200;  // how often a wait looks before it begins to sleep between two looks
constexpr std::chrono::microseconds kSleep{20};
constexpr int kTextTag = 1 << 14;  // texts and numbers with one tag do not meet

const MPI_Datatype kReal = sizeof(Real) == 8 ? MPI_DOUBLE : MPI_FLOAT;

std::string mpi_text(int code) {
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  return {text, static_cast<std::size_t>(length)};
}

void check(int code, const World& world, const std::string& op) {
  if (code != MPI_SUCCESS) throw WorldError("{}: {} failed: {}.", {world.whereabouts(), op, mpi_text(code)});
}

int count_of(std::size_t size) { return static_cast<int>(size); }

std::string words(const char* op, std::size_t count, const char* direction, int rank, int tag) {
  return formatted("{} of {} numbers {} rank {} (tag {})", {op, count, direction, rank, tag});
}

const char* const kAdvice = "Do all ranks call the same functions in the same order?";

// Looks until something is there; false where it is not after so many seconds.
template <class Look>
bool comes(const Look& there, double seconds) {
  const Clock::time_point start = Clock::now();
  for (int looks = 0; !there(); ++looks) {
    if (looks < kEagerLooks) {
      std::this_thread::yield();
      continue;
    }
    std::this_thread::sleep_for(kSleep);
    if (std::chrono::duration<double>(Clock::now() - start).count() > seconds) return false;
  }
  return true;
}

}  // namespace

struct Request::State {
  World& world;
  std::string op;
  MPI_Request request = MPI_REQUEST_NULL;
  std::size_t expected = 0;
  bool receives = false, collective = false;

  void check_length(const MPI_Status& status) const {
    if (!receives) return;
    int got = 0;
    MPI_Get_count(&status, kReal, &got);
    if (static_cast<std::size_t>(got) != expected) {
      throw WorldError("{}: {} brought {} numbers. Both sides must agree on the size.", {world.whereabouts(), op, got});
    }
  }
};

Request::Request() noexcept = default;
Request::Request(std::unique_ptr<State> state) : state_(std::move(state)) {}
Request::Request(Request&& other) noexcept = default;

Request& Request::operator=(Request&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

Request::~Request() {
  if (state_ == nullptr || state_->request == MPI_REQUEST_NULL || state_->collective)
    return;  // a sum cannot be given up
  MPI_Cancel(&state_->request);
  MPI_Request_free(&state_->request);
}

bool Request::done() {
  if (state_ == nullptr || state_->request == MPI_REQUEST_NULL) return true;
  int finished = 0;
  MPI_Status status;
  const int code = MPI_Test(&state_->request, &finished, &status);
  check(code, state_->world, state_->op);
  if (finished != 0) state_->check_length(status);
  return finished != 0;
}

void Request::wait() {
  if (state_ == nullptr) return;
  const World& world = state_->world;
  if (comes([this] { return done(); }, world.patience())) return;
  throw WorldError("{}: {} is not over after {} s. {}", {world.whereabouts(), state_->op, world.patience(), kAdvice});
}

World::World(int ranks) : wire_(std::make_unique<Wire>()) {
  int all = 0, mine = 0;
  MPI_Comm_size(MPI_COMM_WORLD, &all);
  MPI_Comm_rank(MPI_COMM_WORLD, &mine);
  size_ = ranks == 0 ? all : ranks;
  if (size_ < 1 || size_ > all) throw ValueError("World: {} ranks asked for, but the job has {}.", {ranks, all});
  MPI_Comm_split(MPI_COMM_WORLD, mine < size_ ? 0 : MPI_UNDEFINED, mine, &wire_->comm);
  rank_ = mine < size_ ? mine : -1;
  if (rank_ >= 0) MPI_Comm_set_errhandler(wire_->comm, MPI_ERRORS_RETURN);
}

World::~World() {
  int over = 0;
  MPI_Finalized(&over);
  if (over == 0 && wire_->comm != MPI_COMM_NULL) MPI_Comm_free(&wire_->comm);
}

std::string World::whereabouts() const {
  std::string text = formatted("rank {} of {}", {rank_, size_});
  for (std::size_t i = 0; i < doing_.size(); ++i) text += (i == 0 ? ", in " : " > ") + doing_[i];
  return text;
}

void World::check_rank(const char* op, int rank) const {
  if (rank < 0 || rank >= size_ || rank == rank_) {
    throw IndexError("{}: {} with rank {}, but the others are 0 to {} without itself.",
                     {whereabouts(), op, rank, size_ - 1});
  }
}

Request World::start_send(std::span<const Real> numbers, int to, int tag) {
  check_rank("send", to);
  auto state = std::unique_ptr<Request::State>(new Request::State{*this, words("send", numbers.size(), "to", to, tag)});
  // Synchronous: it is over when the other side has it. A program that is right by luck of buffering is wrong.
  const int code = MPI_Issend(numbers.data(), count_of(numbers.size()), kReal, to, tag, wire_->comm, &state->request);
  check(code, *this, state->op);
  ++messages_;
  numbers_ += static_cast<std::int64_t>(numbers.size());
  return Request(std::move(state));
}

Request World::start_receive(std::span<Real> numbers, int from, int tag) {
  check_rank("receive", from);
  auto state =
      std::unique_ptr<Request::State>(new Request::State{*this, words("receive", numbers.size(), "from", from, tag)});
  state->expected = numbers.size();
  state->receives = true;
  const int code = MPI_Irecv(numbers.data(), count_of(numbers.size()), kReal, from, tag, wire_->comm, &state->request);
  check(code, *this, state->op);
  return Request(std::move(state));
}

Request World::start_sum(std::span<Real> numbers) {
  auto state = std::unique_ptr<Request::State>(
      new Request::State{*this, formatted("the sum of {} numbers over all ranks", {numbers.size()})});
  state->collective = true;
  const int code = MPI_Iallreduce(MPI_IN_PLACE, numbers.data(), count_of(numbers.size()), kReal, MPI_SUM, wire_->comm,
                                  &state->request);
  check(code, *this, state->op);
  return Request(std::move(state));
}

void World::send(std::span<const Real> numbers, int to, int tag) { start_send(numbers, to, tag).wait(); }
void World::receive(std::span<Real> numbers, int from, int tag) { start_receive(numbers, from, tag).wait(); }

void World::send_text(const std::string& text, int to, int tag) {
  check_rank("send_text", to);
  auto state = std::unique_ptr<Request::State>(new Request::State{*this, formatted("a text to rank {}", {to})});
  const int code = MPI_Isend(text.data(), count_of(text.size()), MPI_CHAR, to, kTextTag + tag, wire_->comm,
                             &state->request);  // short, and nobody waits for it
  check(code, *this, state->op);
  Request(std::move(state)).wait();
}

std::string World::receive_text(int from, int tag) {
  check_rank("receive_text", from);
  MPI_Status status;
  const auto looked = [&] {
    int there = 0;
    check(MPI_Iprobe(from, kTextTag + tag, wire_->comm, &there, &status), *this, "receive_text");
    return there != 0;
  };
  if (!comes(looked, patience_)) {
    throw WorldError("{}: no text came from rank {} in {} s. {}", {whereabouts(), from, patience_, kAdvice});
  }
  int length = 0;
  MPI_Get_count(&status, MPI_CHAR, &length);
  std::string text(static_cast<std::size_t>(length), '\0');
  check(MPI_Recv(text.data(), length, MPI_CHAR, from, kTextTag + tag, wire_->comm, MPI_STATUS_IGNORE), *this,
        "receive_text");
  return text;
}

void World::barrier() {
  auto state = std::unique_ptr<Request::State>(new Request::State{*this, "the barrier"});
  state->collective = true;
  check(MPI_Ibarrier(wire_->comm, &state->request), *this, state->op);
  Request(std::move(state)).wait();
}

Doing::Doing(World& world, const std::string& what) : world_(world), exceptions_(std::uncaught_exceptions()) {
  world_.doing_.push_back(what);
  keep_whereabouts(world_.whereabouts());
}

Doing::~Doing() {
  world_.doing_.pop_back();
  if (std::uncaught_exceptions() > exceptions_) return;  // run_job says where it was thrown
  keep_whereabouts(world_.whereabouts());
}

}  // namespace rushlight
