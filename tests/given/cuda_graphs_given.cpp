// The emulator's captured graphs: what a capture takes down, what it refuses, and with which of CUDA's errors.
#include "../22_cuda/device_checks.hpp"
#include "22_cuda/caching.hpp"
#include "22_cuda/graph.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

__global__ void put(Global<Real> x, Real value) { x[0] = value; }

struct Captured {
  Captured() {
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
  }
  ~Captured() {
    end();
    cudaStreamDestroy(stream);
  }
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;

  cudaError_t end() {
    cudaGraph_t graph = nullptr;
    const cudaError_t error = cudaStreamEndCapture(stream, &graph);
    if (graph != nullptr) cudaGraphDestroy(graph);
    return error;
  }
  cudaStreamCaptureStatus status() const {
    cudaStreamCaptureStatus found{};
    cudaStreamIsCapturing(stream, &found);
    return found;
  }

  cudaStream_t stream = nullptr;
};

TEST(Given_22, ACaptureRefusesWhatWouldWait) {
  const CudaHere device;
  Array x = filled({1}, 1);
  Real* const there = x.mutable_data_on(gpu);
  Real here = 0;
  cudaEvent_t event = nullptr;
  cudaEventCreate(&event);
  const std::vector<std::function<cudaError_t(cudaStream_t)>> refused{
      [](cudaStream_t stream) { return cudaStreamSynchronize(stream); },
      [](cudaStream_t) { return cudaDeviceSynchronize(); },
      [](cudaStream_t) {
        void* block = nullptr;
        return cudaMalloc(&block, 64);
      },
      [&](cudaStream_t) { return cudaFree(there); },
      [&](cudaStream_t) { return cudaMemcpy(&here, there, sizeof(Real), cudaMemcpyDeviceToHost); },
      [&](cudaStream_t stream) { return cudaMemcpyAsync(&here, there, sizeof(Real), cudaMemcpyDeviceToHost, stream); },
      [&](cudaStream_t stream) { return cudaEventRecord(event, stream); },
      [&](cudaStream_t stream) { return cudaStreamWaitEvent(stream, event); },
  };
  for (std::size_t i = 0; i < refused.size(); ++i) {
    Captured capture;
    EXPECT_EQ(refused[i](capture.stream), cudaErrorStreamCaptureUnsupported) << i;
    EXPECT_EQ(capture.status(), cudaStreamCaptureStatusInvalidated) << i;
    EXPECT_THROWS_WITH(
        launch(put, Grid{.blocks = {1}, .threads = {1}, .stream = capture.stream}, view_to_write(x), Real(5)),
        KernelError, "previous error during capture");
    EXPECT_EQ(capture.end(), cudaErrorStreamCaptureInvalidated) << i;
    EXPECT_EQ(capture.status(), cudaStreamCaptureStatusNone) << i;
  }
  cudaEventDestroy(event);
  EXPECT_EQ(x.item(), 1);
}

TEST(Given_22, ARelaxedCaptureMayAllocate) {
  const CudaHere device;
  Captured capture;
  EXPECT_EQ(capture.end(), cudaSuccess);
  EXPECT_EQ(cudaStreamBeginCapture(capture.stream, cudaStreamCaptureModeRelaxed), cudaSuccess);
  void* block = nullptr;
  EXPECT_EQ(cudaMalloc(&block, 64), cudaSuccess);
  EXPECT_EQ(cudaFree(block), cudaSuccess);
  EXPECT_EQ(capture.end(), cudaSuccess);
}

TEST(Given_22, CapturesBeginAndEndInTheirOrder) {
  const CudaHere device;
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeGlobal), cudaErrorStreamCaptureUnsupported);
  Captured capture;
  EXPECT_EQ(cudaStreamBeginCapture(capture.stream, cudaStreamCaptureModeGlobal), cudaErrorIllegalState);
  EXPECT_EQ(capture.end(), cudaSuccess);
  EXPECT_EQ(cudaStreamEndCapture(capture.stream, &graph), cudaErrorIllegalState);
}

