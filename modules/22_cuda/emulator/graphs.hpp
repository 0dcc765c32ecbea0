// graphs.hpp: captured graphs, with CUDA's names and error codes. A stream that is being captured takes down its kernels and
// copies within the device instead of running them; the graph is run as often as one likes, with one launch of the host each
// time. The numbers that a kernel got by value are in the graph; of memory it has the address. Given.
//
// While a stream is being captured, these fail with cudaErrorStreamCaptureUnsupported and spoil the capture, which ends with
// cudaErrorStreamCaptureInvalidated: to wait for the stream or for the device; cudaMalloc, cudaFree and cudaMemcpy, unless it
// is captured in the mode Relaxed. Not here, and refused with the same error, though a GPU can do it: events in a capture (a
// GPU joins several streams into one graph by them), and copies from or to the host (a GPU takes them from pinned memory).
#pragma once

#include "22_cuda/emulator/runtime.hpp"

namespace rushlight {

struct DeviceGraph;
struct RunnableGraph;
using cudaGraph_t = DeviceGraph*;
using cudaGraphExec_t = RunnableGraph*;

enum cudaStreamCaptureMode {
  cudaStreamCaptureModeGlobal,
  cudaStreamCaptureModeThreadLocal,
  cudaStreamCaptureModeRelaxed
};
enum cudaStreamCaptureStatus {
  cudaStreamCaptureStatusNone,
  cudaStreamCaptureStatusActive,
  cudaStreamCaptureStatusInvalidated,
};

// cudaErrorStreamCaptureUnsupported for the default stream, cudaErrorIllegalState for one that is being captured.
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
// cudaErrorIllegalState for a stream that is not being captured. After any other error, too, the capture is over.
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);
cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status);

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* runnable, cudaGraph_t graph, unsigned long long flags = 0);
cudaError_t cudaGraphLaunch(cudaGraphExec_t runnable, cudaStream_t stream);  // in the order of the stream
cudaError_t cudaGraphDestroy(cudaGraph_t graph);                             // what was made of it stays
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t runnable);

namespace emulator {

std::int64_t live_graphs();  // of both kinds

}  // namespace emulator
}  // namespace rushlight
