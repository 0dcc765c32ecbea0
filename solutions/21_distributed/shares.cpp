// shares.cpp: which examples of a batch are this rank's.
#include "21_distributed/shares.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {

// 21.3 share_of  examples (n), rank, R -> those at places rank, rank + R, ...; padded: ⌈n/R⌉ of them on every rank
// Padded, place n is example 0 again, n + 1 is example 1, and so on, as often as it takes. Of no examples all shares are
// empty.
// Hint: one loop over places; place mod n is the example.
std::vector<std::int64_t> share_of(std::span<const std::int64_t> examples, int rank, int ranks, Uneven uneven) {
  if (rank < 0 || rank >= ranks) throw ValueError("share_of: rank {} of {} ranks.", {rank, ranks});
  // solution 21.3
  const std::size_t count = examples.size(), step = static_cast<std::size_t>(ranks);
  const std::size_t end = uneven == Uneven::padded ? (count + step - 1) / step * step : count;
  std::vector<std::int64_t> share;
  for (auto place = static_cast<std::size_t>(rank); place < end; place += step)
    share.push_back(examples[place % count]);
  return share;
  // end solution
}

// 21.3 DistributedLoader::start_epoch  the first batch of `epoch`, in the order that belongs to it
// ValueError for a negative one.
// Hint: epoch_order of 08.5 for all examples; it is the same on every rank, because nothing of it depends on the rank.
void DistributedLoader::start_epoch(std::int64_t epoch) {
  if (epoch < 0) throw ValueError("start_epoch: epoch {}, but epochs count from 0.", {epoch});
  // solution 21.3
  epoch_ = epoch;
  position_ = 0;
  order_ = epoch_order(dataset_->size(), options_.shuffle, options_.seed, epoch);
  // end solution
}

// 21.3 DistributedLoader::next  this rank's share of global batch position_, then one further; false at the end
// Hint: batch_indices of 08.5 gives the batch of all ranks; read() makes a Batch of a list of examples, of none, too.
bool DistributedLoader::next(Batch& batch) {
  if (position_ == batches()) return false;
  // solution 21.3
  batch = read(share_of(batch_indices(order_, options_.batch_size, position_), rank_, ranks_, uneven_));
  ++position_;
  return true;
  // end solution
}

}  // namespace rushlight
