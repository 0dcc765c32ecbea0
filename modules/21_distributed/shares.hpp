// shares.hpp: who reads which examples. As torch.utils.data.DistributedSampler, with one difference: what is shared out is
// a batch, not an epoch. Global batch number k is the same set of examples for any number of ranks, so a run may go on
// with more or fewer of them.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "08_dataloader/dataloader.hpp"

namespace rushlight {

enum class Uneven : std::uint8_t {
  shorter,  // some ranks get one example less, or none
  padded    // begin again with the first examples until all have equally many, as in PyTorch; those count twice
};

// --- 21.3 (shares.cpp) -----------------------------------------------------------------------------------------------

// The examples at places rank, rank + R, rank + 2R, ... ValueError unless 0 <= rank < ranks.
std::vector<std::int64_t> share_of(std::span<const std::int64_t> examples, int rank, int ranks,
                                   Uneven uneven = Uneven::shorter);

// One rank's part of every batch. options.batch_size is that of all ranks together; batches(), position and state are
// those of the whole job, so that a state fits any number of ranks (and a DataLoader, too). A short last batch may leave
// a rank without an example: its batch then has size 0, and it still takes part in the step.
// Orders and augmentation follow from seed, epoch and example as in module 08. No worker threads: ValueError.
class DistributedLoader : public BatchSource {
 public:
  DistributedLoader(std::shared_ptr<const Dataset> dataset, const LoaderOptions& options, int rank, int ranks,
                    Uneven uneven = Uneven::shorter);

  void start_epoch(std::int64_t epoch) override;  // 21.3
  bool next(Batch& batch) override;               // 21.3
  std::int64_t batches() const override;          // given, as all below (parts.cpp)
  LoaderState state() const override;
  void load_state(const LoaderState& state) override;  // ValueError, naming the field, for another source's

 private:
  Batch read(std::span<const std::int64_t> examples) const;  // given: these examples as a batch

  std::shared_ptr<const Dataset> dataset_;
  LoaderOptions options_;
  int rank_, ranks_;
  Uneven uneven_;
  std::int64_t epoch_ = 0, position_ = 0;
  std::vector<std::int64_t> order_;  // of this epoch, all ranks'
};

}  // namespace rushlight
