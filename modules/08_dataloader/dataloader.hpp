// dataloader.hpp: a data set as a stream of batches. As torch.utils.data.DataLoader, with these differences: the order
// of an epoch and every random crop follow from (seed, epoch), not from a global source, so the number of workers
// changes nothing but the speed; workers are threads; and the place in the epoch can be saved and restored.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "07_training/batch.hpp"
#include "08_dataloader/dataset.hpp"
#include "08_dataloader/sampler.hpp"

namespace rushlight {

class Prefetcher;

struct LoaderOptions {
  std::int64_t batch_size = 1;
  bool shuffle = false;
  bool drop_last = false;     // leave out a short last batch
  int workers = 0;            // threads that make batches ahead; 0: next() makes them itself
  std::int64_t prefetch = 2;  // batches per worker that may wait
  std::uint64_t seed = 0;
};

class DataLoader : public BatchSource {
 public:
  // Stands at the beginning of epoch 0. Throws ValueError: no data set, batch_size or prefetch below 1, workers below
  // 0.
  DataLoader(std::shared_ptr<const Dataset> dataset, LoaderOptions options = {});
  ~DataLoader() override;

  const Dataset& dataset() const { return *dataset_; }
  const LoaderOptions& options() const { return options_; }
  std::int64_t batches() const override;  // per epoch; given: batch_count (08.5) counts them

  // The beginning of an epoch, whatever was left of the one before. Throws ValueError for a negative one. 08.5
  void start_epoch(std::int64_t epoch) override;

  // The next batch: inputs (B, ...), labels (B). False, with `batch` untouched, at the end of the epoch, however often
  // it is asked. What reading an example throws is thrown here, and the position stays where it was: the next call reads
  // the example again, for any number of workers. 08.5
  bool next(Batch& batch) override;

  // Batch number `number` of this epoch, made here and now, whatever the position. Throws IndexError. 08.5
  Batch make_batch(std::int64_t number) const;

  // 08.7. Batches that wait in the queue have not been handed out and do not count. load_state continues as if the
  // batches before its position had been handed out, without reading them. Throws ValueError, and changes nothing, when
  // the state is of another seed, data set size, batch size, shuffle or drop_last (names it and both values), or its
  // place is not in the epoch.
  LoaderState state() const override;
  void load_state(const LoaderState& state) override;

  // for (const Batch& batch : loader.epoch(3)) ...
  class Epoch;
  Epoch epoch(std::int64_t number);

 private:
  void go_to(std::int64_t epoch, std::int64_t position);  // given: stops the workers and sets the place
  Batch fetch();  // given: the batch at position_, from a worker if there are any

  std::shared_ptr<const Dataset> dataset_;
  LoaderOptions options_;
  std::int64_t epoch_ = 0;
  std::int64_t position_ = 0;
  std::vector<std::int64_t> order_;
  std::unique_ptr<Prefetcher> prefetcher_;  // last member: its threads read the others
};

// What a range-for walks over: an input range, once through.
class DataLoader::Epoch {
 public:
  struct End {};
  class Iterator {
   public:
    explicit Iterator(DataLoader& loader) : loader_(&loader) { ++*this; }
    const Batch& operator*() const { return batch_; }
    Iterator& operator++() {
      more_ = loader_->next(batch_);
      return *this;
    }
    bool operator!=(End) const { return more_; }

   private:
    DataLoader* loader_;
    Batch batch_;
    bool more_ = false;
  };

  explicit Epoch(DataLoader& loader) : loader_(&loader) {}
  Iterator begin() { return Iterator(*loader_); }
  End end() { return {}; }

 private:
  DataLoader* loader_;
};

inline DataLoader::Epoch DataLoader::epoch(std::int64_t number) {
  start_epoch(number);
  return Epoch(*this);
}

}  // namespace rushlight
