#include "03_layers/batch_norm.hpp"

#include <cmath>
#include <limits>

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

constexpr Tolerance batch_norm_tolerance = double_precision ? Tolerance{1e-9, 1e-11} : Tolerance{1e-5, 2e-6};

struct BatchNormGolden {
  nlohmann::json json = golden("activations_norms.json").at("batch_norm_train");
  BatchNorm1d norm{{.features = 4}};
  Tensor x{array_of(json.at("x")), true};
  BatchNormGolden() {
    norm.weight.set_value(array_of(json.at("gamma")));
    norm.bias.set_value(array_of(json.at("beta")));
  }
  std::vector<double> expected(const char* key) const { return values_of(json.at(key)); }
};

// (N, C, L) laid out as (N·L, C): the same numbers per channel.
Array positions_as_rows(const Array& x) {
  const std::int64_t n = x.dim(0), c = x.dim(1), l = x.dim(2);
  Array rows({n * l, c});
  const auto to = rows.mutable_data();
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const std::int64_t example = i / (c * l), channel = i / l % c, position = i % l;
    to[(example * l + position) * c + channel] = x.data()[i];
  }
  return rows;
}

// The mean of equal numbers is rounded like any other, and one last digit of 12345.678 is 0.3 deviations beside eps.
TEST(Unit_03_6, AChannelOfEqualNumbersIsZero) {
  for (const Shape& shape : {Shape{3, 2}, Shape{7, 2}, Shape{100, 2}, Shape{5, 2, 11}}) {
    for (const double value : {12345.678, -98765.4321, 1e7 / 3, 0.1}) {
      const Array x = Array::full(shape, static_cast<Real>(value));
      const ChannelStatistics statistics = channel_statistics(x);
      for (const int channel : {0, 1}) {
        EXPECT_EQ(statistics.mean.data()[channel], static_cast<Real>(value)) << shape.str();
        EXPECT_EQ(statistics.variance.data()[channel], 0) << value << " in " << shape.str();
      }
      BatchNorm1d norm({.features = 2});
      const Array y = norm(Tensor(x)).value();
      for (const Real each : y.data()) ASSERT_EQ(each, 0) << value << " in " << shape.str();
    }
  }
}

TEST(Unit_03_6, GoldenStatistics) {
  const BatchNormGolden g;
  const ChannelStatistics statistics = channel_statistics(g.x.value());
  EXPECT_TRUE(near(statistics.mean, {4}, g.expected("batch_mean")));
  EXPECT_TRUE(near(statistics.variance, {4}, g.expected("batch_var_biased"))) << "biased: divided by N";
}

TEST(Unit_03_6, GoldenForward) {
  BatchNormGolden g;
  EXPECT_TRUE(near(g.norm(g.x).value(), {3, 4}, g.expected("y"), batch_norm_tolerance));
}

TEST(Unit_03_6, GoldenGradients) {
  BatchNormGolden g;
  const Tape tape(g.norm(g.x), array_of(g.json.at("w")));
  EXPECT_TRUE(near(tape.grad(g.x), {3, 4}, g.expected("dx"), batch_norm_tolerance));
  EXPECT_TRUE(near(tape.grad(g.norm.weight), {4}, g.expected("dgamma"), batch_norm_tolerance));
  EXPECT_TRUE(near(tape.grad(g.norm.bias), {4}, g.expected("dbeta"), batch_norm_tolerance));
}

TEST(Unit_03_6, GoldenRunningEstimate) {
  BatchNormGolden g;
  g.norm(g.x);
  const auto after = g.json.at("running_after_1_step_momentum_0p1");
  EXPECT_TRUE(near(g.norm.running_mean.value(), {4}, values_of(after.at("mean"))));
  EXPECT_TRUE(near(g.norm.running_var.value(), {4}, values_of(after.at("var")))) << "unbiased: divided by N - 1";
  EXPECT_EQ(g.norm.num_batches_tracked.item(), 1);
}

TEST(Unit_03_6, StatisticsOfPositions) {
  const Array x({2, 2, 2}, {1, 2, 10, 20, 3, 4, 30, 40});
  const ChannelStatistics statistics = channel_statistics(x);
  EXPECT_TRUE(near(statistics.mean, {2}, {2.5, 25}));
  EXPECT_TRUE(near(statistics.variance, {2}, {1.25, 125}));
}

