// gguf_sample.cpp: what `rush export sample` runs: a small GPT, in files for llama.cpp, and what it says (tests/llama/ask.mjs).
//   gguf_sample MODULES FOLDER STEPS   trains on the lessons in MODULES, writes into FOLDER gpt.safetensors, tokenizer.json,
//                                      TYPE.gguf for every type and reference.json:
//                                      {"texts": [{"text", "ids"}], "prompt": [...],
//                                       "types": {"f32": {"probabilities": [...], "greedy": [...]}, ...}}
// f16 is compared with the float model; q8_0 and q4_0 with the same model after quantize().
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "07_training/checkpoint.hpp"
#include "16_quantization/quantization.hpp"

namespace {

using namespace rushlight;
namespace fs = std::filesystem;

constexpr std::int64_t context = 128, batch = 4, continuation = 100;
const char* const prompt = "The gradient of";
const std::vector<std::string> texts = {"The gradient of a product",
                                        "It's 3pm, and they're 12,345 tokens!  Two spaces.\n\n\tA tab",
                                        "naïve café — 日本語、 x² + ½", "   ", "DON'T stop\n"};

std::string lessons_in(const fs::path& modules) {
  std::string text;
  std::vector<fs::path> paths;
  for (const auto& folder : fs::directory_iterator(modules)) {
    if (fs::exists(folder.path() / "README.md")) paths.push_back(folder.path() / "README.md");
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    std::stringstream lesson;
    lesson << std::ifstream(path).rdbuf();
    text += lesson.str() + "<|endoftext|>";
  }
  return text;
}

void train(GPT& gpt, const TokenIds& ids, int steps, Generator& random) {
  AdamW optimizer(gpt.parameters(), {.lr = 1e-3, .weight_decay = 0.01});
  for (int step = 0; step < steps; ++step) {
    Indices inputs({batch, context}), targets({batch, context});
    for (std::int64_t b = 0; b < batch; ++b) {
      const std::int64_t start = random.below(static_cast<std::int64_t>(ids.size()) - context - 1);
      for (std::int64_t t = 0; t < context; ++t) {
        inputs.mutable_data()[b * context + t] = ids[start + t];
        targets.mutable_data()[b * context + t] = ids[start + t + 1];
      }
    }
    optimizer.zero_grad();
    const Tensor loss = cross_entropy(gpt(inputs), targets);
    loss.backward();
    optimizer.step();
  }
  gpt.eval();
}

std::vector<double> next_probabilities(GPT& gpt, const TokenIds& ids) {
  const Tensor logits = gpt(Indices({1, static_cast<std::int64_t>(ids.size())}, ids));
  const Array all = softmax(logits, -1).value();
  const std::int64_t vocabulary = all.dim(-1);
  const auto last = all.data().last(static_cast<std::size_t>(vocabulary));
  return {last.begin(), last.end()};
}

nlohmann::json answers(GPT& gpt, const TokenIds& start) {
  const NoGrad off;
  TokenIds ids = start;
  const std::vector<double> first = next_probabilities(gpt, ids);
  for (std::int64_t i = 0; i < continuation; ++i) {
    const std::vector<double> p = next_probabilities(gpt, ids);
    ids.push_back(static_cast<std::int32_t>(std::max_element(p.begin(), p.end()) - p.begin()));
  }
  return {{"probabilities", first},
          {"greedy", TokenIds(ids.begin() + static_cast<std::int64_t>(start.size()), ids.end())}};
}

void make(const fs::path& modules, const std::string& folder, int steps) {
  fs::create_directories(folder);
  const std::string corpus = lessons_in(modules);
  const BpeTokenizer tokenizer = BpeTokenizer::train(
      corpus, {.vocabulary_size = 1000, .special_tokens = {"<|endoftext|>"}, .splitting = Splitting::gpt2});
  tokenizer.save(folder + "/tokenizer.json");
  Generator random(1);
  GPT gpt({.vocabulary = tokenizer.vocabulary_size(), .context = context, .width = 128, .layers = 3, .heads = 4},
          random);
  train(gpt, tokenizer.encode(corpus), steps, random);
  save_gpt(folder + "/gpt.safetensors", gpt);
  const TokenIds start = tokenizer.encode(prompt);
  nlohmann::json report;
  report["prompt"] = start;
  for (const std::string& text : texts) report["texts"].push_back({{"text", text}, {"ids", tokenizer.encode(text)}});
  for (const char* type : {"f32", "f16", "q8_0", "q4_0"}) {
    GPT model = load_gpt(folder + "/gpt.safetensors");
    const Gguf content = gguf_of(model, tokenizer, gguf_type_called(type), "lessons");
    write_file(folder + "/" + type + ".gguf", encode_gguf(content));
    if (std::string(type) == "q8_0") quantize(model, {.weights = WeightFormat::q8_0});
    if (std::string(type) == "q4_0") quantize(model, {.weights = WeightFormat::q4_0});
    report["types"][type] = answers(model, start);
  }
  std::ofstream(folder + "/reference.json") << report.dump() << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: gguf_sample MODULES FOLDER STEPS\n";
    return 2;
  }
  try {
    make(argv[1], argv[2], std::stoi(argv[3]));
  } catch (const Todo&) {  // it has said on stderr which
    return 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
