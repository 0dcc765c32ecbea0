// graphs.cpp: given. Taking down instead of running, and running what was taken down.
#include "22_cuda/emulator/graphs.hpp"

#include <atomic>
#include <memory>
#include <utility>

#include "22_cuda/emulator/streams.hpp"

namespace rushlight {
namespace {

using Steps = std::vector<std::function<void()>>;
std::atomic<std::int64_t> alive = 0;

}  // namespace

struct DeviceGraph {
  std::shared_ptr<const Steps> steps;
};

struct RunnableGraph {
  std::shared_ptr<const Steps> steps;
};

namespace emulator {

std::int64_t live_graphs() { return alive; }

cudaError_t refuse_in(cudaStream_t stream) {
  stream->capture = cudaStreamCaptureStatusInvalidated;
  return cudaErrorStreamCaptureUnsupported;
}

cudaError_t refuse_while_capturing() {
  cudaError_t result = cudaSuccess;
  for (Stream* stream : streams()) {
    if (recording(stream) && stream->mode != cudaStreamCaptureModeRelaxed) result = refuse_in(stream);
  }
  return result;
}

}  // namespace emulator

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  if (stream == nullptr) return cudaErrorStreamCaptureUnsupported;
  if (stream->capture != cudaStreamCaptureStatusNone) return cudaErrorIllegalState;
  stream->capture = cudaStreamCaptureStatusActive;
  stream->mode = mode;
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = nullptr;
  if (stream == nullptr || stream->capture == cudaStreamCaptureStatusNone) return cudaErrorIllegalState;
  Steps steps = std::exchange(stream->recorded, {});
  const cudaStreamCaptureStatus status = std::exchange(stream->capture, cudaStreamCaptureStatusNone);
  if (status == cudaStreamCaptureStatusInvalidated) return cudaErrorStreamCaptureInvalidated;
  *graph = new DeviceGraph{std::make_shared<const Steps>(std::move(steps))};
  ++alive;
  return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  *status = stream == nullptr ? cudaStreamCaptureStatusNone : stream->capture;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* runnable, cudaGraph_t graph, unsigned long long) {
  *runnable = nullptr;
  if (graph == nullptr) return cudaErrorInvalidValue;
  *runnable = new RunnableGraph{graph->steps};
  ++alive;
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t runnable, cudaStream_t stream) {
  if (runnable == nullptr) return cudaErrorInvalidValue;
  if (!emulator::recording(stream)) emulator::note_started();
  return emulator::push(stream, [steps = runnable->steps] {
    for (const auto& step : *steps) step();
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  if (graph == nullptr) return cudaErrorInvalidValue;
  delete graph;
  --alive;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t runnable) {
  if (runnable == nullptr) return cudaErrorInvalidValue;
  delete runnable;
  --alive;
  return cudaSuccess;
}

}  // namespace rushlight
