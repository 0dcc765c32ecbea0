#include "03_layers/linear.hpp"

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// y = x·Wᵀ + b in double, with plain loops.
std::vector<double> plain_linear(const Array& x, const Array& weight, const Array& bias) {
  const std::int64_t in = weight.dim(1), out = weight.dim(0), rows = in == 0 ? 0 : x.size() / in;
  std::vector<double> y;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t o = 0; o < out; ++o) {
      double total = bias.defined() ? bias.data()[o] : 0;
      for (std::int64_t i = 0; i < in; ++i) total += double{x.data()[r * in + i]} * weight.data()[o * in + i];
      y.push_back(total);
    }
  }
  return y;
}

constexpr Tolerance product_tolerance = double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{1e-5, 1e-5};

TEST(Unit_03_2, ByHand) {
  const Array x({2, 3}, {1, 2, 3, 4, 5, 6});
  const Array weight({2, 3}, {1, 0, -1, 2, 1, 0});
  EXPECT_TRUE(near(linear(x, weight, Array({2}, {10, 20})).value(), {2, 2}, {8, 24, 8, 33}, exactly));
  EXPECT_TRUE(near(linear(x, weight).value(), {2, 2}, {-2, 4, -2, 13}, exactly));
}

TEST(Unit_03_2, AgreesWithPlainLoopsForRandomShapes) {
  Generator g(11);
  for (int trial = 0; trial < 30; ++trial) {
    const std::int64_t in = 1 + g.below(9), out = 1 + g.below(9);
    Shape shape;
    const auto leading = static_cast<int>(g.below(4));
    for (int axis = 0; axis < leading; ++axis) shape.push_back(1 + g.below(4));
    Shape expected = shape;
    shape.push_back(in);
    expected.push_back(out);
    const Array x = randn(shape, 100 + trial), weight = randn({out, in}, 200 + trial), bias = randn({out}, 300 + trial);
    EXPECT_TRUE(near(linear(x, weight, bias).value(), expected, plain_linear(x, weight, bias), product_tolerance))
        << "x " << shape.str() << ", weight " << weight.shape().str();
  }
}

TEST(Unit_03_2, OneRowHasNoLeadingAxis) {
  const Array y = linear(Array({2}, {3, 4}), Array({3, 2}, {1, 0, 0, 1, 1, 1}), Array({3}, {1, 2, 3})).value();
  EXPECT_TRUE(near(y, {3}, {4, 6, 10}, exactly));
}

TEST(Unit_03_2, EmptyBatch) {
  EXPECT_TRUE(near(linear(Array({0, 3}), ones({2, 3}), ones({2})).value(), {0, 2}, {}));
  EXPECT_TRUE(near(linear(Array({2, 0, 3}), ones({4, 3})).value(), {2, 0, 4}, {}));
}

TEST(Unit_03_2, LargeAndSmallNumbers) {
  const Array weight({1, 2}, {1, -1});
  EXPECT_TRUE(near(linear(Array({2, 2}, {1e4, -1e4, 1e-38, 0}), weight).value(), {2, 1}, {2e4, 1e-38}));
}

TEST(Unit_03_2, InputsAreNotChanged) {
  const Array x = randn({4, 3}, 1), weight = randn({2, 3}, 2), bias = randn({2}, 3);
  const Array before_x = x.clone(), before_weight = weight.clone(), before_bias = bias.clone();
  linear(x, weight, bias);
  EXPECT_TRUE(same_bits(x, before_x));
  EXPECT_TRUE(same_bits(weight, before_weight));
  EXPECT_TRUE(same_bits(bias, before_bias));
}

TEST(Unit_03_2, OneNode) {
  const Tensor weight(randn({2, 3}, 1), true), bias(randn({2}, 2), true);
  const Tensor y = linear(randn({2, 2, 3}, 3), weight, bias);
  ASSERT_TRUE(y.requires_grad());
  EXPECT_STREQ(y.node()->op, "linear");
  EXPECT_EQ(y.node()->inputs.size(), 3u);
  EXPECT_FALSE(linear(randn({2, 3}, 3), weight.value()).requires_grad());
  const Tensor without_bias = linear(randn({2, 3}, 3), weight);
  EXPECT_STREQ(without_bias.node()->op, "linear");
  EXPECT_EQ(without_bias.node()->inputs.size(), 2u);
}

TEST(Unit_03_2, ErrorsNameShapesAndRule) {
  linear(ones({1, 3}), ones({2, 3}));  // the door lets what fits through
  EXPECT_THROWS_WITH(linear(ones({4, 2}), ones({2, 3})), ShapeError, "linear", "(4, 2)", "(2, 3)", "3 inputs");
  EXPECT_THROWS_WITH(linear(ones({}), ones({2, 3})), ShapeError, "linear", "()");
  EXPECT_THROWS_WITH(linear(ones({4, 3}), ones({3})), ShapeError, "weight", "(out, in)");
  EXPECT_THROWS_WITH(linear(ones({4, 3}), ones({2, 3}), ones({3})), ShapeError, "bias", "(3,)", "(2,)");
  EXPECT_THROWS_WITH(linear(ones({4, 3}), ones({2, 3}), ones({1, 2})), ShapeError, "bias", "(1, 2)");
}

TEST(Unit_03_3, LayerComputesLinear) {
  Generator g(1);
  Linear layer({.in = 3, .out = 2}, g);
  layer.weight.set_value(Array({2, 3}, {1, 0, -1, 2, 1, 0}));
  layer.bias.set_value(Array({2}, {10, 20}));
  EXPECT_TRUE(near(layer(Array({1, 2, 3}, {1, 2, 3, 4, 5, 6})).value(), {1, 2, 2}, {8, 24, 8, 33}, exactly));
}

TEST(Unit_03_3, LayerListsWeightThenBias) {
  Generator g(1);
  Linear layer({.in = 3, .out = 2}, g);
  const NamedTensors named = layer.named_parameters();
  ASSERT_EQ(named.size(), 2u);
  EXPECT_EQ(named[0].first, "weight");
  EXPECT_EQ(named[0].second.shape(), (Shape{2, 3}));
  EXPECT_EQ(named[1].first, "bias");
  EXPECT_EQ(named[1].second.shape(), Shape{2});
  EXPECT_EQ(layer.parameter_count(), 8);
  for (const Tensor& parameter : layer.parameters()) EXPECT_TRUE(parameter.requires_grad());
}

TEST(Unit_03_3, LayerWithoutBias) {
  Generator g(1), weight_alone(1);
  Linear layer({.in = 3, .out = 2, .bias = false}, g);
  for (int i = 0; i < 6; ++i) weight_alone.uniform();
  EXPECT_EQ(g.state(), weight_alone.state()) << "nothing is drawn for a bias that is not there";
  EXPECT_FALSE(layer.bias.defined());
  ASSERT_EQ(layer.parameters().size(), 1u);
  EXPECT_TRUE(near(layer(zeros({2, 3})).value(), {2, 2}, {0, 0, 0, 0}, exactly));
}

TEST(Unit_03_3, LayerErrors) {
  Generator g(1);
  Linear({.in = 1, .out = 1}, g);
  EXPECT_THROWS_WITH(Linear({.in = 0, .out = 2}, g), ValueError, "Linear", "in is 0");
  EXPECT_THROWS_WITH(Linear({.in = 3}, g), ValueError, "Linear", "out is 0");
  Linear layer({.in = 3, .out = 2}, g);
  EXPECT_THROWS_WITH(layer(ones({4, 2})), ShapeError, "linear", "(4, 2)", "(2, 3)");
}

}  // namespace
}  // namespace rushlight::test
