// dataloader.cpp: a data set as a stream of batches.
#include "08_dataloader/dataloader.hpp"

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 08.5 make_batch  number -> inputs (B, shape of an example), labels (B);  example i uses stream(seed, epoch, i)
// Throws IndexError unless 0 <= number < batches(). Workers call this at the same time: it may read members,
// no more. Hint: item() writes straight into the row's part of mutable_data(), so call mutable_data() once.
Batch DataLoader::make_batch(std::int64_t number) const {
  if (number < 0 || number >= batches()) {
    throw IndexError("make_batch: batch {} is outside 0..{}.", {number, batches() - 1});
  }
  const auto indices = batch_indices(order_, options_.batch_size, number);
  const auto count = static_cast<std::int64_t>(indices.size());
  Shape shape{count};
  for (const std::int64_t size : dataset_->shape()) shape.push_back(size);

  Batch batch{Array(shape), Indices({count})};
  const auto features = batch.inputs.mutable_data();
  const auto labels = batch.labels.mutable_data();
  const std::size_t row_size = features.size() / indices.size();
  for (std::size_t row = 0; row < indices.size(); ++row) {
    Generator random = stream(options_.seed, epoch_, indices[row]);
    labels[row] = dataset_->item(indices[row], features.subspan(row * row_size, row_size), random);
  }
  return batch;
}

// 08.5 start_epoch  back to the first batch of `epoch`
// Throws ValueError for a negative epoch.
// Hint: go_to does the work.
void DataLoader::start_epoch(std::int64_t epoch) {
  if (epoch < 0) throw ValueError("start_epoch: epoch {}, but epochs count from 0.", {epoch});
  go_to(epoch, 0);
}

// 08.5 next  the batch at position_ through fetch(), then one further; false at the end of the epoch
// Hint: fetch() may throw: move on only after it has returned.
bool DataLoader::next(Batch& batch) {
  if (position_ == batches()) return false;
  batch = fetch();
  ++position_;
  return true;
}

}  // namespace rushlight