TEST(Unit_03_6, PositionsAreMoreExamples) {
  const Array x = randn({3, 4, 5}, 2);
  BatchNorm1d one({.features = 4}), other({.features = 4});
  const Array y = one(x).value();
  EXPECT_TRUE(near(positions_as_rows(y), other(positions_as_rows(x)).value(), batch_norm_tolerance));
  EXPECT_TRUE(near(one.running_var.value(), other.running_var.value(), batch_norm_tolerance));
}

TEST(Unit_03_6, EveryChannelHasMeanZeroAndVarianceOne) {
  const Array y = BatchNorm1d({.features = 3})(uniform({50, 3}, 1, 5, 9)).value();
  for (int channel = 0; channel < 3; ++channel) {
    double mean = 0, square = 0;
    for (int n = 0; n < 50; ++n) {
      mean += y.data()[n * 3 + channel] / 50.0;
      square += std::pow(y.data()[n * 3 + channel], 2) / 50;
    }
    EXPECT_NEAR(mean, 0, 1e-5);
    EXPECT_NEAR(square, 1, 1e-3);
  }
}

TEST(Unit_03_6, ALargeOffsetDoesNotDrownTheDifferences) {
  const Array x({4, 1}, {10001, 10002, 10003, 10004});
  const double root = std::sqrt(1.25 + 1e-5);
  EXPECT_TRUE(near(BatchNorm1d({.features = 1})(x).value(), {4, 1}, {-1.5 / root, -0.5 / root, 0.5 / root, 1.5 / root},
                   batch_norm_tolerance));
}

TEST(Unit_03_6, EvaluationTreatsEveryExampleAlone) {
  BatchNorm1d norm({.features = 3});
  norm(randn({8, 3}, 1));
  norm.eval();
  const Array x = randn({4, 3}, 2);
  const Array together = norm(x).value();
  for (std::int64_t row = 0; row < 4; ++row) {
    const Array alone = norm(Array({1, 3}, {x.data()[row * 3], x.data()[row * 3 + 1], x.data()[row * 3 + 2]})).value();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(alone.data()[i], together.data()[row * 3 + i]);
  }
}

TEST(Unit_03_6, EpsReachesTrainingAndEvaluation) {
  BatchNorm1d norm({.features = 1, .eps = 3});
  const Array x({2, 1}, {1, 3});  // mean 2, variance 1
  EXPECT_TRUE(near(norm(Tensor(x)).value(), {2, 1}, {-0.5, 0.5}));
  norm.running_mean.set_value(Array({1}, {1}));
  norm.running_var.set_value(Array({1}, {13}));
  norm.eval();
  EXPECT_TRUE(near(norm(Tensor(x)).value(), {2, 1}, {0, 0.5})) << "divided by the root of 13 + 3";
}

TEST(Unit_03_6, AnEarlierGraphKeepsItsStatistics) {
  BatchNorm1d norm({.features = 1});
  norm.eval();
  const Tensor x(Array({2, 1}, {3, 5}), true);
  const Tensor y = norm(x);  // running mean 0, variance 1
  norm.train();
  norm(Array({2, 1}, {100, 900}));
  const Tape tape(y, ones({2, 1}));
  EXPECT_TRUE(near(tape.grad(norm.weight), {1}, {8 / std::sqrt(1 + 1e-5)}, batch_norm_tolerance))
      << "the backward pass must see the statistics of its own forward pass";
}

