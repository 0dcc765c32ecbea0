// graph_stream.cpp: given. Working in a stream, and new numbers for a graph.
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
void refill_any(Some& there, const Some& here) {
  if (there.shape() != here.shape()) {
    throw ShapeError("refill: there are numbers of shape {} for a place of shape {}.", {here.shape(), there.shape()});
  }
  const auto values = here.data();
  copy_block(Device::cuda, there.mutable_data_on(Device::cuda), Device::cpu, values.data(), values.size_bytes());
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

void refill(Array& there, const Array& here) { refill_any(there, here); }
void refill(Indices& there, const Indices& here) { refill_any(there, here); }

}  // namespace rushlight::cuda
