// quantize.cpp: a Linear of 1024 x 1024 in float and in small weights, for one row and for 256, in turns.
//   bench_quantize ROUNDS   prints {"kernels": {"int8": ..., "blocks": ...},
//                           "ms": {"1": {"float": [...], "float again": [...], "int8": [...], ...}, "256": {...}},
//                           "errors": {"1": {"int8": ..., ...}, ...}}
// One figure a round: every layer runs as often as fills some milliseconds, one layer after the other, in every round.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "05_autograd/autograd.hpp"
#include "16_quantization/quantization.hpp"
#include "18_acceleration/acceleration.hpp"

namespace {

using namespace rushlight;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t width = 1024;
constexpr double least_ms = 5;  // of one measurement

double milliseconds(Module& layer, const Tensor& x, int repeats) {
  const auto start = Clock::now();
  for (int i = 0; i < repeats; ++i) layer(x);
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count() / repeats;
}

int enough_repeats(Module& layer, const Tensor& x) {
  int repeats = 1;
  while (milliseconds(layer, x, repeats) * repeats < least_ms) repeats *= 2;
  return repeats;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
  const NoGrad off;
  accelerate();
  Generator random(1);
  Linear plain({.in = width, .out = width}, random);
  std::vector<std::pair<std::string, std::unique_ptr<Module>>> small;
  const auto add = [&](const std::string& name, WeightFormat format, std::optional<QParams> input) {
    const auto weight = std::make_shared<QuantizedWeight>(quantize_weight(plain.weight.value(), format));
    small.emplace_back(name, std::make_unique<QuantizedLinear>(weight, plain.bias, input));
  };
  add("int8", WeightFormat::int8, {});
  add("int8 static", WeightFormat::int8, choose_qparams(-4.5, 4.5, Scheme::affine));
  add("q8_0", WeightFormat::q8_0, {});
  add("q4_0", WeightFormat::q4_0, {});
  std::vector<std::pair<std::string, Module*>> layers = {{"float", &plain}, {"float again", &plain}};
  for (auto& [name, layer] : small) layers.emplace_back(name, layer.get());
  nlohmann::json times, errors;
  for (const std::int64_t rows : {1, 256}) {
    const std::string key = std::to_string(rows);
    const Tensor x(randn({rows, width}, random));
    std::map<std::string, int> repeats;
    for (const auto& [name, layer] : layers) {
      repeats[name] = enough_repeats(*layer, x);
      if (layer != &plain) errors[key][name] = sqnr(plain(x).value(), (*layer)(x).value());
    }
    for (int round = 0; round < rounds; ++round) {
      for (const auto& [name, layer] : layers) times[key][name].push_back(milliseconds(*layer, x, repeats[name]));
    }
  }
  const nlohmann::json kernels = {{"int8", int8_kernels().front().name}, {"blocks", block_kernels().front().name}};
  std::cout << nlohmann::json{{"kernels", kernels}, {"ms", times}, {"errors", errors}}.dump() << "\n";
}
