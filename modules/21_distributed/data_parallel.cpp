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
  todo("21.6");
}

// 21.6 DataParallel::arrived  parameter i, its complete gradient -> into its bucket; launch_full() when overlap is on
// Hint: place_of_[i] says which bucket and which place in it.
void DataParallel::arrived(std::size_t parameter, const Array& gradient) {
  todo("21.6");
}

// 21.6 DataParallel::launch_full  the next buckets in order, as long as they are full; then a push for all sums
// Hint: launched_.size() is the number of the next bucket, launch() begins its sum.
void DataParallel::launch_full() {
  todo("21.6");
}

// 21.6 DataParallel::finish  all other sums begun and all over; each parameter has its gradient, or none if nobody had one
// Hint: parameters_[i].set_grad(). One that is not in use on this rank may be on another: ask anybody().
void DataParallel::finish() {
  todo("21.6");
}

// 21.6 DataParallel::backward  loss, this rank's batch -> the mean over all ranks' examples, its gradients on every rank
// counts of all ranks (ring_all_reduce of two numbers); zero_grad and begin(); forward, loss and backward with seed
// n_r/N; finish(); the losses' sum; share_buffers(). A rank with n_r = 0 skips what needs a batch and nothing else.
// times_, by now(): seconds of forward and backward alone, seconds in finish(), and how many sums had begun before it.
// Hint: the seed does the weighting, so that the sum over ranks is the mean over examples. Add up n_r/N · loss_r likewise.
StepResult DataParallel::backward(const LossFunction& loss, const Batch& batch) {
  const Doing doing(world_, "DataParallel::backward");
  todo("21.6");
}

}  // namespace rushlight
