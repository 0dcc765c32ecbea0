// graph_stream.cpp: given. Working in a stream, and new numbers for a graph.
#include <span>
#include <utility>

#include "22_cuda/graph.hpp"

namespace rushlight::cuda {
namespace {

struct In {
  explicit In(cudaStream_t stream) : before(std::exchange(stream_of_this_thread, stream)) {}
  ~In() { stream_of_this_thread = before; }
  In(const In&) = delete;
  In& operator=(const In&) = delete;

  cudaStream_t before;
};

template <class Some>
void check_fits(const Some& there, const Some& here) {
  if (there.shape() == here.shape()) return;
  throw ShapeError("refill: there are numbers of shape {} for a place of shape {}.", {here.shape(), there.shape()});
}

template <class T>
void copy_to(T* there, std::span<const T> values) {
  copy_block(Device::cuda, there, Device::cpu, values.data(), values.size_bytes());
}

}  // namespace

void WorkStream::run(const std::function<void()>& work) const {
  must(cudaStreamSynchronize(current_stream()), "waiting for a stream");
  {
    const In here(stream_);
    work();
  }
  wait();
}

void refill(Array& there, const Array& here) {
  check_fits(there, here);
  copy_to(there.mutable_data_on(Device::cuda), here.data());
}

void refill(Indices& there, const Indices& here) {
  check_fits(there, here);
  copy_to(there.shared_data_on(Device::cuda), here.data());
}

}  // namespace rushlight::cuda
