#include "plain.hpp"

namespace rushlight::test {
namespace {

struct Moments {
  double mean, biased, unbiased;
};

// Of channel c of x (N, C, H, W).
Moments moments(const Array& x, std::int64_t c) {
  const std::int64_t C = x.dim(1), plane = x.dim(2) * x.dim(3);
  double total = 0, squares = 0, count = 0;
  const auto each = [&](auto visit) {
    for (std::int64_t k = 0; k < x.size(); ++k) {
      if (k / plane % C == c) visit(static_cast<double>(x.data()[k]));
    }
  };
  each([&](double v) { total += v, count += 1; });
  each([&](double v) { squares += (v - total / count) * (v - total / count); });
  return {total / count, squares / count, squares / (count - 1)};
}

TEST(Unit_09_8, NormalisesEachChannelWithTheBiasedVariance) {
  BatchNorm2d norm({.features = 3});
  norm.weight.set_value(Array(Shape{3}, {0.5, 2, -1}));
  norm.bias.set_value(Array(Shape{3}, {1, 0, -2}));
  const Array x = randn({2, 3, 2, 3}, 41);
  Doubles expected;
  for (std::int64_t k = 0; k < x.size(); ++k) {
    const std::int64_t c = k / 6 % 3;
    const Moments m = moments(x, c);
    expected.push_back((x.data()[k] - m.mean) / std::sqrt(m.biased + 1e-5) * norm.weight.value().data()[c] +
                       norm.bias.value().data()[c]);
  }
  EXPECT_TRUE(near(norm(x).value(), x.shape(), expected, close));
}

TEST(Unit_09_8, TracksTheUnbiasedVariance) {
  BatchNorm2d norm({.features = 2, .momentum = 0.25});
  const Array first = randn({2, 2, 3, 1}, 42), second = randn({1, 2, 2, 2}, 43);
  norm(first);
  norm(second);
  Doubles mean, variance;
  for (std::int64_t c = 0; c < 2; ++c) {
    const Moments a = moments(first, c), b = moments(second, c);
    mean.push_back(0.75 * (0.25 * a.mean) + 0.25 * b.mean);
    variance.push_back(0.75 * (0.75 + 0.25 * a.unbiased) + 0.25 * b.unbiased);
  }
  EXPECT_TRUE(near(norm.running_mean.value(), {2}, mean, close));
  EXPECT_TRUE(near(norm.running_var.value(), {2}, variance, close));
  EXPECT_EQ(norm.num_batches_tracked.item(), 2);
}

TEST(Unit_09_8, EvaluationUsesTheRunningEstimateAndKeepsIt) {
  BatchNorm2d norm({.features = 2});
  norm.running_mean.set_value(Array(Shape{2}, {1, -2}));
  norm.running_var.set_value(Array(Shape{2}, {4, 0.25}));
  norm.eval();
  const Array x = eighths({1, 2, 1, 2}, 44);
  Doubles expected;
  for (std::int64_t k = 0; k < 4; ++k) {
    expected.push_back(k < 2 ? (x.data()[k] - 1) / std::sqrt(4 + 1e-5) : (x.data()[k] + 2) / std::sqrt(0.25 + 1e-5));
  }
  EXPECT_TRUE(near(norm(x).value(), x.shape(), expected, close));
  EXPECT_TRUE(near(norm.running_mean.value(), {2}, {1, -2}, exactly));
  EXPECT_TRUE(near(norm.running_var.value(), {2}, {4, 0.25}, exactly));
  EXPECT_EQ(norm.num_batches_tracked.item(), 0);
}

TEST(Unit_09_8, ListsParametersAndBuffers) {
  BatchNorm2d norm({.features = 2}), bare({.features = 2, .affine = false});
  const auto names = [](const NamedTensors& named) {
    std::string all;
    for (const auto& [name, tensor] : named) all += name + " ";
    return all;
  };
  EXPECT_NO_THROW(norm(eighths({1, 2, 2, 2}, 1)));
  EXPECT_EQ(names(norm.named_parameters()), "weight bias ");
  EXPECT_EQ(names(norm.named_buffers()), "running_mean running_var num_batches_tracked ");
  EXPECT_EQ(names(bare.named_parameters()), "");
  EXPECT_TRUE(near(norm.weight.value(), {2}, {1, 1}, exactly));
  EXPECT_TRUE(near(norm.bias.value(), {2}, {0, 0}, exactly));
}

TEST(Unit_09_8, RefusesWhatItCannotNormaliseAndStaysAsItWas) {
  BatchNorm2d norm({.features = 2});
  EXPECT_THROWS_WITH(norm(eighths({1, 2, 1, 1}, 1)), ValueError, "(1, 2, 1, 1)");
  EXPECT_EQ(norm.num_batches_tracked.item(), 0);
  EXPECT_TRUE(near(norm.running_var.value(), {2}, {1, 1}, exactly));
  norm.eval();
  EXPECT_NO_THROW(norm(eighths({1, 2, 1, 1}, 1)));
  EXPECT_THROWS_WITH(norm(eighths({2, 2}, 1)), ShapeError, "BatchNorm2d", "(2, 2)", "(N, 2, H, W)");
  EXPECT_THROWS_WITH(norm(eighths({2, 2, 4}, 1)), ShapeError, "BatchNorm2d", "(2, 2, 4)");
  EXPECT_THROWS_WITH(norm(eighths({2, 3, 2, 2}, 1)), ShapeError, "BatchNorm2d", "(2, 3, 2, 2)");
  EXPECT_THROWS_WITH(norm(eighths({3, 4, 4, 2}, 1)), ShapeError, "BatchNorm2d", "(3, 4, 4, 2)");  // channels last
  EXPECT_THROWS_WITH(BatchNorm2d({.features = 0}), ValueError, "features is 0");
  EXPECT_THROWS_WITH(BatchNorm2d({.features = 1, .eps = 0}), ValueError, "eps 0");
  EXPECT_THROWS_WITH(BatchNorm2d({.features = 1, .momentum = 1.5}), ValueError, "momentum 1.5");
}

TEST(Unit_09_8, FourAxesAndNoOther) {
  BatchNorm2d norm({.features = 2});
  for (const bool training : {true, false}) {
    training ? norm.train() : norm.eval();
    for (const Shape& shape : {Shape{}, Shape{2}, Shape{2, 2}, Shape{2, 2, 2}, Shape{2, 2, 2, 2, 2},
                               Shape{2, 2, 2, 2, 2, 2}, Shape{2, 1, 2, 2}, Shape{2, 4, 2, 2}, Shape{1, 4, 4, 2}}) {
      EXPECT_THROWS_WITH(norm(ones(shape)), ShapeError, "BatchNorm2d", shape.str());
    }
  }
  EXPECT_EQ(norm.num_batches_tracked.item(), 0);
  EXPECT_TRUE(near(norm.running_mean.value(), {2}, {0, 0}, exactly));
}

}  // namespace
}  // namespace rushlight::test
