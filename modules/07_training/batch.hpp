// batch.hpp: what the training loop eats. A Batch is a few examples; a BatchSource hands out an epoch of them in an
// order that it can be asked to repeat. Module 08's DataLoader is one; a test writes its own in ten lines.
#pragma once

#include <cstdint>

#include "01_tensor/array.hpp"

namespace rushlight {

// B examples: inputs (B, ...), labels (B) or whatever the loss function wants. Values only: a batch carries no graph.
struct Batch {
  Array inputs;
  Indices labels;

  std::int64_t size() const { return inputs.dim(0); }
};

// Where a source stands, and what it must be for this to mean anything. A checkpoint keeps it.
struct LoaderState {
  std::int64_t epoch = 0;
  std::int64_t position = 0;  // batches of this epoch that next() has handed out
  std::uint64_t seed = 0;
  std::int64_t examples = 0;  // the rest describes the source; one that cannot tell leaves it 0
  std::int64_t batch_size = 0;
  bool shuffle = false;
  bool drop_last = false;

  bool operator==(const LoaderState&) const = default;
};

// Everything random about a batch (order, augmentation) is a function of seed, epoch and position alone, never of how
// the source came there. That is what lets a resumed run see exactly what the uninterrupted one would have seen.
class BatchSource {
 public:
  virtual ~BatchSource() = default;

  virtual void start_epoch(std::int64_t epoch) = 0;  // begins epoch 0, 1, ... at its first batch, at any time
  virtual bool next(Batch& batch) = 0;               // false, with `batch` untouched, at the end of the epoch
  virtual std::int64_t batches() const = 0;          // how many next() hands out in a whole epoch

  virtual LoaderState state() const = 0;
  virtual void load_state(const LoaderState& state) = 0;  // ValueError, nothing changed, if it is not of such a source
};

}  // namespace rushlight
