// Measuring changes nothing: a training step under the stopwatch computes, to the bit, what it computes alone.
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/sgd.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

// A small network that keeps every gradient of every step.
struct Training {
  Training() : random(1) {
    network.add(Linear({.in = 4, .out = 6}, random)).add(Tanh()).add(Linear({.in = 6, .out = 3}, random));
    optimizer.emplace(network.parameters(), SGDOptions{.lr = 0.1, .momentum = 0.9});
  }

  void step() {
    optimizer->zero_grad();
    const Array x = rushlight::randn({5, 4}, random), target = rushlight::randn({5, 3}, random);
    mse_loss(network(x), target).backward();
    for (const Tensor& parameter : network.parameters()) gradients.push_back(parameter.grad().clone());
    optimizer->step();
  }

  Generator random;
  Sequential network;
  std::optional<SGD> optimizer;
  Arrays gradients;
};

void expect_same_training(const Training& measured) {
  Training plain;
  const std::size_t each = plain.network.parameters().size();
  ASSERT_GT(measured.gradients.size(), each) << "more than one step was measured";
  while (plain.gradients.size() < measured.gradients.size()) plain.step();
  ASSERT_EQ(plain.gradients.size(), measured.gradients.size());
  for (std::size_t i = 0; i < plain.gradients.size(); ++i) {
    EXPECT_TRUE(grad_ok(measured.gradients[i], plain.gradients[i].shape()));
    EXPECT_TRUE(same_bits(measured.gradients[i], plain.gradients[i]))
        << "step " << i / each << ", parameter " << i % each;
  }
}

TEST(GradientFlow_19_1, MeasuringATrainingStepChangesNoGradient) {
  Training training;
  bench::measure([&] { training.step(); }, {.samples = 6, .calls = 2});
  EXPECT_EQ(training.gradients.size(), 6u * 2 * training.network.parameters().size());
  expect_same_training(training);
}

TEST(GradientFlow_19_1, LookingForANumberOfCallsChangesNoGradient) {
  Training training;
  bench::measure([&] { training.step(); }, {.samples = 3, .least = 2e-4});
  expect_same_training(training);
}

TEST(GradientFlow_19_6, ComparingTwoTrainingsChangesNoGradient) {
  Training first, second;
  bench::compare([&] { first.step(); }, [&] { second.step(); },
                 {.rounds = 16, .least = 1e-9, .bootstrap = {.resamples = 20}});
  expect_same_training(first);
  expect_same_training(second);
}

TEST(GradientFlow_19_7, ServingChangesNoGradient) {
  Training training;
  bench::open_loop([&] { training.step(); }, bench::steady_arrivals(4, 1e6));
  bench::closed_loop([&] { training.step(); }, 3);
  EXPECT_EQ(training.gradients.size(), 7 * training.network.parameters().size());
  expect_same_training(training);
}

}  // namespace
}  // namespace rushlight::test
