#include "02_activations/activations.hpp"
#include "03_layers/layers.hpp"
#include "05_autograd/autograd.hpp"
#include "module_cases.hpp"
#include "plain.hpp"

namespace rushlight::test {
namespace {

const BackwardPass engine = [](const Tensor& y, const Array& seed) { y.backward(seed); };

// The engine of module 05 instead of the naive tape.
TEST(Progressive_09_5, TheEngineDifferentiatesConv2d) { expect_module(spatial_module_case("Conv2d"), engine); }
TEST(Progressive_09_6, TheEngineDifferentiatesMaxPool2d) {
  expect_module(spatial_module_case("MaxPool2dOverlapping"), engine);
}
TEST(Progressive_09_7, TheEngineDifferentiatesThePools) {
  expect_module(spatial_module_case("AvgPool2d"), engine);
  expect_module(spatial_module_case("AdaptiveAvgPool2d"), engine);
}
TEST(Progressive_09_8, TheEngineDifferentiatesBatchNorm2d) {
  expect_module(spatial_module_case("BatchNorm2d"), engine);
}
TEST(Progressive_09_9, TheEngineDifferentiatesTheResidualBlock) {
  expect_module(spatial_module_case("ResidualBlockProjecting"), engine);
}

Sequential small_cnn() {
  Generator g(21);
  return Sequential{Conv2d({.in = 1, .out = 4, .kernel = 3, .padding = 1}, g), Relu(), MaxPool2d(), Flatten(),
                    Linear({.in = 4 * 4 * 4, .out = 3}, g)};
}

// Conv, relu, pool, linear: every parameter and the image receive a gradient (8x8 images, as in the course's plan).
TEST(Progressive_09_6, GradientsFlowThroughASmallNetwork) {
  Sequential net = small_cnn();
  const Tensor x(randn({2, 1, 8, 8}, 22), true);
  const Tensor y = net(x);
  y.backward(cotangent(y.shape()));
  EXPECT_TRUE(grad_ok(x.grad(), x.shape(), 1e-6)) << "x";
  for (const auto& [name, parameter] : net.named_parameters()) {
    EXPECT_TRUE(grad_ok(parameter.grad(), parameter.shape(), 1e-6)) << name;
  }
  EXPECT_EQ(net.named_parameters().size(), 4u);
}

// A bright bar, lying (class 0), standing (1), or none (2), at a random place, in noise.
struct Bars {
  Array images;
  std::vector<int> labels;
};

Bars bars(std::int64_t count, std::uint64_t seed) {
  Generator g(seed);
  Bars data{rand({count, 1, 8, 8}, g, 0, 0.3), {}};
  const auto pixels = data.images.mutable_data();
  for (std::int64_t n = 0; n < count; ++n) {
    const int label = static_cast<int>(n % 3);
    const std::int64_t line = 1 + g.below(6), start = g.below(4);
    data.labels.push_back(label);
    for (std::int64_t i = start; i < start + 5 && label < 2; ++i) {
      pixels[n * 64 + (label == 0 ? line * 8 + i : i * 8 + line)] = 1;
    }
  }
  return data;
}

Tensor squared_error(const Tensor& y, const std::vector<int>& labels) {
  Array target = Array::full(y.shape(), 0);
  for (std::size_t n = 0; n < labels.size(); ++n) target.mutable_data()[n * 3 + labels[n]] = 1;
  const Tensor difference = y - Tensor(target);
  return mean(difference * difference);
}

double accuracy(Module& net, const Bars& data) {
  const Array y = net(data.images).value();
  double right = 0;
  for (std::size_t n = 0; n < data.labels.size(); ++n) {
    const auto row = y.data().subspan(n * 3, 3);
    right += std::max_element(row.begin(), row.end()) - row.begin() == data.labels[n] ? 1 : 0;
  }
  return right / static_cast<double>(data.labels.size());
}

void train(Module& net, const Bars& data, int steps, Real rate) {
  for (int step = 0; step < steps; ++step) {
    net.zero_grad();
    squared_error(net(data.images), data.labels).backward();
    for (Tensor& parameter : net.parameters()) {
      const auto values = parameter.mutable_value().mutable_data();
      for (std::size_t i = 0; i < values.size(); ++i) values[i] -= rate * parameter.grad().data()[i];
    }
  }
}

// It learns what a bar is, wherever it lies: bars that it has not seen are told apart too.
TEST(Progressive_09_6, LearnsBarsItHasNotSeen) {
  Sequential net = small_cnn();
  const Bars seen = bars(96, 23);
  const double before = squared_error(net(seen.images), seen.labels).item();
  train(net, seen, 100, static_cast<Real>(0.6));
  EXPECT_LT(squared_error(net(seen.images), seen.labels).item(), before / 4);
  EXPECT_GT(accuracy(net, bars(150, 24)), 0.9);
}

TEST(Progressive_09_9, AResidualNetworkLearnsAndEvaluates) {
  Generator g(25);
  Sequential net{Conv2d({.in = 1, .out = 4, .kernel = 3, .padding = 1}, g),
                 ResidualBlock({.in = 4, .out = 4}, g),
                 ResidualBlock({.in = 4, .out = 6, .stride = 2}, g),
                 AdaptiveAvgPool2d(),
                 Flatten(),
                 Linear({.in = 6, .out = 3}, g)};
  const Bars seen = bars(32, 26);
  train(net, seen, 60, static_cast<Real>(0.8));
  net.eval();
  EXPECT_GT(accuracy(net, bars(90, 27)), 0.9);

  // Its state in another network gives the same numbers: running statistics are part of it.
  Generator other_seed(99);
  Sequential copy{Conv2d({.in = 1, .out = 4, .kernel = 3, .padding = 1}, other_seed),
                  ResidualBlock({.in = 4, .out = 4}, other_seed),
                  ResidualBlock({.in = 4, .out = 6, .stride = 2}, other_seed),
                  AdaptiveAvgPool2d(),
                  Flatten(),
                  Linear({.in = 6, .out = 3}, other_seed)};
  copy.load_state_dict(net.state_dict());
  copy.eval();
  const Bars few = bars(6, 28);
  EXPECT_TRUE(same_bits(copy(few.images).value(), net(few.images).value()));
}

// In evaluation an image's result does not depend on its neighbours in the batch.
TEST(Progressive_09_8, EvaluationLooksAtOneImageAtATime) {
  Generator g(29);
  Sequential net{Conv2d({.in = 1, .out = 2, .kernel = 3}, g), BatchNorm2d({.features = 2}), Relu()};
  net(randn({4, 1, 5, 5}, 30));
  net.eval();
  const Array two = randn({2, 1, 5, 5}, 31);
  const Array first(Shape{1, 1, 5, 5}, std::vector<Real>(two.data().begin(), two.data().begin() + 25));
  const Array together = net(two).value(), alone = net(first).value();
  const Array half({1, 2, 3, 3}, std::vector<Real>(together.data().begin(), together.data().begin() + 18));
  EXPECT_TRUE(near(alone, half, {1e-5, 1e-6}));
}

// One image twice in a network: gradients of both uses arrive in the shared weight.
TEST(Progressive_09_4, ASharedWeightReceivesBothGradients) {
  const Tensor w(eighths({1, 1, 3, 3}, 32), true), x(eighths({1, 1, 5, 5}, 33));
  const Tensor once = conv2d(x, w, {}, {.padding = 1});
  conv2d(once, w, {}, {.padding = 1}).backward(Array::full({1, 1, 5, 5}, 1));
  EXPECT_TRUE(near(w.grad(),
                   tape_gradients(
                       [&](const Tensors& in) {
                         return sum(conv2d(conv2d(x, in[0], {}, {.padding = 1}), in[0], {}, {.padding = 1}));
                       },
                       {w.value()})[0] *
                       static_cast<Real>(1 / 0.21),
                   {1e-4, 1e-4}));
}

}  // namespace
}  // namespace rushlight::test
