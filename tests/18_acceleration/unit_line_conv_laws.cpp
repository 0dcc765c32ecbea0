// What holds for every convolution: its derivatives are its adjoints, threads do not matter, and the op calls it.
#include "09_spatial/conv.hpp"

#include "plain.hpp"

namespace rushlight::test {
namespace {

double dot(const Array& a, const Array& b) {
  double total = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) total += static_cast<double>(a.data()[i]) * b.data()[i];
  return total;
}

TEST(Unit_18_9, TheDerivativesAreTheAdjoints) {  // <dy, conv(x)> = <dx, x> = <dw, w>
  Generator generator(1);
  for (int trial = 0; trial < 20; ++trial) {
    const std::int64_t groups = 1 + generator.below(2), height = 1 + generator.below(3), width = 1 + generator.below(4);
    const ConvOptions options{.padding = {generator.below(3), generator.below(3)},
                              .dilation = {1 + generator.below(2), 1 + generator.below(2)},
                              .groups = groups};
    const Shape image{1 + generator.below(6), 2 * groups, 6 + generator.below(4), 8 + generator.below(4)};
    const Array x = randn(image, 10 + trial), weight = randn({3 * groups, 2, height, width}, 40 + trial);
    const Array y = line_conv2d_forward(x, weight, Array(), options);
    const Array grad = randn(y.shape(), 70 + trial);
    const double expected = dot(grad, y), size = std::sqrt(dot(grad, grad) * dot(y, y));
    const double tolerance = (double_precision ? 1e-12 : 1e-5) * size;
    EXPECT_NEAR(dot(line_conv2d_backward_x(grad, weight, image, options), x), expected, tolerance);
    EXPECT_NEAR(dot(line_conv2d_backward_weight(grad, x, weight.shape(), options), weight), expected, tolerance);
  }
}

TEST(Unit_18_9, ByHand) {  // the sum of each 2 x 2 square, and 100
  const Array x({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(
      near(line_conv2d_forward(x, ones({1, 1, 2, 2}), Array({1}, {100}), {}), {1, 1, 1, 2}, {112, 116}, exactly));
}

TEST(Unit_18_9, ANanStaysInItsWindowAndItsImage) {
  Array x = ones({2, 1, 3, 4});
  x.mutable_data()[3] = nan;  // the last pixel of a row, beside a gap
  const Array y = line_conv2d_forward(x, ones({1, 1, 1, 2}), Array(), {.padding = {0, 1}});
  for (int i = 0; i < 30; ++i) EXPECT_EQ(std::isnan(y.data()[i]), i == 3 || i == 4) << i;
}

void expect_nan_at_the_same_places(const Array& actual, const Array& expected) {
  ASSERT_EQ(actual.shape(), expected.shape());
  for (std::int64_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(std::isnan(actual.data()[i]), std::isnan(expected.data()[i])) << i;
  }
}

// Between the rows of a line stand zeros, and 0 · NaN is NaN: what the gaps read must not come out.
TEST(Unit_18_9, ANanDoesNotCrossTheGaps) {
  const Real infinity = std::numeric_limits<Real>::infinity();
  for (const Real bad : {static_cast<Real>(nan), infinity}) {
    for (const std::int64_t padding : {0, 1}) {
      const ConvOptions options{.padding = padding};
      Array x = randn({2, 1, 4, 5}, 1), weight = randn({2, 1, 2, 3}, 2);
      const Array grad = randn(conv2d_forward(x, weight, Array(), options).shape(), 3);
      x.mutable_data()[20] = bad;  // the first pixel of the second image
      expect_nan_at_the_same_places(line_conv2d_backward_weight(grad, x, weight.shape(), options),
                                    conv2d_backward_weight(grad, x, weight.shape(), options));
      weight.mutable_data()[2] = bad;  // the right end of the upper row
      expect_nan_at_the_same_places(line_conv2d_backward_x(grad, weight, x.shape(), options),
                                    conv2d_backward_x(grad, weight, x.shape(), options));
    }
  }
}

TEST(Unit_18_9, DoesNotDependOnTheThreads) {
  const Array x = randn({11, 4, 9, 8}, 2), weight = randn({6, 2, 3, 3}, 3), bias = randn({6}, 4);
  const ConvOptions options{.padding = 1, .groups = 2};
  const Array grad = randn({11, 6, 9, 8}, 5);
  const Arrays before{x.clone(), weight.clone(), grad.clone()};
  expect_same_bits_for_any_threads([&] {
    return Arrays{line_conv2d_forward(x, weight, bias, options),
                  line_conv2d_backward_x(grad, weight, x.shape(), options)};
  });
  EXPECT_TRUE(same_bits(x, before[0]));
  EXPECT_TRUE(same_bits(weight, before[1]));
  EXPECT_TRUE(same_bits(grad, before[2]));
}

TEST(Unit_18_9, TheSumOverTheImagesDoesNotDependOnTheThreads) {  // nobody loses what another thread has added
  const Array x = randn({65, 2, 12, 11}, 14), grad = randn({65, 3, 12, 11}, 15);
  expect_same_bits_for_any_threads(
      [&] {
        return Arrays{line_conv2d_backward_weight(grad, x, {3, 2, 3, 3}, {.padding = 1})};
      },
      20);
}

// Few images are one piece of work, and its products are large enough for OpenBLAS to divide among its threads.
TEST(Unit_18_9, FewImagesDoNotDependOnTheThreadsEither) {
  const Array x = randn({3, 16, 32, 32}, 16), grad = randn({3, 24, 32, 32}, 17);
  expect_same_bits_for_any_threads(
      [&] {
        return Arrays{line_conv2d_backward_weight(grad, x, {24, 16, 3, 3}, {.padding = 1})};
      },
      1);
}

// One number so large that adding 1 to it changes nothing, in the first four images; four ones in the next four. Added
// up on their own they are 4, and that is not lost. Two pieces that share a sum lose it, with one thread, too.
TEST(Unit_18_9, EveryPieceHasASumOfItsOwn) {
  const Real large = 2 / std::numeric_limits<Real>::epsilon();
  const Array x({8, 1, 1, 1}, {large, 0, 0, 0, 1, 1, 1, 1});
  const Array dw = line_conv2d_backward_weight(ones({8, 1, 1, 1}), x, {1, 1, 1, 1}, {});
  EXPECT_EQ(dw.item(), large + 4);
}

TEST(Unit_18_9, EqualsTheOneItReplaces) {
  const Array x = randn({5, 3, 12, 10}, 6), weight = randn({4, 3, 3, 3}, 7), bias = randn({4}, 8);
  const ConvOptions options{.padding = 1};
  const Array grad = randn({5, 4, 12, 10}, 9);
  const Tolerance sums = double_precision ? Tolerance{1e-10, 1e-11} : Tolerance{1e-5, 5e-5};
  EXPECT_TRUE(near(line_conv2d_forward(x, weight, bias, options), conv2d_forward(x, weight, bias, options), sums));
  EXPECT_TRUE(near(line_conv2d_backward_x(grad, weight, x.shape(), options),
                   conv2d_backward_x(grad, weight, x.shape(), options), sums));
  EXPECT_TRUE(near(line_conv2d_backward_weight(grad, x, weight.shape(), options),
                   conv2d_backward_weight(grad, x, weight.shape(), options), sums));
}

TEST(Unit_18_9, TheOpCallsTheKernel) {
  const Array x({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6}), weight = ones({1, 1, 2, 2});
  const Accelerated one({"conv2d"});
  EXPECT_TRUE(conv2d_slot.installed(Device::cpu));
  EXPECT_TRUE(near(conv2d(x, weight).value(), {1, 1, 1, 2}, {12, 16}, exactly));
  const Tensor big(randn({5, 3, 9, 9}, 10), true);
  const Tensor y = conv2d(big, Tensor(randn({4, 3, 3, 3}, 11), true));
  EXPECT_EQ(y.node()->op, std::string("conv2d"));
}

}  // namespace
}  // namespace rushlight::test
