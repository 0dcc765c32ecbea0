// data_parallel.hpp: every rank has the whole model and a part of the batch. What must agree are the gradients: their sum
// over the ranks is taken in buckets, while the backward pass is still under way.
// As torch.nn.parallel.DistributedDataParallel. Source: Li and others, "PyTorch Distributed: experiences on accelerating
// data parallel training", 2020, sections 3.2 and 4.2.
#pragma once

#include <memory>
#include <vector>

#include "05_autograd/autograd.hpp"
#include "07_training/train_step.hpp"
#include "21_distributed/ledger.hpp"
#include "21_distributed/world.hpp"

namespace rushlight {

// --- 21.5 (buckets.cpp) ----------------------------------------------------------------------------------------------

// Gradients that travel together.
struct Bucket {
  std::vector<std::size_t> parameters;  // by number, in the order in which they lie in the bucket
  std::vector<std::int64_t> offsets;    // where each begins
  std::int64_t numbers = 0;             // of all of them
};

// Parameters of these sizes from the last to the first, since that is the order in which backward finishes them. A
// bucket takes parameters as long as it stays within `bytes` (sizeof(Real) a number); one that is larger than that has a
// bucket to itself. ValueError when bytes is below 1 or a size is negative.
std::vector<Bucket> make_buckets(const std::vector<std::int64_t>& sizes, std::int64_t bytes);

// A bucket as it lies in memory: the gradients, then one number for each parameter, 1 where this rank had a gradient for
// it. The sum of those says whether anybody had one. A place takes one gradient between two clear(): put() throws
// ValueError that names the place for a second one.
class BucketBuffer {
 public:
  explicit BucketBuffer(const Bucket& bucket);

  void clear();                                        // 21.5  zeros everywhere, nothing there
  void put(std::size_t place, const Array& gradient);  // 21.5  the gradient of bucket.parameters[place], and its 1
  bool full() const;                                   // 21.5  all gradients are there
  bool anybody(std::size_t place) const;               // 21.5  after the sum: some rank had a gradient
  Array gradient(std::size_t place, const Shape& shape) const;  // 21.5  after the sum: a new array of that shape

  std::span<Real> numbers() { return numbers_; }  // what travels

 private:
  Bucket bucket_;
  std::vector<Real> numbers_;
  std::size_t there_ = 0;
};

// --- 21.6 (data_parallel.cpp) ----------------------------------------------------------------------------------------

struct DataParallelOptions {
  std::int64_t bucket_bytes = 256 << 10;  // PyTorch's 25 MB would hold any network of this course in one bucket
  bool overlap = true;                    // false: all sums begin after the backward pass; for comparison
  bool check_order = false;               // true: a ledger compares every bucket before its sum begins; slow
};

// Where the time of a step went, in seconds, and how many sums began before the backward pass was over.
struct OverlapTimes {
  double backward = 0;  // forward pass, loss and backward pass
  double waiting = 0;   // for sums, after that
  int early = 0;
};

// A model on every rank. World, model and optimizer must outlive it, and the model must keep its parameters.
// Buffers (the statistics of batch norm): each rank normalises with those of its own part; after every step all ranks
// take over rank 0's. PyTorch does so before every forward pass.
class DataParallel {
 public:
  // The model becomes rank 0's on every rank, its random sources become different ones (21.1), and each parameter that
  // requires a gradient gets a hook, which calls arrived().
  DataParallel(World& world, Module& model, const DataParallelOptions& options = {});  // given (parts.cpp)
  // The hooks call this one: no copies.
  DataParallel(const DataParallel&) = delete;
  DataParallel& operator=(const DataParallel&) = delete;

  // Gradients of the mean loss over what counts in all ranks' batches together, on every rank the same bits:
  //   dL/dθ = Σ_r (n_r/N) · d(loss_r)/dθ,   n_r = counted(batch) of rank r, N = Σ n_r
  // zero_grad, the counts of all ranks, forward and backward with seed n_r/N, the sums, the buffers. The optimizer's
  // step is the caller's. A rank in whose batch nothing counts runs no forward pass and still takes part. A parameter
  // that no rank had a gradient for stays without one. All ranks throw ValueError when nothing counts anywhere, or when
  // the loss of any rank is NaN or infinite; what gradients and buffers are then is not said, and the next call begins
  // anew. StepResult: loss, examples and counted of all ranks together; the two
  // counts travel as Real, which in float is exact up to 2^24 (16,777,216).
  StepResult backward(const LossFunction& loss, const Batch& batch);

  // The parts of it, in order. begin: every bucket is empty, and the first is next to be summed.
  void begin();
  // The hook of parameter i: its gradient goes into its bucket; then launch_full(). With `overlap` off no sum begins.
  void arrived(std::size_t parameter, const Array& gradient);
  // Begins the sums of buckets that are full, in the order of the buckets and never past one that is not: a rank whose
  // gradients come in another order would otherwise add up what does not belong together. Then gives all sums that are
  // under way a push (done()).
  void launch_full();
  // Begins the sums that are left, full or not, waits for all, and gives every parameter its gradient.
  void finish();

  const std::vector<std::size_t>& launched() const { return launched_; }  // buckets in the order of their sums
  const std::vector<Bucket>& buckets() const { return buckets_; }
  const OverlapTimes& times() const { return times_; }  // of the last backward()
  const Ledger& ledger() const { return ledger_; }
  World& world() { return world_; }

 private:
  void launch();         // given: begins the sum of bucket number launched_.size()
  void share_buffers();  // given: rank 0's

  World& world_;
  Module& model_;
  DataParallelOptions options_;
  Tensors parameters_;  // those that require a gradient
  std::vector<Bucket> buckets_;
  std::vector<BucketBuffer> buffers_;
  struct Place {
    std::size_t bucket, place;
  };
  std::vector<Place> place_of_;  // of each parameter
  std::vector<Request> sums_;    // of the buckets launched_
  std::vector<std::size_t> launched_;
  std::vector<HookHandle> hooks_;
  Ledger ledger_;
  OverlapTimes times_;
};

}  // namespace rushlight
