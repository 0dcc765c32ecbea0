// Captured graphs: what is recorded, when it runs, how often the host launches, and what is left of a capture that failed.
#include "22_cuda/graph.hpp"
#include "device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

constexpr Grid one_thread{.blocks = {1}, .threads = {1}, .stream = nullptr};

__global__ void add_number(Global<Real> x, Real number) { x[0] += number; }
__global__ void add_other(Global<Real> x, Reals other) { x[0] += other[0]; }
__global__ void times_two(Global<Real> x) { x[0] *= 2; }

template <class... Parameters, class... Arguments>
void start(const WorkStream& stream, void (*kernel)(Parameters...), Arguments... arguments) {
  Grid grid = one_thread;
  grid.stream = stream.get();
  launch(kernel, grid, arguments...);
}

TEST(Unit_22_9, ACaptureRunsNothingAndALaunchEverything) {
  const CudaHere device;
  const WorkStream stream;
  CapturedGraph graph(stream);
  Array x = filled({1}, 3);
  const Global<Real> there = view_to_write(x);
  stream.run([&] {
    graph.capture([&] {
      start(stream, add_number, there, Real(1));
      start(stream, times_two, there);
    });
  });
  EXPECT_EQ(x.item(), 3) << "the work was to be recorded, not run";
  const emulator::Count count;
  graph.launch();
  graph.launch();
  stream.wait();
  EXPECT_EQ(x.item(), 18) << "((3 + 1) · 2 + 1) · 2";
  EXPECT_EQ(count.launches, 4) << "kernels that ran";
  EXPECT_EQ(count.from_host, 2) << "a launch of the graph is one launch of the host";
}

TEST(Unit_22_9, ALaunchComesInTheOrderOfItsStream) {
  const CudaHere device;
  const WorkStream stream;
  CapturedGraph graph(stream);
  Array x = filled({1}, 3);
  const Global<Real> there = view_to_write(x);
  stream.run([&] { graph.capture([&] { start(stream, times_two, there); }); });
  start(stream, add_number, there, Real(1));
  graph.launch();
  start(stream, add_number, there, Real(5));
  EXPECT_EQ(x.item(), 3) << "a stream runs when somebody waits for it";
  stream.wait();
  EXPECT_EQ(x.item(), 13) << "(3 + 1) · 2 + 5";
}

// The address is in the graph, not what was there.
TEST(Unit_22_9, ALaunchComputesWithTheNumbersOfNow) {
  const CudaHere device;
  const WorkStream stream;
  CapturedGraph graph(stream);
  Array x = filled({1}, 0), other = filled({1}, 1);
  const Global<Real> there = view_to_write(x);
  stream.run([&] { graph.capture([&] { start(stream, add_other, there, view(other)); }); });
  for (const Real next : {10, 20}) {
    refill(other, Array::full({1}, next));
    graph.launch();
    stream.wait();
  }
  EXPECT_EQ(x.item(), 30);
}

TEST(Unit_22_9, AnotherCaptureTakesThePlaceOfTheFirst) {
  const CudaHere device;
  const std::int64_t before = emulator::live_graphs();
  {
    const WorkStream stream;
    CapturedGraph graph(stream);
    Array x = filled({1}, 3);
    const Global<Real> there = view_to_write(x);
    stream.run([&] {
      graph.capture([&] { start(stream, times_two, there); });
      graph.capture([&] { start(stream, add_number, there, Real(1)); });
    });
    graph.launch();
    stream.wait();
    EXPECT_EQ(x.item(), 4);
    EXPECT_EQ(emulator::live_graphs(), before + 1) << "all that is needed is the graph that can be launched";
  }
  EXPECT_EQ(emulator::live_graphs(), before);
}

TEST(Unit_22_9, WhatTheWorkThrowsEndsTheCapture) {
  const CudaHere device;
  const std::int64_t before = emulator::live_graphs();
  const WorkStream stream;
  CapturedGraph graph(stream);
  Array x = filled({1}, 3);
  const Global<Real> there = view_to_write(x);
  stream.run([&] { graph.capture([&] { start(stream, times_two, there); }); });
  const auto fails = [&] {
    start(stream, add_number, there, Real(1));
    throw ValueError("out of the work");
  };
  stream.run([&] { EXPECT_THROWS_WITH(graph.capture(fails), ValueError, "out of the work"); });
  start(stream, add_number, there, Real(1));
  graph.launch();
  stream.wait();
  EXPECT_EQ(x.item(), 8) << "(3 + 1) · 2: the stream goes on, and the graph is the one from before";
  EXPECT_EQ(emulator::live_graphs(), before + 1);
}

// cudaMalloc says no, and the work does not look. The graph would lack whatever came after.
TEST(Unit_22_9, ACaptureThatWasSpoiledIsNoGraph) {
  const CudaHere device;
  const WorkStream stream;
  CapturedGraph graph(stream);
  stream.run([&] {
    const auto spoiled = [] {
      void* block = nullptr;
      EXPECT_EQ(cudaMalloc(&block, 64), cudaErrorStreamCaptureUnsupported);
    };
    EXPECT_THROWS_WITH(graph.capture(spoiled), KernelError, "previous error during capture");
  });
  EXPECT_THROWS_WITH(graph.launch(), KernelError, "capture");
}

TEST(Unit_22_9, NothingCanBeLaunchedBeforeACapture) {
  const CudaHere device;
  const WorkStream stream;
  const CapturedGraph graph(stream);
  EXPECT_THROWS_WITH(graph.launch(), KernelError, "capture");
}

TEST(Unit_22_9, AStreamIsCapturedOnceAtATime) {
  const CudaHere device;
  const WorkStream stream;
  CapturedGraph graph(stream), inner(stream);
  Array x = filled({1}, 3);
  const Global<Real> there = view_to_write(x);
  stream.run([&] {
    graph.capture([&] {
      start(stream, times_two, there);
      EXPECT_THROWS_WITH(inner.capture([] {}), KernelError, "present state");
    });
  });
  graph.launch();
  stream.wait();
  EXPECT_EQ(x.item(), 6) << "the capture that was under way goes on";
}

}  // namespace
}  // namespace rushlight::test
