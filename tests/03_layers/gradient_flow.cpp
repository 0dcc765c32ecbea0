// The rules of this module against finite differences of every entry. What the layers do as modules is checked in
// gradient_flow_modules.cpp.
#include "03_layers/layers.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(GradientFlow_03_2, Linear) {
  const Function f = [](const Tensors& in) { return linear(in[0], in[1], in[2]); };
  expect_gradients(f, {randn({4, 3}, 1), randn({2, 3}, 2), randn({2}, 3)});
  expect_gradients(f, {randn({2, 2, 3}, 1), randn({2, 3}, 2), randn({2}, 3)});
  expect_gradients(f, {randn({3}, 1), randn({2, 3}, 2), randn({2}, 3)});
  expect_gradients(f, {randn({1, 1}, 1), randn({1, 1}, 2), randn({1}, 3)});
}

TEST(GradientFlow_03_2, LinearWithoutBias) {
  expect_gradients([](const Tensors& in) { return linear(in[0], in[1]); }, {randn({2, 2, 3}, 1), randn({4, 3}, 2)});
}

TEST(GradientFlow_03_2, ByHand) {
  const Tensor x(Array({2, 2}, {1, 2, 3, 4}), true), weight(Array({1, 2}, {5, 6}), true), bias(Array({1}, {0}), true);
  const Tape tape(linear(x, weight, bias), Array({2, 1}, {10, 100}));
  EXPECT_TRUE(near(tape.grad(x), {2, 2}, {50, 60, 500, 600}, exactly));
  EXPECT_TRUE(near(tape.grad(weight), {1, 2}, {310, 420}, exactly));
  EXPECT_TRUE(near(tape.grad(bias), {1}, {110}, exactly));
}

TEST(GradientFlow_03_2, GradientsHaveTheShapesOfTheirInputs) {
  const Tensor x(randn({2, 3, 4}, 1), true), weight(randn({5, 4}, 2), true), bias(randn({5}, 3), true);
  const Tensor y = linear(x, weight, bias);
  const Arrays gradients = local_gradients(*y.node(), cotangent(y.shape()));
  ASSERT_EQ(gradients.size(), 3u);
  EXPECT_EQ(gradients[0].shape(), x.shape());
  EXPECT_EQ(gradients[1].shape(), weight.shape());
  EXPECT_EQ(gradients[2].shape(), bias.shape());
}

TEST(GradientFlow_03_2, NothingIsComputedThatNobodyAskedFor) {
  const Tensor weight(randn({2, 3}, 2), true);
  const Tensor y = linear(randn({4, 3}, 1), weight, randn({2}, 3));
  const Arrays gradients = local_gradients(*y.node(), cotangent(y.shape()));
  ASSERT_EQ(gradients.size(), 3u);
  EXPECT_FALSE(gradients[0].defined()) << "x wants no gradient";
  EXPECT_TRUE(gradients[1].defined());
  EXPECT_FALSE(gradients[2].defined()) << "bias wants no gradient";
}

TEST(GradientFlow_03_2, EmptyBatchGivesZeroGradients) {
  const Tensor weight(randn({2, 3}, 2), true), bias(randn({2}, 3), true);
  const Tape tape(linear(Array({0, 3}), weight, bias), Array({0, 2}));
  EXPECT_TRUE(near(tape.grad(weight), {2, 3}, {0, 0, 0, 0, 0, 0}, exactly));
  EXPECT_TRUE(near(tape.grad(bias), {2}, {0, 0}, exactly));
}

TEST(GradientFlow_03_4, DropoutPassesTheGradientOnWhereItKept) {
  const Array mask({2, 3}, {0, 2, 2, 2, 0, 0});
  expect_gradients([&](const Tensors& in) { return apply_mask(in[0], mask); }, {randn({2, 3}, 1)});
  const Tensor x(randn({2, 3}, 1), true);
  EXPECT_TRUE(near(Tape(apply_mask(x, mask), ones({2, 3})).grad(x), mask, exactly));
}

TEST(GradientFlow_03_4, LayerUsesOneMaskForBothDirections) {
  Generator seeds(2);
  Dropout dropout({.p = 0.5}, seeds);
  const Tensor x(ones({64}), true);
  const Tensor y = dropout(x);
  EXPECT_TRUE(near(Tape(y, ones({64})).grad(x), y.value(), exactly)) << "with x = 1, y is the mask";
}

TEST(GradientFlow_03_4, GradientFlowsThroughInEvaluation) {
  Generator seeds(2);
  Dropout dropout({.p = 0.5}, seeds);
  dropout.eval();
  const Tensor x(randn({4}, 1), true);
  EXPECT_TRUE(near(Tape(dropout(x * x), ones({4})).grad(x), 2 * x.value()));
}

