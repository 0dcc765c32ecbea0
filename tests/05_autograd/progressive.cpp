// The engine under the functions, layers and losses of modules 01 to 04.
#include <limits>

#include "02_activations/activations.hpp"
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "graphs.hpp"
#include "support/module_checks.hpp"

namespace rushlight::test {
namespace {

Sequential small_net(std::uint64_t seed = 1) {
  Generator g(seed);
  return Sequential{Linear({.in = 4, .out = 6}, g), Gelu(), LayerNorm({.shape = {6}}), Linear({.in = 6, .out = 3}, g)};
}

const Indices& labels() {
  static const Indices five({5}, std::vector<std::int32_t>{0, 2, 1, 1, 0});
  return five;
}

Tensor small_loss(Sequential& net) { return cross_entropy(net(Tensor(randn({5, 4}, 7))), labels()); }

TEST(Progressive_05_1, EveryParameterOfANetIsInTheOrder) {
  Sequential net = small_net();
  const Tensor loss = small_loss(net);
  const Order order = topological_order(loss.node());
  EXPECT_TRUE(is_topological(order, loss.node()));
  for (const auto& [name, parameter] : net.named_parameters()) {
    EXPECT_EQ(std::count(order.begin(), order.end(), parameter.node()), 1) << name;
  }
}

TEST(Progressive_05_2, EveryParameterGetsWhatTheTapeSays) {
  Sequential net = small_net();
  const Tensor loss = small_loss(net);
  const Tape tape(loss, Array::scalar(1));
  loss.backward();
  ASSERT_EQ(net.named_parameters().size(), 6U);
  for (const auto& [name, parameter] : net.named_parameters()) {
    EXPECT_TRUE(grad_ok(parameter.grad(), parameter.shape(), 1e-6)) << name;
    EXPECT_TRUE(near(parameter.grad(), tape.grad(parameter), gradient_tolerance)) << name;
  }
}

TEST(Progressive_05_2, EveryModulePassesItsChecksUnderTheEngine) {
  for (const ModuleCase& each : module_cases()) {
    expect_module(each, [](const Tensor& y, const Array& seed) { y.backward(seed); });
  }
}

TEST(Progressive_05_2, ALayerUsedTwiceGetsBothShares) {
  Generator g(3);
  Linear layer({.in = 4, .out = 4}, g);
  const Tensor x(randn({2, 4}, 5));
  const Tensor y = layer(tanh(layer(x)));
  const Tape tape(y, cotangent(y.shape()));
  y.backward(cotangent(y.shape()));
  EXPECT_TRUE(near(layer.weight.grad(), tape.grad(layer.weight), gradient_tolerance));
  EXPECT_TRUE(near(layer.bias.grad(), tape.grad(layer.bias), gradient_tolerance));
}

TEST(Progressive_05_2, TrainingStepsFollowTheGradient) {  // each small step lowers the loss by about lr · |g|²
  Sequential net = small_net();
  const double lr = 1e-3;
  for (int step = 0; step < 5; ++step) {
    net.zero_grad();
    const Tensor loss = small_loss(net);
    loss.backward();
    double squares = 0;
    for (Tensor parameter : net.parameters()) {
      for (const Real g : parameter.grad().data()) squares += static_cast<double>(g) * g;
      parameter.set_value(parameter.value() - parameter.grad() * static_cast<Real>(lr));
    }
    const double fell = loss.item() - small_loss(net).item();
    EXPECT_NEAR(fell, lr * squares, 0.05 * lr * squares + 1e-6) << "step " << step;
  }
}

TEST(Progressive_05_3, EvaluationUnderNoGradKeepsNothing) {
  Sequential net = small_net();
  net.eval();
  const Tensor x(randn({5, 4}, 7));
  const Tensor with = net(x);
  Tensor without;
  {
    const NoGrad off;
    without = net(x);
    EXPECT_FALSE(without.requires_grad());
  }
  EXPECT_TRUE(same_bits(without.value(), with.detach().value()));
}

TEST(Progressive_05_3, GradOfAHiddenLayerLeavesParametersAlone) {
  Generator g(3);
  Linear first({.in = 4, .out = 6}, g), second({.in = 6, .out = 3}, g);
  const Tensor hidden = relu(first(Tensor(randn({5, 4}, 7))));
  const Tensor loss = cross_entropy(second(hidden), labels());
  const Tape tape(loss, Array::scalar(1));
  const Arrays found = grad(loss, {hidden, first.weight});
  EXPECT_TRUE(near(found[0], tape.grad(hidden), gradient_tolerance));
  EXPECT_TRUE(near(found[1], tape.grad(first.weight), gradient_tolerance));
  for (const Tensor& parameter : {first.weight, first.bias, second.weight, second.bias}) {
    EXPECT_FALSE(parameter.grad().defined());
  }
}

TEST(Progressive_05_4, AHookOnAHiddenLayerSeesItsGradient) {
  Generator g(3);
  Linear first({.in = 4, .out = 6}, g), second({.in = 6, .out = 3}, g);
  const Tensor hidden = relu(first(Tensor(randn({5, 4}, 7))));
  const Tensor loss = cross_entropy(second(hidden), labels());
  const Tape tape(loss, Array::scalar(1));
  Array seen;
  const HookHandle handle = register_hook(hidden, [&](const Array& gradient) {
    seen = gradient.clone();
    return zeros(gradient.shape());  // freezes what lies below
  });
  loss.backward();
  EXPECT_TRUE(near(seen, tape.grad(hidden), gradient_tolerance));
  EXPECT_TRUE(near(first.weight.grad(), zeros(first.weight.shape()), exactly));
  EXPECT_TRUE(near(second.weight.grad(), tape.grad(second.weight), gradient_tolerance));
}

TEST(Progressive_05_5, GradcheckOfFunctionsLayersAndLosses) {
  const Array x = randn({3, 4}, 5), weight = uniform({4}, 6, 0.5, 1.5), bias = randn({4}, 7);
  const Indices classes({3}, std::vector<std::int32_t>{3, 0, 2});
  const std::vector<std::function<Tensor(const Tensors&)>> functions{
      [](const Tensors& in) { return softmax(in[0]); },
      [](const Tensors& in) { return log_softmax(in[0], 0); },
      [](const Tensors& in) { return gelu(in[0], GeluApproximation::tanh); },
      [](const Tensors& in) { return silu(in[0]) * in[1] + in[2]; },
      [](const Tensors& in) { return layer_norm(in[0], {4}, in[1], in[2]); },
      [](const Tensors& in) {
        return linear(in[0], reshape(in[1], {1, 4}));
      },
      [&](const Tensors& in) { return cross_entropy(in[0] * in[1] + in[2], classes, {.label_smoothing = Real(0.1)}); },
      [](const Tensors& in) { return mse_loss(in[0], tanh(in[0] * in[1])); },
  };
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const GradcheckReport report = gradcheck(functions[i], {x, weight, bias});
    EXPECT_TRUE(report.passed) << "function " << i << ": " << report.message;
  }
}

TEST(Progressive_05_5, GradcheckNoticesADropoutLeftOn) {
  Generator seeds(3);
  Dropout dropout({.p = 0.5}, seeds);
  const auto f = [&](const Tensors& in) { return dropout(in[0]); };
  EXPECT_FALSE(gradcheck(f, {randn({4, 5}, 1)}).passed);
  dropout.eval();
  EXPECT_TRUE(gradcheck(f, {randn({4, 5}, 1)}).passed);
}

TEST(Progressive_05_6, TheLayerThatMadeANaNIsNamed) {
  Sequential net = small_net();
  Tensor weight = net.parameters()[0];
  weight.mutable_value().mutable_data()[0] = std::numeric_limits<Real>::quiet_NaN();
  const AnomalyMode watch;
  EXPECT_THROWS_WITH(small_loss(net), ValueError, "linear", "nan");
}

TEST(Progressive_05_6, APictureOfANetWithItsNames) {
  Sequential net = small_net();
  const std::string dot = graph_dot(small_loss(net), net.named_parameters());
  for (const auto& [name, parameter] : net.named_parameters()) {
    EXPECT_NE(dot.find("\"" + name + "\\n"), std::string::npos) << name << " is missing in\n" << dot;
  }
  for (const char* op : {"linear", "gelu", "layer_norm", "cross_entropy"}) {
    EXPECT_NE(dot.find(std::string("\"") + op), std::string::npos) << op << " is missing in\n" << dot;
  }
}

}  // namespace
}  // namespace rushlight::test