TEST(Unit_03_6, LayerListsParametersAndBuffers) {
  BatchNorm1d norm({.features = 3});
  ASSERT_EQ(norm.named_parameters().size(), 2u);
  EXPECT_EQ(norm.named_parameters()[0].first, "weight");
  EXPECT_EQ(norm.named_parameters()[1].first, "bias");
  const NamedTensors buffers = norm.named_buffers();
  ASSERT_EQ(buffers.size(), 3u);
  EXPECT_EQ(buffers[0].first, "running_mean");
  EXPECT_EQ(buffers[1].first, "running_var");
  EXPECT_EQ(buffers[2].first, "num_batches_tracked");
  EXPECT_TRUE(near(norm.weight.value(), ones({3}), exactly));
  EXPECT_TRUE(near(norm.bias.value(), zeros({3}), exactly));
  EXPECT_TRUE(near(norm.running_mean.value(), zeros({3}), exactly));
  EXPECT_TRUE(near(norm.running_var.value(), ones({3}), exactly));
  EXPECT_EQ(norm.num_batches_tracked.shape(), Shape{});
  EXPECT_TRUE(norm.weight.requires_grad() && norm.bias.requires_grad());
  for (const auto& [name, buffer] : buffers) EXPECT_FALSE(buffer.requires_grad()) << name;
  EXPECT_TRUE(BatchNorm1d({.features = 3, .affine = false}).parameters().empty());
  norm.weight.mutable_value().mutable_data()[0] = 7;  // as an optimizer does
  norm.bias.mutable_value().mutable_data()[0] = 8;
  EXPECT_TRUE(near(norm.running_var.value(), ones({3}), exactly)) << "each has a buffer of its own";
  EXPECT_TRUE(near(norm.running_mean.value(), zeros({3}), exactly));
}

TEST(Unit_03_6, OneNode) {
  BatchNorm1d norm({.features = 4});
  const Tensor x(randn({3, 4}, 1), true);
  const Array before = x.value().clone();
  const Tensor y = norm(x);
  ASSERT_TRUE(y.requires_grad());
  EXPECT_STREQ(y.node()->op, "batch_norm");
  EXPECT_TRUE(same_bits(x.value(), before));
  EXPECT_FALSE(norm.running_mean.requires_grad()) << "the running estimate must stay out of the graph";
}

TEST(Unit_03_6, OneNaNSpoilsItsChannelOnly) {
  const Real nan = std::numeric_limits<Real>::quiet_NaN();
  const Array y = BatchNorm1d({.features = 2, .eps = 3})(Array({2, 2}, {nan, -1, 0, 1})).value();
  EXPECT_TRUE(near(y, {2, 2}, {nan, -0.5, nan, 0.5}));
}

TEST(Unit_03_6, MoreAxesForLaterModules) {
  const Array x = randn({2, 3, 2, 2}, 1);
  const Array flat(Shape{2, 3, 4}, std::vector<Real>(x.data().begin(), x.data().end()));
  const Array y = batch_norm(x, channel_statistics(x), StatisticsFrom::batch).value();
  ASSERT_EQ(y.shape(), x.shape());
  const Array expected = batch_norm(flat, channel_statistics(flat), StatisticsFrom::batch).value();
  EXPECT_TRUE(near(y, x.shape(), to_doubles(expected), batch_norm_tolerance));
}

TEST(Unit_03_6, Errors) {
  BatchNorm1d norm({.features = 2});
  EXPECT_THROWS_WITH(norm(ones({4, 3})), ShapeError, "BatchNorm1d", "(4, 3)", "(N, 2)");
  EXPECT_THROWS_WITH(norm(ones({2})), ShapeError, "(2,)");
  EXPECT_THROWS_WITH(norm(ones({2, 2, 2, 2})), ShapeError, "(2, 2, 2, 2)");
  EXPECT_THROWS_WITH(BatchNorm1d({.features = 0}), ValueError, "features is 0");
  EXPECT_THROWS_WITH(BatchNorm1d({.features = 2, .eps = 0}), ValueError, "eps 0");
  EXPECT_THROWS_WITH(BatchNorm1d({.features = 2, .momentum = 1.5}), ValueError, "momentum 1.5");
  EXPECT_THROWS_WITH(channel_statistics(ones({3})), ShapeError, "(3,)");
  EXPECT_THROWS_WITH(batch_norm(ones({4, 2}), {ones({3}), ones({2})}, StatisticsFrom::outside), ShapeError,
                     "mean is (3,)");
  EXPECT_THROWS_WITH(batch_norm(ones({4, 2}), {ones({2}), ones({2})}, StatisticsFrom::outside, ones({2}), ones({3})),
                     ShapeError, "bias is (3,)");
  EXPECT_THROWS_WITH(batch_norm(ones({4, 2}), {ones({2}), ones({2})}, StatisticsFrom::outside, ones({2})), ValueError,
                     "weight and bias");
}

}  // namespace
}  // namespace rushlight::test
