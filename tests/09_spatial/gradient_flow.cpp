#include "module_cases.hpp"
#include "plain.hpp"

namespace rushlight::test {
namespace {

class GradientFlow_09_4 : public testing::TestWithParam<ConvCase> {};

Tensor convolve(const ConvCase& c, const Tensors& in) {
  return conv2d(in[0], in[1], c.bias ? in[2] : Tensor(), c.options);
}

TEST_P(GradientFlow_09_4, AgreesWithFiniteDifferences) {
  const ConvCase& c = GetParam();
  Arrays inputs{randn(c.x, 1), randn(c.weight, 2)};
  if (c.bias) inputs.push_back(randn(Shape{c.weight[0]}, 3));
  expect_gradients([&c](const Tensors& in) { return convolve(c, in); }, inputs);
}

TEST_P(GradientFlow_09_4, IsTheSumOfItsProducts) {
  const ConvCase& c = GetParam();
  const ConvExample e = conv_example(c);
  Tensors in{Tensor(e.x, true), Tensor(e.weight, true)};
  if (c.bias) in.emplace_back(e.bias, true);
  const Tape tape(convolve(c, in), e.grad);
  EXPECT_TRUE(near(tape.grad(in[0]), c.x, e.dx, exactly)) << "dx";
  EXPECT_TRUE(near(tape.grad(in[1]), c.weight, e.dweight, exactly)) << "dweight";
  if (c.bias) EXPECT_TRUE(near(tape.grad(in[2]), {c.weight[0]}, e.db, exactly)) << "dbias";
}

INSTANTIATE_TEST_SUITE_P(Grid, GradientFlow_09_4, testing::ValuesIn(conv_grid()), case_name);

TEST_F(GradientFlow_09_4, ABatchOfLargeImages) {
  const ConvCase c{"LargeImages", {3, 4, 36, 36}, {1, 4, 5, 5}, {}};
  const ConvExample e = conv_example(c);
  const Tensors in{Tensor(e.x, true), Tensor(e.weight, true), Tensor(e.bias, true)};
  const Tape tape(convolve(c, in), e.grad);
  EXPECT_TRUE(near(tape.grad(in[0]), c.x, e.dx, exactly)) << "dx";
  EXPECT_TRUE(near(tape.grad(in[1]), c.weight, e.dweight, exactly)) << "dweight";
  EXPECT_TRUE(near(tape.grad(in[2]), {1}, e.db, exactly)) << "dbias";
}

TEST_F(GradientFlow_09_4, ComputesOnlyWhatIsAskedFor) {
  const Array x = eighths({1, 1, 3, 3}, 1), w = eighths({1, 1, 2, 2}, 2), b = eighths(Shape{1}, 3);
  for (int wanted = 0; wanted < 3; ++wanted) {
    const Tensor y = conv2d(Tensor(x, wanted == 0), Tensor(w, wanted == 1), Tensor(b, wanted == 2));
    const Arrays gradients = local_gradients(*y.node(), Array::full({1, 1, 2, 2}, 1));
    ASSERT_EQ(gradients.size(), 3u);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(gradients[i].defined(), i == wanted) << "input " << i;
  }
}

TEST_F(GradientFlow_09_4, AnEmptyBatchHasZeroGradients) {
  const Tensor x(Array({0, 2, 3, 3}), true), w(eighths({1, 2, 2, 2}, 2), true);
  const Tape tape(conv2d(x, w), Array({0, 1, 2, 2}));
  EXPECT_TRUE(near(tape.grad(w), {1, 2, 2, 2}, Doubles(8, 0.0), exactly));
  EXPECT_EQ(tape.grad(x).shape(), Shape({0, 2, 3, 3}));
}

TEST(GradientFlow_09_5, Conv2d) {
  expect_module(spatial_module_case("Conv2d"));
  expect_module(spatial_module_case("Conv2dInGroupsWithoutBias"));
}

TEST(GradientFlow_09_5, AFrozenLayerListsWhatItListed) {
  for (const char* name : {"Conv2d", "Conv2dInGroupsWithoutBias"}) expect_names_stay(spatial_module_case(name));
}

// Distinct values, far enough apart that a finite difference changes no winner.
Array distinct(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  const std::vector<std::int64_t> order = permutation(shape.numel(), generator);
  Array x(shape);
  std::transform(order.begin(), order.end(), x.mutable_data().begin(),
                 [](std::int64_t i) { return static_cast<Real>(i) / 16 - 1; });
  return x;
}

TEST(GradientFlow_09_6, OnlyTheWinnerReceivesAGradient) {
  const Tensor x(Array({1, 1, 2, 4}, {1, 5, 2, 2, 4, 3, 2, 2}), true);
  const Array dx = gradient_at(max_pool2d(x), x, Array({1, 1, 1, 2}, {10, 20}));
  EXPECT_TRUE(near(dx, {1, 1, 2, 4}, {0, 10, 20, 0, 0, 0, 0, 0}, exactly));  // of the tie, the first
}

TEST(GradientFlow_09_6, WindowsThatShareAWinnerAddUp) {
  const Tensor x(Array({1, 1, 3, 3}, {1, 2, 3, 4, 9, 5, 6, 7, 8}), true);
  const Array dx = gradient_at(max_pool2d(x, {.kernel = 2, .stride = 1}), x, Array({1, 1, 2, 2}, {1, 2, 4, 8}));
  EXPECT_TRUE(near(dx, {1, 1, 3, 3}, {0, 0, 0, 0, 15, 0, 0, 0, 0}, exactly));
}

TEST(GradientFlow_09_6, EveryImageAndChannelItsOwn) {
  const Tensor x(distinct({2, 3, 4, 4}, 5), true);
  const Array dx = gradient_at(max_pool2d(x), x, Array::full({2, 3, 2, 2}, 1));
  for (std::int64_t image = 0; image < 6; ++image) {
    double total = 0;
    for (std::int64_t i = 0; i < 16; ++i) total += dx.data()[image * 16 + i];
    EXPECT_EQ(total, 4) << "image " << image;
  }
}

TEST(GradientFlow_09_6, AgreesWithFiniteDifferences) {
  const std::vector<MaxPoolOptions> grid{
      {}, {.kernel = 3, .stride = 1, .padding = 1}, {.kernel = {2, 3}, .stride = {2, 1}, .dilation = {2, 1}}};
  for (const MaxPoolOptions& options : grid) {
    expect_gradients([&](const Tensors& in) { return max_pool2d(in[0], options); }, {distinct({2, 2, 5, 6}, 6)});
  }
}

TEST(GradientFlow_09_6, NoImagesOrNoChannelsHaveAnEmptyGradient) {
  for (const Shape& shape : {Shape{0, 2, 4, 4}, Shape{2, 0, 4, 4}}) {
    const Tensor x(zeros(shape), true);
    EXPECT_EQ(gradient_at(max_pool2d(x), x, zeros({shape[0], shape[1], 2, 2})).shape(), shape);
  }
}

TEST(GradientFlow_09_6, MaxPool2d) {
  expect_module(spatial_module_case("MaxPool2d"));
  expect_module(spatial_module_case("MaxPool2dOverlapping"));
}

TEST(GradientFlow_09_7, EveryPixelReceivesItsShare) {
  const Tensor x(eighths({1, 1, 2, 4}, 7), true);
  const Array dx = gradient_at(avg_pool2d(x), x, Array({1, 1, 1, 2}, {4, 8}));
  EXPECT_TRUE(near(dx, {1, 1, 2, 4}, {1, 1, 2, 2, 1, 1, 2, 2}, exactly));
}

TEST(GradientFlow_09_7, AgreesWithFiniteDifferences) {
  const std::vector<AvgPoolOptions> grid{{},
                                         {.kernel = 3, .stride = 1, .padding = 1},
                                         {.kernel = 3, .stride = 2, .padding = 1, .count_include_pad = false},
                                         {.kernel = {2, 3}, .stride = {1, 2}}};
  for (const AvgPoolOptions& options : grid) {
    expect_gradients([&](const Tensors& in) { return avg_pool2d(in[0], options); }, {randn({2, 2, 5, 6}, 8)});
  }
  for (const Pair output : {Pair(1), Pair(2, 3), Pair(4, 5), Pair(7, 2)}) {
    expect_gradients([&](const Tensors& in) { return adaptive_avg_pool2d(in[0], output); }, {randn({2, 1, 5, 4}, 9)});
  }
}

TEST(GradientFlow_09_7, NoImagesOrNoChannelsHaveAnEmptyGradient) {
  for (const Shape& shape : {Shape{0, 2, 4, 4}, Shape{2, 0, 4, 4}}) {
    const Tensor x(zeros(shape), true);
    EXPECT_EQ(gradient_at(avg_pool2d(x), x, zeros({shape[0], shape[1], 2, 2})).shape(), shape);
    EXPECT_EQ(gradient_at(adaptive_avg_pool2d(x), x, zeros({shape[0], shape[1], 1, 1})).shape(), shape);
  }
}

TEST(GradientFlow_09_7, AvgPool2d) { expect_module(spatial_module_case("AvgPool2d")); }
TEST(GradientFlow_09_7, AdaptiveAvgPool2d) { expect_module(spatial_module_case("AdaptiveAvgPool2d")); }

TEST(GradientFlow_09_8, BatchNorm2d) {
  expect_module(spatial_module_case("BatchNorm2d"));
  expect_module(spatial_module_case("BatchNorm2dWithoutAffine"));
}

// What a batch norm in training adds or scales away cannot matter: its gradient is orthogonal to 1 and to x̂.
TEST(GradientFlow_09_8, InTrainingAShiftOfAChannelHasNoGradient) {
  BatchNorm2d norm({.features = 2});
  const Tensor x(randn({2, 2, 3, 3}, 10), true);
  const Tensor y = norm(x);
  const Array dx = gradient_at(y, x, cotangent(y.shape()));
  double total = 0, largest = 0;
  for (std::int64_t k = 0; k < dx.size(); ++k) {
    if (k / 9 % 2 == 0) total += dx.data()[k];
    largest = std::max(largest, std::abs(static_cast<double>(dx.data()[k])));
  }
  EXPECT_GT(largest, 0.05);
  EXPECT_LT(std::abs(total), 1e-5);
}

TEST(GradientFlow_09_9, Flatten) {
  expect_gradients([](const Tensors& in) { return flatten(in[0], 1); }, {randn({2, 2, 2, 3}, 11)});
  const Tensor x(eighths({2, 2, 2}, 1), true);
  ASSERT_NE(flatten(x, 1).node(), nullptr);
}

TEST(GradientFlow_09_9, ResidualBlock) { expect_module(spatial_module_case("ResidualBlock")); }
TEST(GradientFlow_09_9, ResidualBlockProjecting) { expect_module(spatial_module_case("ResidualBlockProjecting")); }

TEST(GradientFlow_09_9, AFrozenBlockListsWhatItListed) {
  for (const char* name : {"ResidualBlock", "ResidualBlockProjecting"}) expect_names_stay(spatial_module_case(name));
}

// The reason for the shortcut: even where both convolutions are dead, the gradient passes unchanged.
TEST(GradientFlow_09_9, TheShortcutPassesTheGradientUnchanged) {
  Generator g(12);
  ResidualBlock block({.in = 1, .out = 1}, g);
  block.conv1.weight.set_value(Array::full({1, 1, 3, 3}, 0));
  block.conv2.weight.set_value(Array::full({1, 1, 3, 3}, 0));
  const Tensor x(Array({1, 1, 2, 2}, {1, 2, 3, -4}), true);
  EXPECT_TRUE(near(gradient_at(block(x), x, Array({1, 1, 2, 2}, {5, 6, 7, 8})), {1, 1, 2, 2}, {5, 6, 7, 0}, exactly));
}

}  // namespace
}  // namespace rushlight::test
