// prefetcher.hpp: threads that make batches ahead of time. What comes out is what one thread would have made, in the
// same order; only sooner. At most `ahead` batches wait at any time, so memory stays bounded however slow the consumer.
//
//          claimed_            a ring of `ahead` slots; batch b lives in slot b % ahead
//             v
//   ... |  7 being made  |  8 being made  |  5 waiting  |  6 waiting  | ...
//                                              ^
//                                          delivered_ (what next() waits for)
//
// Invariant, under mutex_:  delivered_ <= claimed_ <= min(delivered_ + ahead, end_).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "07_training/batch.hpp"

namespace rushlight {

class Prefetcher {
 public:
  using Make = std::function<Batch(std::int64_t)>;  // called from several threads at once

  // Starts `workers` threads (at least 1) that make batches first, first+1, ..., end-1, never more than `ahead` of
  // them (at least 1) beyond what next() has delivered.
  Prefetcher(Make make, std::int64_t first, std::int64_t end, int workers, std::int64_t ahead);

  // Asks all threads to stop, wakes those that wait for room, and waits until they are gone. At most one batch a
  // thread is still made. Nobody needs to have emptied the queue.
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  // The next batch in order; false after the last, with `batch` untouched. Waits while it is not ready. When making it
  // threw, that exception is thrown here, on the caller's thread, after all batches before it; calling again throws it
  // again. 08.6
  bool next(Batch& batch);

 private:
  struct Slot {
    bool ready = false;
    Batch batch;
    std::exception_ptr error;
  };

  void run(std::stop_token stop);   // what a thread runs: work(), and a net under it
  void work(std::stop_token stop);  // until everything is claimed or a stop is requested. 08.6
  Slot& slot(std::int64_t batch) { return slots_[static_cast<std::size_t>(batch) % slots_.size()]; }

  const Make make_;
  const std::int64_t end_;
  std::mutex mutex_;                   // guards everything below
  std::condition_variable_any room_;   // told when delivered_ grows
  std::condition_variable_any ready_;  // told when a slot becomes ready
  std::int64_t claimed_;               // the next batch that no thread has taken yet
  std::int64_t delivered_;             // the next batch that next() hands out
  std::vector<Slot> slots_;
  std::vector<std::jthread> threads_;  // last member: gone before what they use
};

}  // namespace rushlight
