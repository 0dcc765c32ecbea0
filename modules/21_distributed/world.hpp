// world.hpp: the processes of one job and the messages between them. Given: a thin layer over MPI (Open MPI 4.1 here)
// with names, sizes that are checked, and a patience after which a wait becomes an error instead of a hang. Every process
// runs the same program; what tells them apart is rank(). Nothing here is shared memory: numbers move only by messages.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "01_tensor/array.hpp"
#include "01_tensor/error.hpp"

namespace rushlight {

// Ranks that do not agree, or one that does not answer. The message names the rank, what it was doing, and with whom.
struct WorldError : Error {
  using Error::Error;
};

struct Wire;  // what MPI knows of a world

// A message, or a sum, that is under way. Its numbers must stay where they are until it is done.
class Request {
 public:
  Request() noexcept;  // nothing under way: done
  Request(Request&& other) noexcept;
  Request& operator=(Request&& other) noexcept;
  ~Request();  // gives up what is not done, as when an exception passes

  // True once the numbers are there (or gone). MPI has no thread of its own here: messages move along while somebody
  // calls done() or wait(), of any request.
  bool done();
  void wait();  // until done; WorldError once the world's patience is over

 private:
  friend class World;
  struct State;
  explicit Request(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class World {
 public:
  // The first `ranks` processes of the job, or all of them (0). All processes of the job make their worlds in the same
  // order; one that is not among the first has rank() -1, and nothing to do. ValueError for more ranks than there are.
  explicit World(int ranks = 0);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }

  // The numbers go to `to`; returns once `to` has begun to receive them. So two ranks that both send first wait for each
  // other, whatever the size. Messages between two ranks with one tag stay in order. IndexError: no such rank.
  void send(std::span<const Real> numbers, int to, int tag = 0);
  // Exactly so many numbers from `from`: WorldError when the message has another length.
  void receive(std::span<Real> numbers, int from, int tag = 0);

  // The same, but return at once.
  Request start_send(std::span<const Real> numbers, int to, int tag = 0);
  Request start_receive(std::span<Real> numbers, int from, int tag = 0);

  // MPI's own all-reduce: in the end every rank has, in place, the sum over all ranks. Every rank must start its sums in
  // the same order and with the same count; nothing checks that.
  Request start_sum(std::span<Real> numbers);

  void send_text(const std::string& text, int to, int tag = 0);
  std::string receive_text(int from, int tag = 0);

  void barrier();  // returns when every rank has come here

  double patience() const { return patience_; }  // seconds that a wait may take; 10 to begin with
  void set_patience(double seconds) { patience_ = seconds; }

  // What this rank has sent by itself so far (start_sum is MPI's business).
  std::int64_t messages_sent() const { return messages_; }
  std::int64_t numbers_sent() const { return numbers_; }

  // "rank 1 of 2, in ring_all_reduce > reduce_scatter": how every message of an error begins.
  std::string whereabouts() const;

 private:
  friend class Doing;
  void check_rank(const char* op, int rank) const;
  std::unique_ptr<Wire> wire_;
  int rank_ = 0, size_ = 1;
  double patience_ = 10;
  std::int64_t messages_ = 0, numbers_ = 0;
  std::vector<std::string> doing_;
};

// While it lives, errors of this world say that the rank is in `what`.
class Doing {
 public:
  Doing(World& world, const std::string& what);
  ~Doing();
  Doing(const Doing&) = delete;
  Doing& operator=(const Doing&) = delete;

 private:
  World& world_;
  int exceptions_;
};

// The main function of a program that mpirun starts. Starts MPI, runs the body in the world of all processes, ends MPI.
// What the body throws is printed once, after the rank and where it was, and ends the whole job with status 1: the other ranks
// would wait for this one. A rank that dies of a signal says so and where it was; of one that is gone without a word the
// others say who it was, and where they were. All that is one message on each node, from whoever is first.
int run_job(const std::function<void(World&)>& body);

// Starts MPI if it is not running, and ends it at the end of the scope. run_job has one.
class Mpi {
 public:
  Mpi();
  ~Mpi();
  Mpi(const Mpi&) = delete;
  Mpi& operator=(const Mpi&) = delete;
};

}  // namespace rushlight
