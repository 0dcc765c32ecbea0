// Modules 01 to 04: layers, an activation and a loss, and every parameter by name.
#include "03_layers/layers.hpp"
#include "04_losses/loss_checks.hpp"

namespace rushlight::test {
namespace {

Sequential classifier(std::uint64_t seed) {
  Generator g(seed);
  return Sequential{Linear({.in = 4, .out = 8}, g), Gelu(), Linear({.in = 8, .out = 3}, g)};
}

void expect_every_parameter(Module& net, const Tensor& loss) {
  const Tape tape(loss, Array::full({}, 1));
  const NamedTensors parameters = net.named_parameters();
  EXPECT_EQ(parameters.size(), 4u);
  for (const auto& [name, parameter] : parameters) {
    EXPECT_TRUE(grad_ok(tape.grad(parameter), parameter.shape(), 1e-6)) << name;
  }
}

}  // namespace

TEST(Progressive_04_1, EveryParameterLearnsFromMse) {
  Sequential net = classifier(101);
  expect_every_parameter(net, mse_loss(net(randn({5, 4}, 102)), randn({5, 3}, 103)));
}

TEST(Progressive_04_5, EveryParameterLearnsFromCrossEntropy) {
  Sequential net = classifier(104);
  expect_every_parameter(net, cross_entropy(net(randn({5, 4}, 105)), Indices({5}, {0, 2, 1, 1, -100})));
}

// An untrained classifier with small logits costs about log C.
TEST(Progressive_04_5, FirstLossIsAboutLogC) {
  Sequential net = classifier(106);
  const Indices labels({6}, {0, 1, 2, 0, 1, 2});
  EXPECT_NEAR(cross_entropy(net(randn({6, 4}, 107)), labels).item(), std::log(3.0), 0.5);
}

}  // namespace rushlight::test
