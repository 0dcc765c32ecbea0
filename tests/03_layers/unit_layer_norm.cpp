#include "03_layers/layer_norm.hpp"

#include <cmath>
#include <limits>

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// Row by row in double, with plain loops.
std::vector<double> plain_layer_norm(const Array& x, std::int64_t width, double eps) {
  std::vector<double> y;
  for (std::int64_t start = 0; start < x.size(); start += width) {
    double mean = 0, variance = 0;
    for (std::int64_t i = 0; i < width; ++i) mean += x.data()[start + i] / static_cast<double>(width);
    for (std::int64_t i = 0; i < width; ++i)
      variance += std::pow(x.data()[start + i] - mean, 2) / static_cast<double>(width);
    for (std::int64_t i = 0; i < width; ++i) y.push_back((x.data()[start + i] - mean) / std::sqrt(variance + eps));
  }
  return y;
}

constexpr Tolerance layer_norm_tolerance = double_precision ? Tolerance{1e-9, 1e-11} : Tolerance{2e-5, 5e-6};

struct LayerNormGolden {
  nlohmann::json json = golden("activations_norms.json").at("layer_norm");
  Tensor x{array_of(json.at("x")), true};
  Tensor weight{array_of(json.at("gamma")), true};
  Tensor bias{array_of(json.at("beta")), true};
  std::vector<double> expected(const char* key) const { return values_of(json.at(key)); }
  Array seed() const {
    const std::vector<double> weights = expected("w");
    Array c({3, 4});
    for (std::int64_t i = 0; i < 12; ++i) c.mutable_data()[i] = static_cast<Real>(weights[i % 4]);
    return c;
  }
};

TEST(Unit_03_5, GoldenForward) {
  const LayerNormGolden g;
  EXPECT_TRUE(near(layer_norm(g.x, {4}, g.weight, g.bias).value(), {3, 4}, g.expected("y"),
                   double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{5e-6, 5e-7}));
}

TEST(Unit_03_5, GoldenGradients) {
  const LayerNormGolden g;
  const Tape tape(layer_norm(g.x, {4}, g.weight, g.bias), g.seed());
  EXPECT_TRUE(near(tape.grad(g.x), {3, 4}, g.expected("dx"), gradient_tolerance));
  EXPECT_TRUE(near(tape.grad(g.weight), {4}, g.expected("dgamma"), gradient_tolerance));
  EXPECT_TRUE(near(tape.grad(g.bias), {4}, g.expected("dbeta"), gradient_tolerance));
}

// The mean of equal numbers is rounded like any other, and one last digit of 12345.678 is 0.3 deviations beside eps.
TEST(Unit_03_5, ARowOfEqualNumbersIsZero) {
  for (const double value : {12345.678, -98765.4321, 1e7 / 3, 0.1, 1e20 / 3}) {
    for (const std::int64_t width : {3, 7, 48, 100, 769}) {
      const Array x = Array::full({4, width}, static_cast<Real>(value));
      const Array y = layer_norm(x, {width}).value();
      for (const Real each : y.data()) ASSERT_EQ(each, 0) << value << " at width " << width;
      const Array shifted = layer_norm(x, {width}, Array::full({width}, 2), Array::full({width}, 5)).value();
      for (const Real each : shifted.data()) ASSERT_EQ(each, 5) << value << " at width " << width;
    }
  }
}

// What the backward pass makes of the saved mean must be that 0, too.
TEST(Unit_03_5, ARowOfEqualNumbersMovesNoWeight) {
  for (const double value : {12345.678, -98765.4321, 1e7 / 3}) {
    for (const std::int64_t width : {3, 7, 48, 100, 769}) {
      const Tensor weight(ones({width}), true), bias(zeros({width}), true);
      const Tensor y = layer_norm(Array::full({4, width}, static_cast<Real>(value)), {width}, weight, bias);
      const Array to_weight = Tape(y, ones({4, width})).grad(weight);
      for (const Real each : to_weight.data()) ASSERT_EQ(each, 0) << value << " at width " << width;
    }
  }
}

