// dataloader.cpp: a data set as a stream of batches.
#include "08_dataloader/dataloader.hpp"

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 08.5 make_batch  number -> inputs (B, shape of an example), labels (B);  example i uses stream(seed, epoch, i)
// Throws IndexError unless 0 <= number < batches(). Workers call this at the same time: it may read members,
// no more. Hint: item() writes straight into the row's part of mutable_data(), so call mutable_data() once.
Batch DataLoader::make_batch(std::int64_t number) const {
  todo("08.5");
}

// 08.5 start_epoch  back to the first batch of `epoch`
// Throws ValueError for a negative epoch.
// Hint: go_to does the work.
void DataLoader::start_epoch(std::int64_t epoch) {
  todo("08.5");
}

// 08.5 next  the batch at position_ through fetch(), then one further; false at the end of the epoch
// Hint: fetch() may throw: move on only after it has returned.
bool DataLoader::next(Batch& batch) {
  todo("08.5");
}

}  // namespace rushlight
