// Module 06 on top of 01-05: layers give parameters, losses give gradients, the engine carries them, optimizers use
// them.
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/oracle.hpp"

namespace rushlight::test {
namespace {

struct Xor {
  Array inputs{{4, 2}, {0, 0, 0, 1, 1, 0, 1, 1}};
  Indices labels{{4}, {0, 1, 1, 0}};
};

Sequential make_net(std::uint64_t seed) {
  Generator generator(seed);
  return Sequential{Linear({.in = 2, .out = 16}, generator), Tanh(), Linear({.in = 16, .out = 2}, generator)};
}

// Trains on XOR, checks that every parameter received a gradient and moved, and returns the last loss.
template <class Kind, class Options>
double train_on_xor(const Options& options, int steps) {
  const Xor data;
  Sequential net = make_net(3);
  const StateDict before = net.state_dict();
  Kind optimizer(net.parameters(), options);
  double loss_value = 0;
  for (int t = 0; t < steps; ++t) {
    const Tensor loss = cross_entropy(net(data.inputs), data.labels);
    optimizer.zero_grad();
    loss.backward();
    if (t == 0) {
      for (const auto& [name, parameter] : net.named_parameters()) {
        EXPECT_TRUE(grad_ok(parameter.grad(), parameter.shape())) << name;
      }
    }
    optimizer.step();
    loss_value = static_cast<double>(loss.item());
  }
  for (const auto& [name, value] : net.state_dict()) {
    EXPECT_FALSE(same_bits(value, before.at(name))) << name << " never moved";
  }
  return loss_value;
}

TEST(Progressive_06_2, SGDLearnsXor) {
  EXPECT_LT((train_on_xor<SGD>(SGDOptions{.lr = 0.2, .momentum = 0.9, .nesterov = true}, 150)), 0.05);
}

TEST(Progressive_06_3, RMSpropLearnsXor) {
  EXPECT_LT((train_on_xor<RMSprop>(RMSpropOptions{.lr = 0.02, .centered = true}, 150)), 0.05);
}

TEST(Progressive_06_4, AdamLearnsXor) { EXPECT_LT((train_on_xor<Adam>(AdamOptions{.lr = 0.05}, 150)), 0.05); }

TEST(Progressive_06_5, AdamWLearnsXor) { EXPECT_LT((train_on_xor<AdamW>(AdamWOptions{.lr = 0.05}, 150)), 0.05); }

TEST(Progressive_06_1, ParametersOfAModuleAreStepsOwnTensors) {
  Sequential net = make_net(1);
  SGD optimizer(net.parameters(), {.lr = 1});
  EXPECT_EQ(optimizer.parameters(0).size(), 4u);
  const Array before = net.named_parameters()[0].second.value().clone();
  cross_entropy(net(Xor().inputs), Xor().labels).backward();
  optimizer.zero_grad();
  for (const auto& [name, parameter] : net.named_parameters()) EXPECT_FALSE(parameter.grad().defined()) << name;
}

TEST(Progressive_06_5, DecayOnWeightsOnly) {
  // The usual recipe: biases in a group of their own, without decay. Gradients of 0 leave only the decay.
  Sequential net = make_net(1);
  Tensors weights, biases;
  for (const auto& [name, parameter] : net.named_parameters()) {
    (name.ends_with("weight") ? weights : biases).push_back(parameter);
    Tensor(parameter).set_grad(zeros(parameter.shape()));
  }
  const StateDict before = net.state_dict();
  AdamW optimizer({{.parameters = weights, .options = {.lr = 0.5, .weight_decay = 0.5}},
                   {.parameters = biases, .options = {.lr = 0.5, .weight_decay = 0}}});
  optimizer.step();
  for (const auto& [name, parameter] : net.named_parameters()) {
    std::vector<double> expected = to_doubles(before.at(name));
    for (double& each : expected) each *= name.ends_with("weight") ? 0.75 : 1;
    EXPECT_TRUE(near(parameter.value(), parameter.shape(), expected)) << name;
  }
}

TEST(Progressive_06_6, ModelAndOptimizerContinueTogether) {
  const Xor data;
  const auto steps = [&](Sequential& net, Optimizer& optimizer, int count) {
    for (int t = 0; t < count; ++t) {
      optimizer.zero_grad();
      cross_entropy(net(data.inputs), data.labels).backward();
      optimizer.step();
    }
  };
  Sequential straight = make_net(3);
  AdamW one(straight.parameters());
  steps(straight, one, 10);

  Sequential first = make_net(3);
  AdamW before(first.parameters());
  steps(first, before, 4);
  Sequential second = make_net(99);
  AdamW after(second.parameters(), {.lr = 1});
  second.load_state_dict(first.state_dict());
  after.load_state_dict(before.state_dict());
  steps(second, after, 6);
  for (const auto& [name, value] : straight.state_dict()) EXPECT_TRUE(same_bits(second.state_dict().at(name), value));
}

}  // namespace
}  // namespace rushlight::test
