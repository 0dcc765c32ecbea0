// graph.hpp: work that is recorded once and then started as a whole, again and again. A training step is hundreds of launches,
// and the host needs microseconds for each; of a captured step it makes one. Given; what it does is graph.cpp.
#pragma once

#include <functional>

#include "01_tensor/array.hpp"
#include "01_tensor/device.hpp"
#include "22_cuda/device_code.hpp"

namespace rushlight::cuda {

// KernelError with CUDA's own words, such as "operation not permitted when stream is capturing", "operation failed due to a
// previous error during capture", "the operation cannot be performed in the present state".
inline void must(cudaError_t error, const char* what) {
  if (error != cudaSuccess) throw KernelError("{}: {}.", {what, cudaGetErrorString(error)});
}

// Whether the current stream is being captured.
inline bool capturing() {
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  cudaStreamIsCapturing(current_stream(), &status);
  return status != cudaStreamCaptureStatusNone;
}

// A stream beside the default one, which cannot be captured.
class WorkStream {
 public:
  WorkStream() { must(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "making a stream"); }
  ~WorkStream() { cudaStreamDestroy(stream_); }
  WorkStream(const WorkStream&) = delete;
  WorkStream& operator=(const WorkStream&) = delete;

  cudaStream_t get() const { return stream_; }
  void wait() const { must(cudaStreamSynchronize(stream_), "waiting for a stream"); }

  // Whatever `work` launches, copies and allocates through the framework, it does in this stream. What the stream before has
  // to do is done first, and when run() returns, this one is done, too.
  void run(const std::function<void()>& work) const;

 private:
  cudaStream_t stream_ = nullptr;
};

// What a graph does is what the work would have done at the moment of its capture. A number that went to a kernel by value is
// in the graph for good: a learning rate, the step t of Adam's bias correction, the count that a mean divides by. Of memory
// the graph has the address: other numbers there, and the next launch computes with those. What the host did in between
// (checking labels, choosing a branch) is not in it.
//
// The work takes memory from the cache and gives it back, and each launch writes there again. So let nothing that was
// allocated in the graph's stream between two launches live beyond the second, and do not release the cache.
class CapturedGraph {
 public:
  explicit CapturedGraph(const WorkStream& stream) : stream_(stream.get()) {}  // which must live longer
  ~CapturedGraph() { forget(); }
  CapturedGraph(const CapturedGraph&) = delete;
  CapturedGraph& operator=(const CapturedGraph&) = delete;

  // Calls `work` once, and keeps what it enqueues in the graph's stream instead of running it; call it within stream.run().
  // It takes the place of what was captured before. KernelError if the capture fails, also if `work` has swallowed the error;
  // what `work` throws goes on to the caller. Then the graph is as it was, the stream can be used again, and nothing that
  // CUDA gave is left over.
  void capture(const std::function<void()>& work);

  // Enqueues all of it in the stream, at one launch of the host. KernelError, "capture", if nothing was captured.
  void launch() const;

 private:
  void forget() {
    if (runnable_ != nullptr) cudaGraphExecDestroy(runnable_);
    runnable_ = nullptr;
  }

  cudaStream_t stream_;
  cudaGraphExec_t runnable_ = nullptr;
};

// Other numbers in the same memory, for the next launch: `there` lies on the device, `here` on the CPU. ShapeError unless
// their shapes are equal. A transfer.
void refill(Array& there, const Array& here);
void refill(Indices& there, const Indices& here);

}  // namespace rushlight::cuda
