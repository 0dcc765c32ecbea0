#include "01_tensor/op_listener.hpp"
#include "plain.hpp"

namespace rushlight::test {
namespace {

Tensor bias_of(const ConvExample& e) { return e.bias.defined() ? Tensor(e.bias) : Tensor(); }

class Unit_09_4 : public testing::TestWithParam<ConvCase> {};

TEST_P(Unit_09_4, IsTheSumOfItsProducts) {
  const ConvExample e = conv_example(GetParam());
  EXPECT_TRUE(near(conv2d(e.x, e.weight, bias_of(e), GetParam().options).value(), e.y_shape, e.y, exactly));
}

INSTANTIATE_TEST_SUITE_P(Grid, Unit_09_4, testing::ValuesIn(conv_grid()), case_name);

TEST_F(Unit_09_4, ABatchOfLargeImages) {
  const ConvCase c{"LargeImages", {3, 4, 36, 36}, {1, 4, 5, 5}, {}};
  const ConvExample e = conv_example(c);
  EXPECT_TRUE(near(conv2d(e.x, e.weight, e.bias, c.options).value(), e.y_shape, e.y, exactly));
}

TEST_F(Unit_09_4, IsOneOpWithItsInputs) {
  const Tensor x(eighths({1, 2, 4, 4}, 1), true), w(eighths({3, 2, 3, 3}, 2), true), b(eighths(Shape{3}, 3), true);
  const Tensor y = conv2d(x, w, b);
  ASSERT_NE(y.node(), nullptr);
  EXPECT_STREQ(y.node()->op, "conv2d");
  ASSERT_EQ(y.node()->inputs.size(), 3u);
  EXPECT_EQ(y.node()->inputs[0].node, x.node());
  EXPECT_EQ(y.node()->inputs[1].node, w.node());
  EXPECT_EQ(y.node()->inputs[2].node, b.node());
  EXPECT_EQ(conv2d(Tensor(x.value()), Tensor(w.value())).node(), nullptr);
}

TEST_F(Unit_09_4, AnEmptyBatchGivesAnEmptyBatch) {
  EXPECT_EQ(conv2d(Array({0, 2, 4, 4}), eighths({3, 2, 3, 3}, 1)).shape(), Shape({0, 3, 2, 2}));
  EXPECT_EQ(conv2d(Array({0, 2, 4, 4}), eighths({3, 2, 1, 1}, 1)).shape(), Shape({0, 3, 4, 4}));
}

// A NaN reaches the outputs whose window covers it, and no other image.
TEST_F(Unit_09_4, ANaNStaysWhereItsWindowsAre) {
  Array x = eighths({2, 1, 5, 5}, 4);
  x.mutable_data()[0] = std::nan("");
  const Array y = conv2d(x, eighths({1, 1, 3, 3}, 5)).value();
  for (std::int64_t k = 0; k < y.size(); ++k) EXPECT_EQ(std::isnan(y.data()[k]), k == 0) << "output " << k;
}

// 0 times infinity is NaN, in both directions.
TEST_F(Unit_09_4, ZerosHideNothing) {
  const auto with = [](const Shape& shape, std::int64_t place, Real value) {
    Array a = zeros(shape);
    a.mutable_data()[place] = value;
    return a;
  };
  for (const Real broken : {inf, -inf, nan}) {
    const Tensor x(with({1, 1, 3, 3}, 0, broken), true), w(zeros({1, 1, 2, 2}), true);
    const Tensor y = conv2d(x, w);
    const Array dw = gradient_at(y, w, zeros({1, 1, 2, 2}));
    for (std::int64_t k = 0; k < 4; ++k) EXPECT_EQ(std::isnan(y.value().data()[k]), k == 0) << "output " << k;
    for (std::int64_t k = 0; k < 4; ++k) EXPECT_EQ(std::isnan(dw.data()[k]), k == 0) << "tap " << k;
    const Tensor black(zeros({1, 1, 3, 3}), true), last_tap(with({1, 1, 2, 2}, 3, broken));
    const Array dx = gradient_at(conv2d(black, last_tap), black, zeros({1, 1, 2, 2}));
    for (std::int64_t k = 0; k < 9; ++k) EXPECT_EQ(std::isnan(dx.data()[k]), k / 3 > 0 && k % 3 > 0) << "pixel " << k;
  }
}

// The rule reads x and the weight: the graph has to know, so that it can notice a change.
TEST_F(Unit_09_4, AValueChangedBetweenThePassesIsNoticed) {
  for (const int changed : {0, 1}) {
    Tensors in{Tensor(eighths({1, 1, 3, 3}, 1), true), Tensor(eighths({1, 1, 2, 2}, 2), true)};
    const Tensor y = conv2d(in[0], in[1]);
    in[changed].mutable_value().mutable_data()[0] = 100;
    EXPECT_THROWS_WITH(local_gradients(*y.node(), y.value()), GraphError, "conv2d", "changed in place");
  }
}

// How much more memory was taken at any moment than at the beginning.
struct Peak : OpListener {
  std::int64_t now = 0, most = 0;
  OpListener* const before = set_op_listener(this);
  ~Peak() override { set_op_listener(before); }
  void op(const OpCall&) override {}
  void rule_begins(const Node&) override {}
  void rule_ends(const Node&, const Arrays&) override {}
  void memory(std::int64_t bytes) noexcept override { most = std::max(most, now += bytes); }
};

// The columns of one image are 25 times as large as the image: those of a batch must not be there together.
TEST_F(Unit_09_4, ColumnsAreMadeOfOneImageAtATime) {
  constexpr std::int64_t columns = 4 * 5 * 5 * 16 * 16 * sizeof(Real);
  const auto peaks = [](std::int64_t images) {
    const Tensor x(eighths({images, 4, 20, 20}, 1), true), w(eighths({2, 4, 5, 5}, 2), true);
    Peak forward;
    const Tensor y = conv2d(x, w);
    const std::int64_t made = forward.most;
    Peak backward;
    local_gradients(*y.node(), y.value());
    return std::pair{made, backward.most};
  };
  const auto [made, gone_back] = peaks(1);
  const auto [made_of_many, gone_back_of_many] = peaks(12);
  EXPECT_LT(made_of_many, made + 4 * columns) << "twelve images in the forward pass";
  EXPECT_LT(gone_back_of_many, gone_back + 4 * columns) << "twelve images in the backward pass";
}

TEST_F(Unit_09_4, LeavesItsInputsAlone) {
  const Array x = eighths({2, 2, 4, 4}, 1), w = eighths({2, 2, 3, 3}, 2), b = eighths(Shape{2}, 3);
  const Array x0 = x.clone(), w0 = w.clone(), b0 = b.clone();
  const Tensor y = conv2d(Tensor(x, true), Tensor(w, true), Tensor(b, true), {.padding = 1});
  local_gradients(*y.node(), y.value());
  EXPECT_TRUE(same_bits(x, x0));
  EXPECT_TRUE(same_bits(w, w0));
  EXPECT_TRUE(same_bits(b, b0));
}

TEST_F(Unit_09_4, WhatDoesNotFitIsNamed) {
  const Tensor x = eighths({2, 4, 5, 5}, 1), w = eighths({6, 4, 3, 3}, 2);
  EXPECT_EQ(conv2d(x, w).shape(), Shape({2, 6, 3, 3}));
  EXPECT_THROWS_WITH(conv2d(eighths({4, 5, 5}, 1), w), ShapeError, "conv2d", "(4, 5, 5)", "(N, C, H, W)");
  EXPECT_THROWS_WITH(conv2d(x, eighths({6, 4}, 2)), ShapeError, "conv2d", "weight is (6, 4)");
  EXPECT_THROWS_WITH(conv2d(x, eighths({6, 3, 3, 3}, 2)), ShapeError, "4 channels", "(6, 3, 3, 3)", "takes 3");
  EXPECT_THROWS_WITH(conv2d(x, w, {}, {.groups = 2}), ShapeError, "2 group", "takes 8");
  EXPECT_THROWS_WITH(conv2d(x, eighths({6, 1, 3, 3}, 2), {}, {.groups = 4}), ShapeError, "6 outputs", "4 groups");
  EXPECT_THROWS_WITH(conv2d(x, w, eighths(Shape{5}, 3)), ShapeError, "bias is (5,)", "needs bias (6,)");
  EXPECT_THROWS_WITH(conv2d(x, w, {}, {.groups = 0}), ValueError, "groups is 0");
  EXPECT_THROWS_WITH(conv2d(x, w, {}, {.dilation = 3}), ShapeError, "height is 5", "at least 7");
  EXPECT_THROWS_WITH(conv2d(x, w, {}, {.stride = 0}), ValueError, "stride");
}

int forward_calls = 0, backward_calls = 0;

const ConvKernel sevens{[](const Array&, const Array&, const Array&, const ConvOptions&) {
                          ++forward_calls;
                          return Array::full({1, 1, 2, 2}, 7);
                        },
                        [](const Array&, const Array&, const Shape& shape, const ConvOptions&) {
                          ++backward_calls;
                          return Array::full(shape, 8);
                        },
                        [](const Array&, const Array&, const Shape& shape, const ConvOptions&) {
                          ++backward_calls;
                          return Array::full(shape, 9);
                        }};

// While a faster kernel is installed, the op calls it, in both directions; afterwards its own again.
TEST_F(Unit_09_4, TheSlotReplacesForwardAndBackward) {
  const Tensor x(eighths({1, 1, 3, 3}, 1), true), w(eighths({1, 1, 2, 2}, 2), true);
  forward_calls = backward_calls = 0;
  {
    const Installed<ConvKernel> installed(conv2d_slot, sevens);
    const Tensor y = conv2d(x, w);
    EXPECT_EQ(y.value().data()[0], 7);
    const Arrays gradients = local_gradients(*y.node(), y.value());
    EXPECT_EQ(gradients.at(0).data()[0], 8);
    EXPECT_EQ(gradients.at(1).data()[0], 9);
  }
  conv2d(x, w);
  EXPECT_EQ(forward_calls, 1);
  EXPECT_EQ(backward_calls, 2);
}

TEST_F(Unit_09_4, GradientsComeFromTheKernelThatMadeTheValue) {
  const Tensor x(eighths({1, 1, 3, 3}, 1), true), w(eighths({1, 1, 2, 2}, 2), true);
  const Tensor before = conv2d(x, w);
  const Array seed = Array::full({1, 1, 2, 2}, 1);
  const Arrays expected = local_gradients(*before.node(), seed);
  Tensor during;
  {
    const Installed<ConvKernel> installed(conv2d_slot, sevens);
    during = conv2d(x, w);
    const Arrays gradients = local_gradients(*before.node(), seed);
    EXPECT_TRUE(same_bits(gradients.at(0), expected.at(0)));
    EXPECT_TRUE(same_bits(gradients.at(1), expected.at(1)));
  }
  const Arrays gradients = local_gradients(*during.node(), seed);
  EXPECT_EQ(gradients.at(0).data()[0], 8);
  EXPECT_EQ(gradients.at(1).data()[0], 9);
}

// The layer.

TEST(Unit_09_5, StartsAsInPyTorch) {
  Generator g(3), same(3);
  const Conv2d conv({.in = 4, .out = 6, .kernel = {3, 2}, .groups = 2}, g);
  const double bound = 1 / std::sqrt(2.0 * 3 * 2);  // 4/2 channels and 3x2 taps behind one output
  EXPECT_TRUE(near(conv.weight.value(), rand({6, 2, 3, 2}, same, -bound, bound), {1e-6, 1e-6}));
  EXPECT_TRUE(near(conv.bias.value(), rand(Shape{6}, same, -bound, bound), {1e-6, 1e-6}));
  EXPECT_TRUE(conv.weight.requires_grad());
  EXPECT_TRUE(conv.bias.requires_grad());
}

TEST(Unit_09_5, DrawsNothingForABiasThatIsNotThere) {
  Generator g(3), same(3);
  const Conv2d conv({.in = 2, .out = 3, .kernel = 3, .bias = false}, g);
  rand({3, 2, 3, 3}, same, -1, 1);
  EXPECT_EQ(g.state(), same.state());
  EXPECT_FALSE(conv.bias.defined());
}

TEST(Unit_09_5, PassesItsOptionsOn) {
  const ConvCase c{"Layer", {2, 4, 9, 8}, {4, 2, 2, 3}, {{2, 3}, {1, 2}, {3, 1}, 2}};
  const ConvExample e = conv_example(c);
  Generator g(1);
  Conv2d conv(
      {.in = 4, .out = 4, .kernel = {2, 3}, .stride = {2, 3}, .padding = {1, 2}, .dilation = {3, 1}, .groups = 2}, g);
  conv.weight.set_value(e.weight);
  conv.bias.set_value(e.bias);
  EXPECT_TRUE(near(conv(e.x).value(), e.y_shape, e.y, exactly));
}

TEST(Unit_09_5, ListsItsParameters) {
  Generator g(1);
  Conv2d with({.in = 1, .out = 2, .kernel = 3}, g), without({.in = 1, .out = 2, .kernel = 3, .bias = false}, g);
  const NamedTensors named = with.named_parameters();
  ASSERT_EQ(named.size(), 2u);
  EXPECT_EQ(named[0].first, "weight");
  EXPECT_EQ(named[1].first, "bias");
  EXPECT_EQ(with.parameter_count(), 20);
  EXPECT_EQ(without.named_parameters().size(), 1u);
  EXPECT_EQ(without(eighths({1, 1, 4, 4}, 1)).shape(), Shape({1, 2, 2, 2}));
}

TEST(Unit_09_5, OptionsOutOfRangeAreNamed) {
  Generator g(1);
  EXPECT_NO_THROW(Conv2d({.in = 4, .out = 6, .groups = 2}, g));
  EXPECT_THROWS_WITH(Conv2d({.out = 6}, g), ValueError, "in is 0");
  EXPECT_THROWS_WITH(Conv2d({.in = 4}, g), ValueError, "out 0");
  EXPECT_THROWS_WITH(Conv2d({.in = 4, .out = 6, .groups = 4}, g), ValueError, "groups 4");
  EXPECT_THROWS_WITH(Conv2d({.in = 4, .out = 6, .groups = 0}, g), ValueError, "groups 0");
  EXPECT_THROWS_WITH(Conv2d({.in = 4, .out = 6, .kernel = 0}, g), ValueError, "kernel is 0x0");
  EXPECT_THROWS_WITH(Conv2d({.in = 4, .out = 6, .stride = {1, 0}}, g), ValueError, "stride 1x0");
  EXPECT_THROWS_WITH(Conv2d({.in = 4, .out = 6, .padding = -1}, g), ValueError, "padding -1x-1");
}

}  // namespace
}  // namespace rushlight::test
