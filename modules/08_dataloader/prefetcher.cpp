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
  todo("08.6");
}

// 08.6 next  waits for the slot of batch delivered_, moves the batch out, makes room
// Hint: an error stays in its slot and delivered_ where it is, so that the next call throws it again.
bool Prefetcher::next(Batch& batch) {
  todo("08.6");
}

}  // namespace rushlight
