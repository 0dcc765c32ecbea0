// peer.cpp: the same token as ours.cpp, by llama.cpp.
//   LLAMA_FOLDER=... bench_llama_peer FILE.gguf THREADS    answers as serve.hpp says
#include <cstdlib>
#include <stdexcept>

#include "decoder.hpp"
#include "llama.hpp"
#include "serve.hpp"

namespace benchmarks {
namespace {

void silent(int, const char*, void*) {}

std::string folder() {
  const char* named = std::getenv("LLAMA_FOLDER");
  if (named == nullptr) throw std::runtime_error("LLAMA_FOLDER does not say where llama.cpp's libraries are");
  return named;
}

class Peer : public Network {
 public:
  Peer(const std::string& file, int threads) : llama_(folder()), ids_(decoder_ids()) {
    llama_.set_log(silent, nullptr);
    llama_.load_backends(folder().c_str());
    const llama::Model model = llama_.load_model(file.c_str(), llama_.model_defaults());
    if (model == nullptr) throw std::runtime_error("llama.cpp does not load " + file);
    context_ = llama_.new_context(model, llama_.context_defaults());
    if (context_ == nullptr || llama_.context_size(context_) != decoder_context) {
      throw std::runtime_error("llama.cpp has no context of the size that is timed");
    }
    llama_.set_threads(context_, threads, threads);
    run(0, static_cast<std::int32_t>(ids_.size()) - 1);
  }

  double step() override {
    const auto last = static_cast<std::int32_t>(ids_.size()) - 1;
    run(last, 1);
    const float* logits = llama_.last_logits(context_, -1);
    logits_.assign(logits, logits + decoder_vocabulary);
    if (!llama_.forget(llama_.memory(context_), 0, last, -1))
      throw std::runtime_error("llama.cpp keeps the last token");
    return static_cast<double>(logits_[0]);
  }

  std::vector<Named> gradients() override { return {{"logits", logits_}}; }
  std::vector<std::string> accelerate(const std::vector<std::string>&) override { return {}; }

 private:
  void run(std::int32_t first, std::int32_t count) {
    if (llama_.decode(context_, llama_.batch_of(ids_.data() + first, count)) != 0) {
      throw std::runtime_error("llama.cpp does not decode");
    }
  }

  llama::Library llama_;
  std::vector<std::int32_t> ids_;
  llama::Context context_ = nullptr;
  std::vector<float> logits_;
};

std::unique_ptr<Network> make(const std::string& file, int threads) { return std::make_unique<Peer>(file, threads); }

}  // namespace
}  // namespace benchmarks

int main(int argc, char** argv) { return benchmarks::serve(argc, argv, benchmarks::make); }