TEST(Unit_03_5, ComposedForwardReturnsWhatBackwardNeeds) {
  const Array x({2, 2}, {1, 3, -2, 6});
  const LayerNormForward result = composed_layer_norm(x, Array(), Array(), 0);
  EXPECT_TRUE(near(result.mean, {2, 1}, {2, 2}, exactly));
  EXPECT_TRUE(near(result.rstd, {2, 1}, {1, 0.25}));
  EXPECT_TRUE(near(result.y, {2, 2}, {-1, 1, -1, 1}));
}

TEST(Unit_03_5, AgreesWithPlainLoopsForRandomShapes) {
  Generator g(5);
  for (int trial = 0; trial < 20; ++trial) {
    const std::int64_t rows = 1 + g.below(5), width = 2 + g.below(40);
    const Array x = randn({rows, 2, width}, 400 + trial);
    EXPECT_TRUE(
        near(layer_norm(x, {width}).value(), x.shape(), plain_layer_norm(x, width, 1e-5), layer_norm_tolerance));
  }
}

TEST(Unit_03_5, SeveralAxesCountAsOneRow) {
  const Array x = randn({2, 3, 4}, 1);
  EXPECT_TRUE(near(layer_norm(x, {3, 4}).value(), {2, 3, 4}, plain_layer_norm(x, 12, 1e-5), layer_norm_tolerance));
  EXPECT_TRUE(near(layer_norm(x, {2, 3, 4}).value(), {2, 3, 4}, plain_layer_norm(x, 24, 1e-5), layer_norm_tolerance));
}

TEST(Unit_03_5, ALargeOffsetDoesNotDrownTheDifferences) {
  const Array x({2, 4}, {10001, 10002, 10003, 10004, -9999, -9998, -9997, -9996});
  EXPECT_TRUE(near(layer_norm(x, {4}).value(), {2, 4}, plain_layer_norm(x, 4, 1e-5), layer_norm_tolerance));
}

TEST(Unit_03_5, ScaleOfARowDoesNotMatter) {
  const Array x = randn({3, 6}, 1);
  Array large(x.shape());
  for (std::int64_t i = 0; i < x.size(); ++i) large.mutable_data()[i] = 1024 * x.data()[i] + 512;
  EXPECT_TRUE(near(layer_norm(large, {6}).value(), layer_norm(x, {6}).value(), {1e-4, 1e-4}));
}

TEST(Unit_03_5, AConstantRowIsZeroNotNaN) {
  const Array y =
      layer_norm(Array::full({2, 5}, 3), {5}, Array({5}, {1, 2, 3, 4, 5}), Array({5}, {5, 4, 3, 2, 1})).value();
  EXPECT_TRUE(near(y, {2, 5}, {5, 4, 3, 2, 1, 5, 4, 3, 2, 1}));
  EXPECT_TRUE(near(layer_norm(ones({3, 1}), {1}).value(), {3, 1}, {0, 0, 0}));
}

TEST(Unit_03_5, EpsStandsInsideTheRoot) {
  EXPECT_TRUE(near(layer_norm(Array({1, 2}, {-1, 1}), {2}, {}, {}, 3).value(), {1, 2}, {-0.5, 0.5}));
}

TEST(Unit_03_5, OneNaNSpoilsItsRowOnly) {
  const Real nan = std::numeric_limits<Real>::quiet_NaN();
  const Array y = layer_norm(Array({2, 2}, {nan, 1, -1, 1}), {2}, {}, {}, 3).value();
  EXPECT_TRUE(near(y, {2, 2}, {nan, nan, -0.5, 0.5}));
}

TEST(Unit_03_5, EmptyBatch) { EXPECT_TRUE(near(layer_norm(Array({0, 4}), {4}).value(), {0, 4}, {})); }

TEST(Unit_03_5, TrainingAndEvaluationAreTheSame) {
  LayerNorm norm({.shape = {6}});
  const Array x = randn({3, 6}, 1);
  const Array training = norm(x).value();
  norm.eval();
  EXPECT_TRUE(same_bits(norm(x).value(), training));
}

