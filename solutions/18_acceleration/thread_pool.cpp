// thread_pool.cpp: several threads that take pieces of one job until none is left.
#include <algorithm>
#include <chrono>
#include <memory>

#include "01_tensor/blas.hpp"
#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "18_acceleration/parallel.hpp"

namespace rushlight {
namespace {

thread_local bool inside_a_piece = false;

// While one lives, a product of OpenBLAS uses the thread that asked for it and no other. Inside a piece that is so
// already, and other threads would be in the way.
class OneBlasThread {
 public:
  OneBlasThread() : before_(inside_a_piece ? 1 : blas_threads()) {
    if (before_ > 1) set_blas_threads(1);
  }
  ~OneBlasThread() {
    if (before_ > 1) set_blas_threads(before_);
  }
  OneBlasThread(const OneBlasThread&) = delete;
  OneBlasThread& operator=(const OneBlasThread&) = delete;

 private:
  int before_;
};

// While one lives, this thread is inside a piece: whoever asks for threads there has to do with this one.
class InsideAPiece {
 public:
  InsideAPiece() : before_(inside_a_piece) { inside_a_piece = true; }
  ~InsideAPiece() { inside_a_piece = before_; }
  InsideAPiece(const InsideAPiece&) = delete;
  InsideAPiece& operator=(const InsideAPiece&) = delete;

 private:
  bool before_;
};

}  // namespace

// Looks whether it has come true, again and again, for a while. A thread that sleeps is there again after some 60 µs:
// many a job is shorter. When the while is over, something else is going on, and sleeping is better manners.
template <class Condition>
void watch(Condition condition) {
  constexpr std::chrono::milliseconds patience{10};
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
}

ThreadPool::ThreadPool(int threads) {
  if (threads < 1) throw ValueError("ThreadPool: {} threads: needs at least 1.", {threads});
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { wait_for_work(); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  begun_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::wait_for_work() {
  std::uint64_t seen = 0;
  while (true) {
    watch([&] { return job_ != seen || closing_; });
    {
      std::unique_lock lock(mutex_);
      begun_.wait(lock, [&] { return closing_ || job_ != seen; });
      if (closing_) return;
      seen = job_;
    }
    try {
      work_off();
    } catch (const Todo&) {  // still a blank: whoever called run() finds that out, too, and can say so
    }
  }
}

// 18.3 work_off  takes pieces of the present job, one after the other, until none is left
// A worker that comes late finds no job (work_ is null) or no piece, and leaves. Notes in failure_ the exception
// that came first, whichever piece it is of, after which no new piece is taken. The last to leave tells ended_.
// Hint: hold the mutex while you look at a member, and never while a piece is worked on. Set inside_a_piece around it.
// next_ = count_ is how to say that nothing is left.
void ThreadPool::work_off() {
  std::unique_lock lock(mutex_);
  ++busy_;
  while (work_ != nullptr && next_ < count_) {
    const std::int64_t piece = next_++;
    const auto& work = *work_;
    lock.unlock();
    std::exception_ptr failure;
    inside_a_piece = true;
    try {
      work(piece);
    } catch (...) {
      failure = std::current_exception();
    }
    inside_a_piece = false;
    lock.lock();
    if (failure) {
      if (!failure_) failure_ = failure;
      next_ = count_;
    }
  }
  if (--busy_ == 0) ended_.notify_one();
}

// 18.3 run  work(0), ..., work(count - 1), each exactly once; back when all have ended
// Alone (no workers, one piece, or inside a piece of another run): a plain loop, in which an InsideAPiece lives.
// Rethrows what failure_ has when nobody works any more. `work` may be gone once run has returned: nobody may look at
// it afterwards.
// Hint: under the mutex set work_, count_, next_, failure_ and ++job_; notify; take part (work_off); wait until next_
// is count_ and busy_ is 0; work_ = nullptr. A OneBlasThread lives meanwhile.
void ThreadPool::run(std::int64_t count, const std::function<void(std::int64_t)>& work) {
  const OneBlasThread one;
  if (workers_.empty() || count <= 1 || inside_a_piece) {
    const InsideAPiece inside;
    for (std::int64_t piece = 0; piece < count; ++piece) work(piece);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    count_ = count;
    next_ = 0;
    failure_ = nullptr;
    ++job_;
  }
  begun_.notify_all();
  work_off();
  watch([&] { return busy_ == 0; });
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return next_ == count_ && busy_ == 0; });
  work_ = nullptr;
  if (failure_) std::rethrow_exception(failure_);
}

// Given.
ThreadPool& thread_pool() {
  static std::unique_ptr<ThreadPool> pool;
  const int threads = inside_a_piece ? 1 : blas_threads();  // inside, OpenBLAS is held to one: that is not the answer
  if (!pool || (pool->threads() != threads && !inside_a_piece)) pool = std::make_unique<ThreadPool>(threads);
  return *pool;
}

// 18.3 parallel_for  count, grain, body -> body(0, grain), body(grain, 2·grain), ..., body(.., count)
// Throws ValueError when grain < 1. Nothing for count <= 0.
// Hint: the number of pieces is count / grain, rounded up.
void parallel_for(std::int64_t count, std::int64_t grain, const RangeBody& body) {
  if (grain < 1) throw ValueError("parallel_for: grain is {}, but must be at least 1.", {grain});
  if (count <= 0) return;
  thread_pool().run(count / grain + (count % grain > 0 ? 1 : 0), [&](std::int64_t piece) {
    const std::int64_t begin = piece * grain;
    body(begin, begin + std::min(grain, count - begin));
  });
}

}  // namespace rushlight
