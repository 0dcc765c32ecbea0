// 1969: XOR, the function that no single layer computes, and a hidden layer that does.
#include "03_layers/activation_layers.hpp"
#include "03_layers/linear.hpp"
#include "03_layers/sequential.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "common/milestone.hpp"
#include "common/pictures.hpp"
#include "common/predictions.hpp"

using namespace rushlight;
using namespace rushlight::milestone;

namespace {

constexpr double bar = 1.0;

const About about{
    .title = "1969: XOR",
    .story =
        "In 1969 Marvin Minsky and Seymour Papert proved what a single layer of perceptrons cannot do. Exclusive or is\n"
        "the smallest case: no line has (0,1) and (1,0) on one side and (0,0) and (1,1) on the other. The book is often\n"
        "blamed for the lean years that followed. One hidden layer is enough, once there is a way to train it: the\n"
        "derivatives that your engine sends through it. Without the hidden layer (--control) it fails.",
    .epochs = 400};

Sequential make_network(bool hidden_layer, Generator& random) {
  if (!hidden_layer) return Sequential{Linear({.in = 2, .out = 2}, random)};
  return Sequential{Linear({.in = 2, .out = 8}, random), Tanh(), Linear({.in = 8, .out = 2}, random)};
}

// The four points, and exclusive or of their coordinates.
struct Points {
  Array inputs = Array({4, 2}, {0, 0, 0, 1, 1, 0, 1, 1});
  Indices labels = Indices({4}, {0, 1, 1, 0});
};

std::vector<int> predictions(Module& network, const Points& points) {
  const NoGrad no_grad;
  const Indices answers = argmax(network(points.inputs).value());
  return {answers.data().begin(), answers.data().end()};
}

double accuracy(Module& network, const Points& points) {
  const std::vector<int> answers = predictions(network, points);
  int right = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) right += answers[i] == points.labels.data()[i];
  return right / static_cast<double>(answers.size());
}

// How much more the network believes in 1 than in 0.
double score(Module& network, double x, double y) {
  const NoGrad no_grad;
  const Array logits = network(Array({1, 2}, {Real(x), Real(y)})).value();
  return logits.data()[1] - logits.data()[0];
}

bool train(const Options& options) {
  const Points points;
  Generator random(options.seed);
  Sequential network = make_network(!options.control, random);
  Adam optimizer(network.parameters(), {.lr = 0.05});
  emit_start(about, options, options.epochs,
             options.control ? "Control: one layer, no hidden one." : "Network: 2-8-2 with tanh, Adam.");

  for (std::int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    optimizer.zero_grad();
    const Tensor loss = cross_entropy(network(points.inputs), points.labels);
    loss.backward();
    optimizer.step();
    emit("progress", {{"step", epoch}, {"epoch", epoch}, {"loss", loss.item()}});
    if (epoch % 50 == 0)
      emit("epoch", {{"epoch", epoch}, {"train_loss", loss.item()}, {"accuracy", accuracy(network, points)}});
  }
  emit_decision([&](double x, double y) { return score(network, x, y); }, {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}});
  write_predictions(options.out, {{"test_accuracy", predictions(network, points)}});
  return emit_result({{"test_accuracy", accuracy(network, points)}}, "test_accuracy", bar);
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv, about, train); }
