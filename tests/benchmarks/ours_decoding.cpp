// ours_decoding.cpp: the next token of a GPT, with memory and without.
#include "15_memoization/memoization.hpp"
#include "decoding.hpp"
#include "ours.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

class OurDecoding : public Network {
 public:
  explicit OurDecoding(const Decoding& decoding)
      : decoding_(decoding),
        ids_(indices("ids", {1, decoding.past + 1}, decoding_vocabulary)),
        random_(0),
        gpt_({.vocabulary = decoding_vocabulary,
              .context = decoding.past + 1,
              .width = decoding_width,
              .layers = decoding_layers,
              .heads = decoding_heads,
              .tied = false},
             random_),
        cache_(gpt_.options()) {
    set_initial(gpt_);
    gpt_.eval();
  }

  // One token more than the past; what it leaves in the cache goes again, so that every step finds the same.
  double step() override {
    const NoGrad no_grad;
    logits_ = decoding_.cached ? with_memory() : next_logits(gpt_, {ids_.data().begin(), ids_.data().end()}).value();
    return static_cast<double>(logits_.data()[0]);
  }

  std::vector<Named> gradients() override {  // what both programs must agree on
    return {{"logits", {logits_.data().begin(), logits_.data().end()}}};
  }

  std::vector<std::string> accelerate(const std::vector<std::string>& ops) override { return use_kernels(ops); }

 private:
  Array with_memory() {
    const std::vector<std::int32_t> all(ids_.data().begin(), ids_.data().end());
    if (cache_.length() == 0 && decoding_.past > 0) {
      cached_features(gpt_, Indices({1, decoding_.past}, {all.begin(), all.end() - 1}), cache_);
    }
    const Array logits = cached_logits(gpt_, Indices({1, 1}, {all.back()}), cache_).value();
    cache_.truncate(decoding_.past);
    return logits;
  }

  Decoding decoding_;
  Indices ids_;
  Generator random_;
  GPT gpt_;
  KVCache cache_;
  Array logits_;
};

}  // namespace

std::unique_ptr<Network> make_decoding(const Decoding& decoding) { return std::make_unique<OurDecoding>(decoding); }

}  // namespace benchmarks
