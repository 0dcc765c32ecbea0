// depth.cpp: how long a backward pass takes, by the number of layers. Every layer reads the residual stream twice, so a
// pass that did not visit each node once would double with every layer.
//   bench_depth LAYERS...   prints {"ms": {"1": [...], ...}}, one measurement a round, all depths in turns
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "04_losses/losses.hpp"
#include "13_transformers/transformer.hpp"

namespace {

using namespace rushlight;

constexpr std::int64_t batch = 4, tokens = 32, vocabulary = 65, rounds = 15;

Indices some_ids(const Shape& shape, Generator& random) {
  Indices ids(shape);
  for (std::int32_t& id : ids.mutable_data()) id = static_cast<std::int32_t>(random.next() % vocabulary);
  return ids;
}

double backward_ms(GPT& gpt, const Indices& ids, const Indices& labels) {
  for (Tensor& parameter : gpt.parameters()) parameter.zero_grad();
  const Tensor loss = cross_entropy(gpt(ids), labels);
  const auto start = std::chrono::steady_clock::now();
  loss.backward();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  Generator random(0);
  const Indices ids = some_ids({batch, tokens}, random), labels = some_ids({batch, tokens}, random);
  std::map<std::string, std::unique_ptr<GPT>> networks;
  for (int i = 1; i < argc; ++i) {
    const GPTOptions options{
        .vocabulary = vocabulary, .context = tokens, .width = 64, .layers = std::atoi(argv[i]), .heads = 4};
    networks[argv[i]] = std::make_unique<GPT>(options, random);
  }
  nlohmann::json times;
  for (std::int64_t round = -1; round < rounds; ++round) {  // the first one warms up
    for (auto& [layers, network] : networks) {
      const double ms = backward_ms(*network, ids, labels);
      if (round >= 0) times[layers].push_back(ms);
    }
  }
  std::cout << nlohmann::json{{"ms", times}}.dump() << "\n";
}