TEST(Given_22, AGraphThatIsNotThereIsInvalid) {
  const CudaHere device;
  cudaGraphExec_t runnable = nullptr;
  EXPECT_EQ(cudaGraphInstantiate(&runnable, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGraphLaunch(runnable, nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGraphDestroy(nullptr), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGraphExecDestroy(nullptr), cudaErrorInvalidValue);
}

// Whatever the host does with the number afterwards. And what was freed is missed at the launch, not silently read.
TEST(Given_22, NumbersByValueStayAndAddressesMustLive) {
  const CudaHere device;
  cudaStream_t stream = nullptr;
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t runnable = nullptr;
  {
    Array x = filled({1}, 0), copy = filled({1}, 0);
    Real number = 5;
    cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
    launch(put, Grid{.blocks = {1}, .threads = {1}, .stream = stream}, view_to_write(x), number);
    cudaMemcpyAsync(copy.mutable_data_on(gpu), x.data_on(gpu), sizeof(Real), cudaMemcpyDeviceToDevice, stream);
    ASSERT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
    ASSERT_EQ(cudaGraphInstantiate(&runnable, graph), cudaSuccess);
    ASSERT_EQ(cudaGraphDestroy(graph), cudaSuccess);
    number = 6;
    EXPECT_EQ(cudaGraphLaunch(runnable, stream), cudaSuccess);
    EXPECT_EQ(x.item(), 0) << "a stream runs when somebody waits for it";
    cudaStreamSynchronize(stream);
    EXPECT_EQ(x.item(), 5);
    EXPECT_EQ(copy.item(), 5) << "a copy within the device is in the graph, too";
  }
  EXPECT_EQ(cudaGraphLaunch(runnable, stream), cudaSuccess);
  EXPECT_THROWS_WITH(cudaStreamSynchronize(stream), KernelError, "freed");
  cudaGraphExecDestroy(runnable);
  cudaStreamDestroy(stream);
}

TEST(Given_22, TheCacheGivesNothingBackDuringACapture) {
  const CudaHere device;
  CachingAllocator cache;
  const WorkStream stream;
  stream.run([&] {
    cudaGraph_t graph = nullptr;
    ASSERT_EQ(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeGlobal), cudaSuccess);
    EXPECT_TRUE(capturing());
    EXPECT_THROWS_WITH(cache.release(), KernelError, "before it is captured");
    ASSERT_EQ(cudaStreamEndCapture(stream.get(), &graph), cudaSuccess);
    cudaGraphDestroy(graph);
    EXPECT_FALSE(capturing());
    EXPECT_NO_THROW(cache.release());
  });
}

// What goes into another stream while one is captured is not in the graph, and runs.
TEST(Given_22, OnlyTheCapturedStreamIsTakenDown) {
  const CudaHere device;
  Array x = filled({1}, 0);
  Captured capture;
  const emulator::Count count;
  launch(put, Grid{.blocks = {1}, .threads = {1}, .stream = nullptr}, view_to_write(x), Real(7));
  EXPECT_EQ(count.from_host, 1);
  EXPECT_EQ(capture.end(), cudaSuccess);
  EXPECT_EQ(x.item(), 7);
}

// The graph that recorded them may have copies of its own: all of them see what comes.
TEST(Given_22, IdsAreRefilledInTheirPlace) {
  const CudaHere device;
  Indices ids = Indices({2}, {1, 2}).to(gpu);
  const Indices copy = ids;
  const std::int32_t* const place = ids.data_on(gpu);
  refill(ids, Indices({2}, {3, 4}));
  EXPECT_EQ(ids.data_on(gpu), place);
  const Indices back = copy.to(Device::cpu);
  EXPECT_EQ(std::vector(back.data().begin(), back.data().end()), (std::vector<std::int32_t>{3, 4}));
  EXPECT_THROWS_WITH(refill(ids, Indices({3}, {1, 2, 3})), ShapeError, "(3,)", "(2,)");
}

}  // namespace
}  // namespace rushlight::test
