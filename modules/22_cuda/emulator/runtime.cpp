// runtime.cpp: given. The run time's functions. Work in a stream is kept until somebody waits for it.
#include "22_cuda/emulator/runtime.hpp"

#include <cstring>

#include "22_cuda/emulator/memory.hpp"
#include "22_cuda/emulator/streams.hpp"

namespace rushlight {

struct Event {
  Stream* stream = nullptr;
  std::int64_t after = 0;  // so much of the stream comes before it
};

namespace {

std::int64_t events = 0;

bool run_one(Stream& stream) {
  if (stream.waiting.empty()) return false;
  const std::function<void()> work = std::move(stream.waiting.front());
  stream.waiting.pop_front();
  ++stream.done;
  work();
  return true;
}

bool over(const Event& event) {
  return event.stream == nullptr || !emulator::streams().contains(event.stream) || event.stream->done >= event.after;
}

void finish(const Event& event) {
  while (!over(event) && run_one(*event.stream)) {
  }
}

const void* here(const void* pointer) {
  return emulator::on_device(pointer) ? emulator::storage(reinterpret_cast<std::uintptr_t>(pointer)) : pointer;
}

bool fits(const void* pointer, std::size_t bytes, bool device) {
  if (emulator::on_device(pointer) != device) return false;
  if (device && bytes > 0) emulator::find(pointer, bytes);
  return true;
}

cudaError_t check_copy(const void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  return fits(to, bytes, to_device) && fits(from, bytes, from_device) ? cudaSuccess : cudaErrorInvalidMemcpyDirection;
}

void copy(void* to, const void* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(const_cast<void*>(here(to)), here(from), bytes);
}

}  // namespace

namespace emulator {

std::set<Stream*>& streams() {
  static thread_local std::set<Stream*> mine;
  return mine;
}

cudaError_t push(cudaStream_t stream, std::function<void()> work) {
  if (stream == nullptr) {
    work();
    return cudaSuccess;
  }
  if (stream->capture == cudaStreamCaptureStatusInvalidated) return cudaErrorStreamCaptureInvalidated;
  if (recording(stream)) {
    stream->recorded.push_back(std::move(work));
    return cudaSuccess;
  }
  stream->waiting.push_back(std::move(work));
  ++stream->pushed;
  return cudaSuccess;
}

void run_all(cudaStream_t stream) {
  while (run_one(*stream)) {
  }
}

}  // namespace emulator

const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidValue:
      return "invalid argument";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInvalidMemcpyDirection:
      return "invalid copy direction for memcpy";
    case cudaErrorIllegalState:
      return "the operation cannot be performed in the present state";
    case cudaErrorNotReady:
      return "device not ready";
    case cudaErrorStreamCaptureUnsupported:
      return "operation not permitted when stream is capturing";
    case cudaErrorStreamCaptureInvalidated:
      return "operation failed due to a previous error during capture";
  }
  return "unrecognized error code";
}

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  if (const cudaError_t error = emulator::refuse_while_capturing(); error != cudaSuccess) return error;
  *pointer = bytes == 0 ? nullptr : emulator::allocate(bytes);
  return bytes > 0 && *pointer == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}

cudaError_t cudaFree(void* pointer) {
  if (const cudaError_t error = emulator::refuse_while_capturing(); error != cudaSuccess) return error;
  for (Stream* stream : emulator::streams()) emulator::run_all(stream);
  return pointer == nullptr || emulator::release(pointer) ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (const cudaError_t error = emulator::refuse_while_capturing(); error != cudaSuccess) return error;
  const cudaError_t error = check_copy(to, from, bytes, kind);
  if (error == cudaSuccess) copy(to, from, bytes);
  return error;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  const cudaError_t error = check_copy(to, from, bytes, kind);
  if (error != cudaSuccess) return error;
  if (kind != cudaMemcpyDeviceToDevice && emulator::recording(stream)) return emulator::refuse_in(stream);
  return emulator::push(stream, [=] { copy(to, from, bytes); });
}

cudaError_t cudaDeviceSynchronize() {
  for (Stream* stream : emulator::streams()) {
    if (emulator::recording(stream)) return emulator::refuse_in(stream);
  }
  for (Stream* stream : emulator::streams()) emulator::run_all(stream);
  return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  emulator::streams().insert(*stream = new Stream);
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) { return cudaStreamCreate(stream); }

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  emulator::run_all(stream);
  emulator::streams().erase(stream);
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (emulator::recording(stream)) return emulator::refuse_in(stream);
  if (stream != nullptr) emulator::run_all(stream);
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event) {
  if (emulator::recording(stream)) return emulator::refuse_in(stream);
  return emulator::push(stream, [seen = *event] { finish(seen); });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new Event;
  ++events;
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  if (event != nullptr) --events;
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  if (emulator::recording(stream)) return emulator::refuse_in(stream);
  *event = {stream, stream != nullptr ? stream->pushed : 0};
  return cudaSuccess;
}

cudaError_t cudaEventQuery(cudaEvent_t event) { return over(*event) ? cudaSuccess : cudaErrorNotReady; }

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  finish(*event);
  return cudaSuccess;
}

std::int64_t emulator::live_events() { return events; }

}  // namespace rushlight
