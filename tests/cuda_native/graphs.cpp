#include "graphs.hpp"

#include <cstring>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/sgd.hpp"
#include "13_transformers/transformer.hpp"
#include "22_cuda/cuda.hpp"
#include "22_cuda/graph.hpp"

namespace rushlight {
namespace {

constexpr Device gpu = Device::cuda;
constexpr int warm_steps = 2, graph_steps = 10;

Indices text(int i, int further) {
  std::vector<std::int32_t> ids;
  for (int at = 0; at < 12; ++at) ids.push_back((at * (i + 1) + further) % 11);
  return {{2, 6}, ids};
}

Arrays train(bool in_a_graph) {
  Generator random(3);
  GPT gpt({.vocabulary = 11, .context = 6, .width = 16, .layers = 2, .heads = 2}, random);
  gpt.to(gpu);
  SGD optimizer(gpt.parameters(), {.lr = 0.1, .momentum = 0.9});
  const std::vector<Indices> first{text(0, 0), text(0, 1)};  // lives on: labels are checked here
  std::vector<Indices> batch = Indices::to(gpu, first);
  const auto step = [&] {
    const Tensor loss = cross_entropy(gpt.forward(batch[0]), batch[1]);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  };
  const cuda::WorkStream stream;
  cuda::CapturedGraph graph(stream);
  stream.run([&] {
    for (int i = 0; i < warm_steps; ++i) step();
    if (in_a_graph) graph.capture(step);
    for (int i = 1; i <= graph_steps; ++i) {
      if (in_a_graph) {
        for (int part : {0, 1}) cuda::refill(batch[static_cast<std::size_t>(part)], text(i, part));
        graph.launch();
      } else {
        batch = Indices::to(gpu, {text(i, 0), text(i, 1)});
        step();
      }
    }
  });
  Arrays parameters;
  for (const Tensor& each : gpt.parameters()) parameters.push_back(each.value().cpu());
  return parameters;
}

}  // namespace

bool a_captured_step_trains_to_the_same_bits() {
  cuda::install({.cached = true});
  const Arrays plain = train(false), captured = train(true);
  cuda::remove();
  bool same = plain.size() == captured.size();
  for (std::size_t i = 0; same && i < plain.size(); ++i) {
    const auto one = plain[i].data(), other = captured[i].data();
    same = one.size() == other.size() && std::memcmp(one.data(), other.data(), one.size_bytes()) == 0;
  }
  return same;
}

}  // namespace rushlight
