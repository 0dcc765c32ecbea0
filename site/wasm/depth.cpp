// depth.cpp: how large a signal is after each layer of a deep net, and how large each layer's gradient, when the weights
// start as N(0, (gain / sqrt(width))^2). The words are module 07's diagnosis.
#include <cmath>

#include "03_layers/init.hpp"
#include "03_layers/linear.hpp"
#include "05_autograd/autograd.hpp"
#include "07_training/diagnosis.hpp"
#include "json.hpp"
#include "layers.hpp"
#include "widgets.hpp"

namespace rushlight::live {
namespace {

constexpr std::int64_t batch = 64;

const char* word_for(Trouble trouble) {
  switch (trouble) {
    case Trouble::missing:
      return "missing";
    case Trouble::vanishing:
      return "vanishing";
    case Trouble::exploding:
      return "exploding";
    case Trouble::dead:
      return "dead";
    case Trouble::none:
      break;
  }
  return "ok";
}

}  // namespace

std::string depth(Request& request) {
  const std::string activation = request.word();
  const double gain = request.real();
  const std::int64_t layers = request.whole(2, 40), width = request.whole(2, 128);

  Generator random(1);
  Sequential net;
  for (std::int64_t i = 0; i < layers; ++i) {
    Linear layer({.in = width, .out = width, .bias = false}, random);
    normal_(layer.weight, random, 0, gain / std::sqrt(double(width)));
    net.add(std::move(layer));
    add_activation(net, activation);
  }
  const Array x = randn({batch, width}, random), cotangent = randn({batch, width}, random);
  const auto outputs = outputs_of(net, x);
  sum(net(Tensor(x)) * Tensor(cotangent)).backward();

  const FlowReport report = diagnose(net);
  const std::size_t per_layer = outputs.size() / static_cast<std::size_t>(layers);
  std::string rows, hint;
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    const LayerFlow& layer = report.layers[i];
    const Array& signal = outputs[(i + 1) * per_layer - 1].second;
    rows += (rows.empty() ? "" : ",") + ("{\"signal\":" + number(rms(signal))) + ",\"gradient\":" + number(layer.rms) +
            ",\"trouble\":" + quoted(word_for(layer.trouble)) + "}";
    if (hint.empty()) hint = layer.hint;
  }
  return "{\"layers\":[" + rows + "],\"hint\":" + quoted(hint) + "}";
}

}  // namespace rushlight::live