TEST(Unit_03_5, LayerStartsAsTheIdentityOfTheNorm) {
  LayerNorm norm({.shape = {2, 3}});
  const NamedTensors named = norm.named_parameters();
  ASSERT_EQ(named.size(), 2u);
  EXPECT_EQ(named[0].first, "weight");
  EXPECT_EQ(named[1].first, "bias");
  EXPECT_TRUE(near(norm.weight.value(), ones({2, 3}), exactly));
  EXPECT_TRUE(near(norm.bias.value(), zeros({2, 3}), exactly));
  EXPECT_TRUE(norm.weight.requires_grad() && norm.bias.requires_grad());
  EXPECT_TRUE(LayerNorm({.shape = {3}, .affine = false}).parameters().empty());
}

TEST(Unit_03_5, LayerUsesItsEps) {
  LayerNorm norm({.shape = {2}, .eps = 3});
  EXPECT_TRUE(near(norm(Array({1, 2}, {-1, 1})).value(), {1, 2}, {-0.5, 0.5}));
}

TEST(Unit_03_5, OneNode) {
  LayerNorm norm({.shape = {4}});
  const Tensor x(randn({2, 4}, 1), true);
  const Array before = x.value().clone();
  const Tensor y = norm(x);
  ASSERT_TRUE(y.requires_grad());
  EXPECT_STREQ(y.node()->op, "layer_norm");
  EXPECT_TRUE(same_bits(x.value(), before));
}

// A kernel that can be told from the composed one: it returns rows of sevens.
LayerNormForward sevens(const Array& x, const Array&, const Array&, Real) {
  return {Array::full(x.shape(), 7), zeros({x.dim(0), 1}), ones({x.dim(0), 1})};
}
Array negated(const Array& grad, const Array&, const Array&, const Array&, const Array&) { return -grad; }
Arrays nothing(const Array&, const Array& x, const Array&, const Array&) {
  return {ones({x.dim(1)}), ones({x.dim(1)})};
}

TEST(Unit_03_5, AnInstalledKernelIsUsedForwardAndBackward) {
  const Tensor x(randn({2, 3}, 1), true);
  layer_norm_slot.install(Device::cpu, {sevens, negated, nothing});
  const Tensor y = layer_norm(x, {3});
  const Array gradient = Tape(y, ones({2, 3})).grad(x);
  layer_norm_slot.remove(Device::cpu);
  EXPECT_TRUE(near(y.value(), {2, 3}, {7, 7, 7, 7, 7, 7}, exactly));
  EXPECT_TRUE(near(gradient, {2, 3}, {-1, -1, -1, -1, -1, -1}, exactly));
  EXPECT_TRUE(near(layer_norm(Array({1, 2}, {-1, 1}), {2}, {}, {}, 3).value(), {1, 2}, {-0.5, 0.5}));
}

TEST(Unit_03_5, Errors) {
  LayerNorm({.shape = {1}});
  EXPECT_THROWS_WITH(layer_norm(ones({2, 3}), {4}), ShapeError, "layer_norm", "(2, 3)", "(4,)");
  EXPECT_THROWS_WITH(layer_norm(ones({3}), {2, 3}), ShapeError, "layer_norm", "(3,)", "(2, 3)");
  EXPECT_THROWS_WITH(layer_norm(ones({2, 3}), {3}, ones({2}), ones({3})), ShapeError, "weight is (2,)");
  EXPECT_THROWS_WITH(layer_norm(ones({2, 3}), {3}, ones({3})), ValueError, "weight and bias");
  EXPECT_THROWS_WITH(LayerNorm({.shape = {}}), ValueError, "LayerNorm", "()");
  EXPECT_THROWS_WITH(LayerNorm({.shape = {0}}), ValueError, "LayerNorm", "(0,)");
  EXPECT_THROWS_WITH(LayerNorm({.shape = {3}, .eps = 0}), ValueError, "eps is 0");
}

}  // namespace
}  // namespace rushlight::test
