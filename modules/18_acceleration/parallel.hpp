// parallel.hpp: a loop whose pieces several threads work on at the same time.
//
// How many threads: as many as OpenBLAS has (OPENBLAS_NUM_THREADS), so that one setting rules both. Inside a piece,
// OpenBLAS uses that piece's thread alone, or both would fight over the same cores.
//
// The pieces depend on `count` and `grain` alone, never on how many threads there are or which was free first. A sum
// that is made of one partial result per piece, added up in the order of the pieces, is therefore bit for bit the same
// with one thread and with ten.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace rushlight {

// Threads that wait for work, so that a loop of 50 µs does not have to start any.
class ThreadPool {
 public:
  explicit ThreadPool(int threads);  // the caller of run() is one of them. ValueError below 1. Given.
  ~ThreadPool();                     // waits for the workers to end. Given.
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // 18.3 (thread_pool.cpp)  Calls work(0), ..., work(count - 1), each once, and returns when all have ended. What the
  // call threw that failed first (in time) is thrown again here, when nobody works any more; pieces that had not begun
  // by then are left out. A call of run() from inside `work`, of this pool or of another, does its pieces one after the
  // other in that thread, also where `work` is called by the thread that asked: for a single piece, or without workers.
  void run(std::int64_t count, const std::function<void(std::int64_t)>& work);

 private:
  void wait_for_work();  // what a worker does all its life. Given.
  void work_off();       // 18.3: takes pieces of the present job until none is left

  // One mutex guards everything below; a piece is worked on without it.
  std::mutex mutex_;
  std::condition_variable begun_;                            // a job has come, or the end
  std::condition_variable ended_;                            // a worker has nothing left to do
  const std::function<void(std::int64_t)>* work_ = nullptr;  // the present job; null between jobs
  std::int64_t count_ = 0;                                   // its pieces
  std::int64_t next_ = 0;                                    // the first that nobody has taken
  std::atomic<int> busy_ = 0;                                // threads that are inside work_off()
  std::atomic<std::uint64_t> job_ = 0;                       // how many jobs there have been
  std::exception_ptr failure_;                               // what the piece threw that failed first
  std::atomic<bool> closing_ = false;
  std::vector<std::thread> workers_;
};

// The framework's own pool, with as many threads as OpenBLAS has now. Not to be called from two threads at once. Given.
ThreadPool& thread_pool();

// 18.3 (thread_pool.cpp)  Cuts 0, ..., count - 1 into pieces of `grain` (the last may be shorter) and calls
// body(first, last) for each, in thread_pool(); a single piece, in the thread that asks. Throws ValueError when grain
// is below 1. `grain` should be worth 20 µs at least: waking a thread costs about as much.
using RangeBody = std::function<void(std::int64_t first, std::int64_t last)>;
void parallel_for(std::int64_t count, std::int64_t grain, const RangeBody& body);

}  // namespace rushlight
