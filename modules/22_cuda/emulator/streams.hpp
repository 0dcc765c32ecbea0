// streams.hpp: what is waiting in streams, and what a capture has recorded. Given.
#pragma once

#include <deque>
#include <functional>
#include <set>
#include <vector>

#include "22_cuda/emulator/graphs.hpp"

namespace rushlight {

struct Stream {
  std::deque<std::function<void()>> waiting;
  std::int64_t pushed = 0, done = 0;
  cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  std::vector<std::function<void()>> recorded = {};
};

namespace emulator {

std::set<Stream*>& streams();  // of this thread

// In the default stream at once; in a stream that is being captured not at all.
cudaError_t push(cudaStream_t stream, std::function<void()> work);
void run_all(cudaStream_t stream);
void note_started();  // by the host: a kernel or a graph

inline bool recording(cudaStream_t stream) {
  return stream != nullptr && stream->capture == cudaStreamCaptureStatusActive;
}

cudaError_t refuse_in(cudaStream_t stream);  // and its capture is spoiled
cudaError_t refuse_while_capturing();        // cudaSuccess where nobody captures, or whoever does is relaxed

}  // namespace emulator
}  // namespace rushlight
