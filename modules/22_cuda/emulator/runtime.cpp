// runtime.cpp: given. The run time's functions. Work in a stream is kept until somebody waits for it.
#include "22_cuda/emulator/runtime.hpp"

#include <cstring>
#include <deque>
#include <set>

#include "22_cuda/emulator/memory.hpp"
#include "22_cuda/emulator/streams.hpp"

namespace rushlight {

struct Stream {
  std::deque<std::function<void()>> waiting;
  std::int64_t pushed = 0, done = 0;
};

struct Event {
  Stream* stream = nullptr;
  std::int64_t after = 0;  // so much of the stream comes before it
};

namespace {

thread_local std::set<Stream*> streams;

bool run_one(Stream& stream) {
  if (stream.waiting.empty()) return false;
  const std::function<void()> work = std::move(stream.waiting.front());
  stream.waiting.pop_front();
  ++stream.done;
  work();
  return true;
}

bool over(const Event& event) {
  return event.stream == nullptr || !streams.contains(event.stream) || event.stream->done >= event.after;
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

void push(cudaStream_t stream, std::function<void()> work) {
  stream->waiting.push_back(std::move(work));
  ++stream->pushed;
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
    case cudaErrorNotReady:
      return "device not ready";
  }
  return "unrecognized error code";
}

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  *pointer = bytes == 0 ? nullptr : emulator::allocate(bytes);
  return bytes > 0 && *pointer == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}

cudaError_t cudaFree(void* pointer) {
  cudaDeviceSynchronize();
  return pointer == nullptr || emulator::release(pointer) ? cudaSuccess : cudaErrorInvalidValue;
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  const cudaError_t error = check_copy(to, from, bytes, kind);
  if (error == cudaSuccess) copy(to, from, bytes);
  return error;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  const cudaError_t error = check_copy(to, from, bytes, kind);
  if (error != cudaSuccess) return error;
  if (stream == nullptr) {
    copy(to, from, bytes);
  } else {
    emulator::push(stream, [=] { copy(to, from, bytes); });
  }
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  for (Stream* stream : streams) emulator::run_all(stream);
  return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  streams.insert(*stream = new Stream);
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  emulator::run_all(stream);
  streams.erase(stream);
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (stream != nullptr) emulator::run_all(stream);
  return cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event) {
  if (stream == nullptr) {
    finish(*event);
  } else {
    emulator::push(stream, [seen = *event] { finish(seen); });
  }
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new Event;
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  *event = {stream, stream != nullptr ? stream->pushed : 0};
  return cudaSuccess;
}

cudaError_t cudaEventQuery(cudaEvent_t event) { return over(*event) ? cudaSuccess : cudaErrorNotReady; }

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  finish(*event);
  return cudaSuccess;
}

}  // namespace rushlight