TEST(GradientFlow_03_5, LayerNorm) {
  const Function f = [](const Tensors& in) { return layer_norm(in[0], {5}, in[1], in[2]); };
  expect_gradients(f, {randn({4, 5}, 1), uniform({5}, 2, 0.5, 1.5), randn({5}, 3)});
  expect_gradients(f, {randn({2, 3, 5}, 1), uniform({5}, 2, 0.5, 1.5), randn({5}, 3)});
  expect_gradients(f, {randn({5}, 1), uniform({5}, 2, 0.5, 1.5), randn({5}, 3)});
}

TEST(GradientFlow_03_5, LayerNormWithoutAffine) {
  expect_gradients([](const Tensors& in) { return layer_norm(in[0], {6}); }, {randn({3, 6}, 1)});
}

TEST(GradientFlow_03_5, LayerNormOverSeveralAxes) {
  expect_gradients(
      [](const Tensors& in) {
        return layer_norm(in[0], {2, 3}, in[1], in[2]);
      },
      {randn({2, 2, 3}, 1), uniform({2, 3}, 2, 0.5, 1.5), randn({2, 3}, 3)});
}

TEST(GradientFlow_03_5, AGradientAlongTheRowVanishes) {
  // Shifting or (nearly) scaling a row does not change y, so dx has no component along ones and along x̂.
  const Tensor x(randn({3, 8}, 1), true);
  const Array dx = Tape(layer_norm(x, {8}), cotangent({3, 8})).grad(x);
  ASSERT_EQ(dx.shape(), (Shape{3, 8}));
  for (int row = 0; row < 3; ++row) {
    double along_ones = 0;
    for (int i = 0; i < 8; ++i) along_ones += dx.data()[row * 8 + i];
    EXPECT_NEAR(along_ones, 0, 1e-5);
  }
  EXPECT_TRUE(near(Tape(layer_norm(x, {8}), ones({3, 8})).grad(x), zeros({3, 8}), {0, 1e-6}))
      << "a plain sum of y is 0 whatever x is";
}

TEST(GradientFlow_03_5, LargeNumbersStayFinite) {
  const Tensor x(Array({2, 3}, {1e4, -1e4, 5e3, 1e4, 1e4, 1e4}), true);
  const Array dx = Tape(layer_norm(x, {3}), cotangent({2, 3})).grad(x);
  EXPECT_TRUE(grad_ok(dx, {2, 3}));
}

TEST(GradientFlow_03_6, BatchNormInTraining) {
  const Function f = [](const Tensors& in) {
    return batch_norm(in[0], channel_statistics(in[0].value()), StatisticsFrom::batch, in[1], in[2]);
  };
  expect_gradients(f, {randn({5, 3}, 1), uniform({3}, 2, 0.5, 1.5), randn({3}, 3)});
  expect_gradients(f, {randn({2, 3, 4}, 1), uniform({3}, 2, 0.5, 1.5), randn({3}, 3)});
  expect_gradients(f, {randn({2, 2, 2, 2}, 1), uniform({2}, 2, 0.5, 1.5), randn({2}, 3)});
}

TEST(GradientFlow_03_6, BatchNormWithoutAffine) {
  expect_gradients(
      [](const Tensors& in) { return batch_norm(in[0], channel_statistics(in[0].value()), StatisticsFrom::batch); },
      {randn({6, 2}, 1)});
}

TEST(GradientFlow_03_6, BatchNormWithGivenStatistics) {
  const ChannelStatistics given{Array({3}, {0.5, -1, 0}), Array({3}, {2, 0.5, 1})};
  const Function f = [&](const Tensors& in) { return batch_norm(in[0], given, StatisticsFrom::outside, in[1], in[2]); };
  expect_gradients(f, {randn({5, 3}, 1), uniform({3}, 2, 0.5, 1.5), randn({3}, 3)});
  expect_gradients(f, {randn({2, 3, 2}, 1), uniform({3}, 2, 0.5, 1.5), randn({3}, 3)});
}

TEST(GradientFlow_03_7, SequentialPassesThroughEveryLayer) {
  // With toy layers y = tanh(a·x) in a chain, so that no other task is needed.
  struct Step : Module {
    explicit Step(Real a) : a(Array::scalar(a), true) {}
    Tensor a;
    Tensor forward(const Tensor& x) override { return exp(x * a); }
    void members(Members& m) override { m("a", a); }
  };
  Sequential net{Step(0.5), Step(-0.25), Step(1)};
  const Tensor x(randn({3}, 1), true);
  const Tensor y = net(x);
  const Tape tape(y, cotangent(y.shape()));
  EXPECT_TRUE(grad_ok(tape.grad(x), x.shape()));
  for (const auto& [name, parameter] : net.named_parameters()) EXPECT_TRUE(grad_ok(tape.grad(parameter), {})) << name;
}

}  // namespace
}  // namespace rushlight::test
