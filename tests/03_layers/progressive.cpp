// Layers with what modules 01 and 02 brought along: whole networks, before there is an engine.
#include "02_activations/activations.hpp"
#include "03_layers/layers.hpp"
#include "support/module_checks.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

Generator seeded(std::uint64_t seed) { return Generator(seed); }

// x + mlp(norm(x)): a residual block, with the shape of what transformers are made of.
struct Block : Module {
  explicit Block(Generator& g)
      : norm({.shape = {4}}), up({.in = 4, .out = 6}, g), dropout({.p = 0.25}, g), down({.in = 6, .out = 4}, g) {}
  LayerNorm norm;
  Linear up;
  Dropout dropout;
  Linear down;
  Tensor forward(const Tensor& x) override { return x + down(dropout(gelu(up(norm(x))))); }
  void members(Members& m) override {
    m("norm", norm);
    m("up", up);
    m("dropout", dropout);
    m("down", down);
  }
};

TEST(Progressive_03_5, AModuleOfLayersAndFunctions) {
  expect_module({"Block",
                 "Block",
                 [] {
                   Generator g(3);
                   return std::make_unique<Block>(g);
                 },
                 {2, 3, 4},
                 {{"norm.weight", {4}},
                  {"norm.bias", {4}},
                  {"up.weight", {6, 4}},
                  {"up.bias", {6}},
                  {"down.weight", {4, 6}},
                  {"down.bias", {4}}}});
}

TEST(Progressive_03_2, TwoLayersWithAnActivationBetween) {
  expect_gradients([](const Tensors& in) { return linear(tanh(linear(in[0], in[1], in[2])), in[3], in[4]); },
                   {randn({3, 2}, 1), randn({4, 2}, 2), randn({4}, 3), randn({2, 4}, 4), randn({2}, 5)});
}

TEST(Progressive_03_2, LinearIntoSoftmax) {
  expect_gradients([](const Tensors& in) { return softmax(linear(in[0], in[1], in[2]), -1); },
                   {randn({3, 2}, 1), randn({4, 2}, 2), randn({4}, 3)});
}

TEST(Progressive_03_2, SharedWeightCollectsFromBothUses) {
  expect_gradients([](const Tensors& in) { return linear(tanh(linear(in[0], in[1])), in[1]); },
                   {randn({3, 4}, 1), randn({4, 4}, 2)});
}

TEST(Progressive_03_3, ALayerUnderASlicedInput) {
  Generator g = seeded(1);
  Linear layer({.in = 2, .out = 3}, g);
  expect_gradients([&](const Tensors& in) { return layer(slice(in[0], 1, {.start = 1, .stop = 3})); },
                   {randn({4, 5}, 1)});
}

TEST(Progressive_03_4, DropoutBetweenOps) {
  Generator g = seeded(1);
  const Array mask = dropout_mask({3, 4}, 0.5, g);
  expect_gradients([&](const Tensors& in) { return sum(apply_mask(in[0] * in[1], mask), {0}); },
                   {randn({3, 4}, 1), randn({4}, 2)});
}

TEST(Progressive_03_5, LayerNormOfAResidualSum) {
  expect_gradients([](const Tensors& in) { return layer_norm(in[0] + sigmoid(in[0]), {4}, in[1], in[2]); },
                   {randn({3, 4}, 1), uniform({4}, 2, 0.5, 1.5), randn({4}, 3)});
}

TEST(Progressive_03_6, BatchNormBehindLinearSwallowsItsBias) {
  // A bias shifts every example of a channel alike, and the norm takes the mean away: its true gradient is zero.
  Generator g = seeded(1);
  Linear layer({.in = 3, .out = 2}, g);
  BatchNorm1d norm({.features = 2});
  const Tensor y = tanh(norm(layer(randn({6, 3}, 1))));
  const Tape tape(y, cotangent(y.shape()));
  EXPECT_TRUE(grad_ok(tape.grad(layer.weight), {2, 3}));
  EXPECT_TRUE(tape.reached(layer.bias));
  EXPECT_TRUE(near(tape.grad(layer.bias), {2}, {0, 0}, {0, 1e-6}));
}

TEST(Progressive_03_7, AClassifierFromImageToLogProbabilities) {
  Generator g = seeded(5);
  Sequential net{Flatten(), Linear({.in = 12, .out = 8}, g), BatchNorm1d({.features = 8}),
                 Relu(),    Dropout({.p = 0.2}, g),          Linear({.in = 8, .out = 3}, g)};
  const Tensor images(randn({5, 3, 4}, 1), true);
  const Tensor y = log_softmax(net(images), -1);
  ASSERT_EQ(y.shape(), (Shape{5, 3}));
  const Tape tape(y, cotangent(y.shape()));
  EXPECT_TRUE(grad_ok(tape.grad(images), images.shape()));
  for (const auto& [name, parameter] : net.named_parameters()) {
    const bool swallowed = name == "1.bias";  // behind it stands a batch norm
    EXPECT_TRUE(grad_ok(tape.grad(parameter), parameter.shape(), swallowed ? -1 : 1e-8)) << name;
  }
  EXPECT_EQ(net.parameter_count(), 12 * 8 + 8 + 8 + 8 + 8 * 3 + 3);
}

TEST(Progressive_03_7, BracesBuildInReadingOrder) {
  Generator a = seeded(5), b = seeded(5);
  Sequential net{Linear({.in = 2, .out = 2}, a), Tanh(), Linear({.in = 2, .out = 2}, a)};
  const Linear first({.in = 2, .out = 2}, b), second({.in = 2, .out = 2}, b);
  EXPECT_TRUE(same_bits(dynamic_cast<Linear&>(net[0]).weight.value(), first.weight.value()));
  EXPECT_TRUE(same_bits(dynamic_cast<Linear&>(net[2]).weight.value(), second.weight.value()));
}

TEST(Progressive_03_8, ALoadedNetworkComputesTheSame) {
  const auto network = [](std::uint64_t seed) {
    Generator g(seed);
    return Sequential{Linear({.in = 3, .out = 4}, g), BatchNorm1d({.features = 4}), Gelu(), LayerNorm({.shape = {4}}),
                      Linear({.in = 4, .out = 2}, g)};
  };
  Sequential trained = network(1), fresh = network(2);
  trained(randn({8, 3}, 1));  // moves the running estimate
  fresh.load_state_dict(trained.state_dict());
  trained.eval();
  fresh.eval();
  const Array x = randn({5, 3}, 2);
  EXPECT_TRUE(same_bits(fresh(x).value(), trained(x).value()));
  EXPECT_EQ(fresh.state_dict().size(), 11u);
}

TEST(Progressive_03_8, EveryModuleOfTheCourseSavesAndLoads) {
  for (const ModuleCase& each : module_cases()) {
    const std::unique_ptr<Module> from = each.make(), to = each.make();
    for (Tensor& parameter : from->parameters()) parameter.set_value(randn(parameter.shape(), 9));
    StateDict state = from->state_dict();
    EXPECT_EQ(state.size(), each.parameters.size() + each.buffers.size()) << each.name;
    to->load_state_dict(state);
    for (const auto& [name, value] : to->state_dict())
      EXPECT_TRUE(same_bits(value, state.at(name))) << each.name << " " << name;
    state["surplus"] = ones({1});
    EXPECT_THROWS_WITH(to->load_state_dict(state), ValueError, "unexpected: surplus");
  }
}

}  // namespace
}  // namespace rushlight::test
