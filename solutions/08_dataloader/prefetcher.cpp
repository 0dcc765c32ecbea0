// prefetcher.cpp: the two sides of a bounded queue. Every wait names what it waits for, and whoever makes that true
// notifies; batches are made outside the lock, or the threads would take turns.
#include "08_dataloader/prefetcher.hpp"

#include <utility>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 08.6 work  claims the next batch, makes it without the lock, puts it in its slot; again, until nothing is left
// Waits while `ahead` batches are claimed but not delivered. What make_ throws goes into the slot. Returns as soon as a
// stop is requested.
// Hint: room_.wait(lock, stop, condition) comes back with false when the stop came before the condition. If all batches
// are claimed already there is nothing to wait for.
void Prefetcher::work(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (claimed_ < end_) {
    const auto may_claim = [this] { return claimed_ == end_ || claimed_ - delivered_ < std::ssize(slots_); };
    if (!room_.wait(lock, stop, may_claim) || stop.stop_requested()) return;
    if (claimed_ == end_) return;
    const std::int64_t mine = claimed_++;
    lock.unlock();
    Slot made{.ready = true, .batch = {}, .error = nullptr};
    try {
      made.batch = make_(mine);
    } catch (...) {
      made.error = std::current_exception();
    }
    lock.lock();
    slot(mine) = std::move(made);  // nobody else writes here: the slot is ours until it is delivered
    ready_.notify_all();
  }
  room_.notify_all();  // whoever still waits for room finds that all is claimed
}

// 08.6 next  waits for the slot of batch delivered_, moves the batch out, makes room
// Hint: an error stays in its slot and delivered_ where it is, so that the next call throws it again.
bool Prefetcher::next(Batch& batch) {
  std::unique_lock lock(mutex_);
  if (delivered_ == end_) return false;
  Slot& mine = slot(delivered_);
  ready_.wait(lock, [&] { return mine.ready; });
  if (mine.error != nullptr) std::rethrow_exception(mine.error);
  batch = std::exchange(mine, {}).batch;
  ++delivered_;
  room_.notify_all();
  return true;
}

}  // namespace rushlight
