// runtime.hpp: functions of CUDA's run time, with their names and error codes: memory, copies, streams and events. Captured
// graphs are in graphs.hpp. Given.
#pragma once

#include <cstddef>

#include "22_cuda/emulator/launch.hpp"

namespace rushlight {

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInvalidMemcpyDirection = 21,
  cudaErrorIllegalState = 401,
  cudaErrorNotReady = 600,
  cudaErrorStreamCaptureUnsupported = 900,
  cudaErrorStreamCaptureInvalidated = 901,
};
constexpr unsigned cudaStreamDefault = 0, cudaStreamNonBlocking = 1;
enum cudaMemcpyKind { cudaMemcpyHostToHost, cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };

struct Event;
using cudaEvent_t = Event*;

const char* cudaGetErrorString(cudaError_t error);

cudaError_t cudaMalloc(void** pointer, std::size_t bytes);
cudaError_t cudaFree(void* pointer);  // waits for all streams first, as on a GPU
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaDeviceSynchronize();

// Streams do not wait for each other, nor for the default stream (cudaStreamNonBlocking).
cudaError_t cudaStreamCreate(cudaStream_t* stream);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);  // all are cudaStreamNonBlocking here
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event);

cudaError_t cudaEventCreate(cudaEvent_t* event);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventQuery(cudaEvent_t event);  // cudaErrorNotReady until what came before it has run
cudaError_t cudaEventSynchronize(cudaEvent_t event);

namespace emulator {

std::int64_t live_events();

}  // namespace emulator
}  // namespace rushlight
