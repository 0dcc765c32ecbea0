// graph.cpp: from recording to one launch.
#include "22_cuda/graph.hpp"

namespace rushlight::cuda {

// 22.9 capture  work -> a graph that can be launched
//   cudaStreamBeginCapture in stream_ (cudaStreamCaptureModeGlobal), work, cudaStreamEndCapture, cudaGraphInstantiate
// Hint: the graph is destroyed as soon as a runnable one has been made of it. If work throws, the capture still has to end.
void CapturedGraph::capture(const std::function<void()>& work) {
  todo("22.9");
}

// 22.9 launch
// Hint: cudaGraphLaunch, in the stream in which it was captured.
void CapturedGraph::launch() const {
  todo("22.9");
}

}  // namespace rushlight::cuda
