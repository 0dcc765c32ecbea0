// What must pass before anything is merged: gradients arrive everywhere, and small nets learn.
#include <cmath>

#include "02_activations/activations.hpp"
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/sgd.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

double norm(const Array& array) {
  double squares = 0;
  for (const Real value : array.data()) squares += static_cast<double>(value) * value;
  return std::sqrt(squares);
}

// GRAD_OK for every parameter, by name, and as many as there should be.
void expect_every_gradient(Module& net, std::size_t count, double floor = 1e-6) {
  const NamedTensors parameters = net.named_parameters();
  EXPECT_EQ(parameters.size(), count);
  for (const auto& [name, parameter] : parameters) {
    EXPECT_TRUE(grad_ok(parameter.grad(), parameter.shape(), floor)) << name;
  }
}

TEST(Integration_05, LinearAndMse) {
  Generator g(1);
  Linear layer({.in = 4, .out = 3}, g);
  const Tensor x(randn({5, 4}, 2), true);
  mse_loss(layer(x), Tensor(randn({5, 3}, 3))).backward();
  expect_every_gradient(layer, 2);
  EXPECT_GT(norm(layer.weight.grad()), 1e-6);
  EXPECT_GT(norm(layer.bias.grad()), 1e-6);
  EXPECT_GT(norm(x.grad()), 1e-6);
  // In closed form: dL/dy = 2 (y - t) / 15, dW = Gᵀ·x, db = ΣG.
  const Array y = matmul(x.value(), layer.weight.value(), {.transpose_b = true}) + layer.bias.value();
  const Array grad = (y - randn({5, 3}, 3)) * Real(2.0 / 15);
  EXPECT_TRUE(near(layer.weight.grad(), matmul(grad, x.value(), {.transpose_a = true}), gradient_tolerance));
  EXPECT_TRUE(near(layer.bias.grad(), sum(grad, {0}), gradient_tolerance));
  EXPECT_TRUE(near(x.grad(), matmul(grad, layer.weight.value()), gradient_tolerance));
}

TEST(Integration_05, AnMlpOfFourEightTwo) {
  Generator g(1);
  Sequential net{Linear({.in = 4, .out = 8}, g), Relu(), Linear({.in = 8, .out = 2}, g)};
  const Tensor loss =
      cross_entropy(net(Tensor(randn({6, 4}, 2))), Indices({6}, std::vector<std::int32_t>{0, 1, 1, 0, 1, 0}));
  const Tape tape(loss, Array::scalar(1));
  loss.backward();
  expect_every_gradient(net, 4);
  for (const auto& [name, parameter] : net.named_parameters()) {
    EXPECT_TRUE(near(parameter.grad(), tape.grad(parameter), gradient_tolerance)) << name;
  }
}

TEST(Integration_05, TheSecondBatchAddsItsOwnGradient) {
  const auto make = [] {
    Generator g(1);
    return Sequential{Linear({.in = 4, .out = 8}, g), Tanh(), Linear({.in = 8, .out = 2}, g)};
  };
  const auto loss = [](Sequential& net, std::uint64_t batch) {
    return mse_loss(net(Tensor(randn({5, 4}, batch))), Tensor(randn({5, 2}, batch + 1)));
  };
  Sequential net = make(), other = make();
  loss(net, 10).backward();
  std::vector<Array> first;
  for (const Tensor& parameter : net.parameters()) first.push_back(parameter.grad());
  loss(net, 20).backward();
  loss(other, 20).backward();
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_TRUE(near(net.parameters()[i].grad() - first[i], other.parameters()[i].grad(), gradient_tolerance)) << i;
  }
}

// A first layer whose bias is far below zero: every unit is dead, and the zero gradient is reported by name.
TEST(Integration_05, DeadUnitsAreReported) {
  Generator g(1);
  Linear first({.in = 4, .out = 8}, g), second({.in = 8, .out = 2}, g);
  constant_(first.bias, -10);
  mse_loss(second(relu(first(Tensor(randn({5, 4}, 2))))), Tensor(randn({5, 2}, 3))).backward();
  const testing::AssertionResult dead = grad_ok(first.weight.grad(), first.weight.shape());
  EXPECT_FALSE(dead);
  EXPECT_NE(std::string(dead.message()).find("carries nothing"), std::string::npos) << dead.message();
  EXPECT_TRUE(grad_ok(second.bias.grad(), second.bias.shape()));
}

// 2-4-1, SGD 0.1, 50 epochs, one example a step: the loss falls by more than 10 %, and below 0.25, the best that any
// straight line does on XOR.
TEST(Integration_06, XorIsLearned) {
  Generator g(7);
  Sequential net{Linear({.in = 2, .out = 4}, g), Tanh(), Linear({.in = 4, .out = 1}, g)};
  const Array x({4, 2}, {0, 0, 0, 1, 1, 0, 1, 1}), target({4, 1}, {0, 1, 1, 0});
  SGD optimizer(net.parameters(), {.lr = 0.1});
  const StateDict before = net.state_dict();
  const auto whole_loss = [&] { return mse_loss(net(Tensor(x)), Tensor(target)).item(); };
  const double first = whole_loss();
  for (int step = 0; step < 4 * 50; ++step) {
    const Slice one{step % 4, step % 4 + 1};
    optimizer.zero_grad();
    mse_loss(net(Tensor(slice(x, 0, one))), Tensor(slice(target, 0, one))).backward();
    if (step % 4 == 3) expect_every_gradient(net, 4);  // at (0, 0) the first weight has none: its input is 0
    optimizer.step();
  }
  EXPECT_LT(whole_loss(), 0.9 * first);
  EXPECT_LT(whole_loss(), 0.2);
  for (const auto& [name, value] : net.state_dict()) {
    EXPECT_GT(norm(value - before.at(name)), 1e-4) << name << " did not move";
  }
}

// With everything below the last layer cut off the loss falls as well. Only the gradients show it.
TEST(Integration_06, ASeveredNetStillLearns) {
  Generator g(3);
  Linear first({.in = 2, .out = 16}, g), second({.in = 16, .out = 1}, g);
  const Tensor x(Array({4, 2}, {0, 0, 0, 1, 1, 0, 1, 1})), target(Array({4, 1}, {0, 1, 1, 0}));
  Tensors parameters = first.parameters();
  for (const Tensor& parameter : second.parameters()) parameters.push_back(parameter);
  Adam optimizer(parameters, {.lr = 0.1});
  double before = 0, after = 0;
  for (int epoch = 0; epoch < 200; ++epoch) {
    const Tensor loss = mse_loss(second(tanh(first(x)).detach()), target);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    after = loss.item();
    if (epoch == 0) before = after;
  }
  EXPECT_LT(after, 0.1 * before) << "a severed net was expected to learn this all the same";
  EXPECT_FALSE(grad_ok(first.weight.grad(), first.weight.shape()));
  EXPECT_TRUE(grad_ok(second.weight.grad(), second.weight.shape()));
}

}  // namespace
}  // namespace rushlight::test
