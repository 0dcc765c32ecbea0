// Twenty training steps from a fixed seed, against the same steps in float64 outside this library.
#include "02_activations/activations.hpp"
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/sgd.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// Rounding grows from step to step: a float's 1e-7 is a thousand times that after twenty.
constexpr Tolerance after_training = double_precision ? Tolerance{1e-8, 1e-9} : Tolerance{2e-4, 2e-5};

void expect_snapshot(const std::string& name, Sequential& net, Optimizer& optimizer,
                     const std::function<Tensor()>& loss_of) {
  const nlohmann::json expected = golden("training_snapshots.json").at(name);
  std::vector<Real> losses;
  for (int step = 0; step < 20; ++step) {
    const Tensor loss = loss_of();
    losses.push_back(loss.item());
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  }
  EXPECT_TRUE(near(Array({20}, losses), {20}, values_of(expected.at("losses")), after_training)) << "losses";
  const NamedTensors parameters = net.named_parameters();
  ASSERT_EQ(parameters.size(), expected.at("parameters").size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& [key, parameter] = parameters[i];
    EXPECT_TRUE(near(parameter.value(), shape_of(expected.at("parameters")[i]), values_of(expected.at("parameters")[i]),
                     after_training))
        << key << " after 20 steps";
  }
}

TEST(Regression_06, TanhNetUnderMomentum) {
  Generator g(11);
  Sequential net{Linear({.in = 4, .out = 8}, g), Tanh(), Linear({.in = 8, .out = 3}, g)};
  SGD optimizer(net.parameters(), {.lr = 0.1, .momentum = 0.9});
  const Indices labels({6}, std::vector<std::int32_t>{0, 2, 1, 1, 0, 2});
  expect_snapshot("tanh_sgd", net, optimizer, [&] { return cross_entropy(net(Tensor(randn({6, 4}, 12))), labels); });
}

TEST(Regression_06, ReluNetUnderMomentum) {
  Generator g(11);
  Sequential net{Linear({.in = 4, .out = 8}, g), Relu(), Linear({.in = 8, .out = 3}, g)};
  SGD optimizer(net.parameters(), {.lr = 0.1, .momentum = 0.9});
  const Indices labels({6}, std::vector<std::int32_t>{0, 2, 1, 1, 0, 2});
  expect_snapshot("relu_sgd", net, optimizer, [&] { return cross_entropy(net(Tensor(randn({6, 4}, 12))), labels); });
}

TEST(Regression_06, LayerNormNetUnderAdam) {
  Generator g(21);
  Sequential net{Linear({.in = 4, .out = 5}, g), LayerNorm({.shape = {5}}), Linear({.in = 5, .out = 2}, g)};
  Adam optimizer(net.parameters(), {.lr = 1e-2});
  expect_snapshot("layer_norm_adam", net, optimizer, [&] {
    return mse_loss(net(Tensor(randn({6, 4}, 22))), Tensor(randn({6, 2}, 23)));
  });
}

}  // namespace
}  // namespace rushlight::test
