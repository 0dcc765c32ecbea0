// graph.cpp: from recording to one launch.
#include "22_cuda/graph.hpp"

namespace rushlight::cuda {

// 22.9 capture  work -> a graph that can be launched
//   cudaStreamBeginCapture in stream_ (cudaStreamCaptureModeGlobal), work, cudaStreamEndCapture, cudaGraphInstantiate
// Hint: the graph is destroyed as soon as a runnable one has been made of it. If work throws, the capture still has to end.
void CapturedGraph::capture(const std::function<void()>& work) {
  cudaGraph_t graph = nullptr;
  must(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeGlobal), "beginning a capture");
  try {
    work();
  } catch (...) {
    if (cudaStreamEndCapture(stream_, &graph) == cudaSuccess) cudaGraphDestroy(graph);
    throw;
  }
  must(cudaStreamEndCapture(stream_, &graph), "ending a capture");
  cudaGraphExec_t made = nullptr;
  const cudaError_t error = cudaGraphInstantiate(&made, graph, 0);
  cudaGraphDestroy(graph);
  must(error, "making a captured graph runnable");
  forget();
  runnable_ = made;
}

// 22.9 launch
// Hint: cudaGraphLaunch, in the stream in which it was captured.
void CapturedGraph::launch() const {
  if (runnable_ == nullptr) throw KernelError("launching a graph: nothing was captured yet: call capture() first.", {});
  must(cudaGraphLaunch(runnable_, stream_), "launching a graph");
}

}  // namespace rushlight::cuda
