// peer.cpp: the same layers as ours.cpp, by ONNX Runtime.
//   ONNX_LIBRARY=... bench_onnx_peer FILE.onnx THREADS    answers as serve.hpp says; a step is all layers once
#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "chain.hpp"
#include "runtime.hpp"
#include "serve.hpp"

namespace benchmarks {
namespace {

std::string library() {
  const char* named = std::getenv("ONNX_LIBRARY");
  if (named == nullptr) throw std::runtime_error("ONNX_LIBRARY does not say where ONNX Runtime's library is");
  return named;
}

class Peer : public Network {
 public:
  Peer(const std::string& file, int threads) : session_(library(), file, threads) {
    const auto rows = static_cast<std::int64_t>(session_.x().size()) / chain_width;
    std::ranges::copy(chain_input(rows), session_.x().begin());
  }

  double step() override {
    session_.run();
    return static_cast<double>(session_.y()[0]);
  }

  std::vector<Named> gradients() override { return {{"output", {session_.y().begin(), session_.y().end()}}}; }
  std::vector<std::string> accelerate(const std::vector<std::string>&) override { return {}; }

 private:
  onnx::Session session_;
};

std::unique_ptr<Network> make(const std::string& file, int threads) { return std::make_unique<Peer>(file, threads); }

}  // namespace
}  // namespace benchmarks

int main(int argc, char** argv) { return benchmarks::serve(argc, argv, benchmarks::make); }
