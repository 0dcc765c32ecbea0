// ours.cpp: the next token of a GPT of random weights, in float or in small weights, for llama.cpp to do the same (peer.cpp).
//   bench_llama_ours write TYPE-SIZE FILE    the model as a GGUF file: "q8_0-256x6" is width 256, 6 layers
//   bench_llama_ours TYPE-SIZE THREADS       answers as serve.hpp says; a step is the last token that fits the context

#include "ours.hpp"
#include "15_memoization/memoization.hpp"
#include "16_quantization/quantization.hpp"
#include "decoder.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

struct Asked {
  std::string type;  // as in the file
  GPTOptions options;
};

// "q8_0-256x6"
Asked asked(const std::string& name) {
  const std::size_t dash = name.find('-'), times = name.find('x', dash);
  if (dash == std::string::npos || times == std::string::npos)
    throw ValueError("\"{}\" is not TYPE-WIDTHxLAYERS.", {name});
  GPTOptions options{.vocabulary = decoder_vocabulary, .context = decoder_context, .heads = decoder_heads};
  options.width = std::stoll(name.substr(dash + 1));
  options.layers = std::stoll(name.substr(times + 1));
  return {name.substr(0, dash), options};
}

GPT model(const GPTOptions& options) {
  Generator random(1);
  GPT gpt(options, random);
  gpt.eval();
  return gpt;
}

// So many tokens that nobody reads: a byte and a pair of bytes each, the last one ends a text.
BpeTokenizer tokenizer() {
  std::string corpus;
  Generator random(1);
  for (int i = 0; i < 20000; ++i) corpus += static_cast<char>('a' + random.below(26));
  return BpeTokenizer::train(
      corpus,
      {.vocabulary_size = decoder_vocabulary, .special_tokens = {"<|endoftext|>"}, .splitting = Splitting::gpt2});
}

class Decoder : public Network {
 public:
  explicit Decoder(const Asked& what) : gpt_(model(what.options)), cache_(what.options) {
    if (what.type == "q8_0") quantize(gpt_, {.weights = WeightFormat::q8_0});
    if (what.type == "q4_0") quantize(gpt_, {.weights = WeightFormat::q4_0});
  }

  double step() override {
    const NoGrad off;
    const std::vector<std::int32_t> all = decoder_ids();
    if (cache_.length() == 0) {
      const Indices past({1, decoder_context - 1}, std::vector<std::int32_t>(all.begin(), all.end() - 1));
      cached_features(gpt_, past, cache_);
    }
    logits_ = cached_logits(gpt_, Indices({1, 1}, {all.back()}), cache_).value();
    cache_.truncate(decoder_context - 1);
    return static_cast<double>(logits_.data()[0]);
  }

  std::vector<Named> gradients() override {  // what both programs must agree on
    return {{"logits", {logits_.data().begin(), logits_.data().end()}}};
  }

  std::vector<std::string> accelerate(const std::vector<std::string>& ops) override { return use_kernels(ops); }

 private:
  GPT gpt_;
  KVCache cache_;
  Array logits_;
};

void write(const std::string& name, const std::string& file) {
  const Asked what = asked(name);
  GPT gpt = model(what.options);
  write_file(file, encode_gguf(gguf_of(gpt, tokenizer(), gguf_type_called(what.type), "random")));
}

std::unique_ptr<Network> make(const std::string& name, int) { return std::make_unique<Decoder>(asked(name)); }

}  // namespace
}  // namespace benchmarks

int main(int argc, char** argv) { return benchmarks::serve_or_write(argc, argv, benchmarks::make, benchmarks::write); }
