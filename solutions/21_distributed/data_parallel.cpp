// data_parallel.cpp: sums of gradients, while the backward pass goes on.
#include "21_distributed/data_parallel.hpp"

#include <chrono>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "21_distributed/collectives.hpp"

namespace rushlight {
namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

// 21.6 DataParallel::begin  buckets empty, no sum begun
// Hint: clear() every buffer; sums_ and launched_ are of the step before.
void DataParallel::begin() {
  for (BucketBuffer& buffer : buffers_) buffer.clear();
  sums_.clear();
  launched_.clear();
}

// 21.6 DataParallel::arrived  parameter i, its complete gradient -> into its bucket; launch_full() when overlap is on
// Hint: place_of_[i] says which bucket and which place in it.
void DataParallel::arrived(std::size_t parameter, const Array& gradient) {
  const Place& at = place_of_.at(parameter);
  buffers_[at.bucket].put(at.place, gradient);
  if (options_.overlap) launch_full();
}

// 21.6 DataParallel::launch_full  the next buckets in order, as long as they are full; then a push for all sums
// Hint: launched_.size() is the number of the next bucket, launch() begins its sum.
void DataParallel::launch_full() {
  while (launched_.size() < buckets_.size() && buffers_[launched_.size()].full()) launch();
  for (Request& sum : sums_) sum.done();
}

// 21.6 DataParallel::finish  all other sums begun and all over; each parameter has its gradient, or none if nobody had one
// Hint: parameters_[i].set_grad(). One that is not in use on this rank may be on another: ask anybody().
void DataParallel::finish() {
  while (launched_.size() < buckets_.size()) launch();
  for (Request& sum : sums_) sum.wait();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const auto [bucket, place] = place_of_[i];
    if (buffers_[bucket].anybody(place)) {
      parameters_[i].set_grad(buffers_[bucket].gradient(place, parameters_[i].shape()));
    }
  }
}

// 21.6 DataParallel::backward  loss, this rank's batch -> the mean over all ranks' examples, its gradients on every rank
// counts of all ranks (ring_all_reduce of two numbers); zero_grad and begin(); forward, loss and backward with seed
// n_r/N; finish(); the losses' sum; share_buffers(). A rank with n_r = 0 skips what needs a batch and nothing else.
// times_, by now(): seconds of forward and backward alone, seconds in finish(), and how many sums had begun before it.
// Hint: the seed does the weighting, so that the sum over ranks is the mean over examples. Add up n_r/N · loss_r likewise.
StepResult DataParallel::backward(const LossFunction& loss, const Batch& batch) {
  const Doing doing(world_, "DataParallel::backward");
  // solution 21.6
  const std::int64_t mine = counted(batch);
  std::vector<Real> counts{static_cast<Real>(batch.size()), static_cast<Real>(mine)};
  ring_all_reduce(world_, counts);
  StepResult result{.examples = std::llround(counts[0]), .counted = std::llround(counts[1])};
  if (result.counted == 0) throw ValueError("{}: no rank has anything to learn from.", {world_.whereabouts()});

  model_.zero_grad();
  begin();
  std::vector<Real> total{0};
  const double start = now();
  if (mine > 0) {
    const double share = static_cast<double>(mine) / static_cast<double>(result.counted);
    const Tensor value = loss(model_(batch.inputs), batch);
    total[0] = static_cast<Real>(share) * value.item();
    value.backward(full_like(value.value(), static_cast<Real>(share)));
  }
  const double between = now();
  times_ = {.backward = between - start, .early = static_cast<int>(launched_.size())};
  finish();
  times_.waiting = now() - between;

  ring_all_reduce(world_, total);
  share_buffers();
  result.loss = static_cast<double>(total[0]);
  if (!std::isfinite(result.loss)) throw ValueError("{}: the loss is {}.", {world_.whereabouts(), result.loss});
  return result;
  // end solution
}

}  // namespace rushlight
