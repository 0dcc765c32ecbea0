#include "plain.hpp"

namespace rushlight::test {
namespace {

// Whether a pixel takes the place of the best so far; `any` says whether there is one.
bool beats(double value, double best, bool any) {
  return !any || std::isnan(value) || (!std::isnan(best) && value > best);
}

struct PoolExpectation {
  Shape shape;
  Doubles y;
  std::vector<std::int32_t> argmax;
};

PoolExpectation plain_max_pool(const Array& x, const Window& w) {
  const auto places = [](std::int64_t size, std::int64_t k, std::int64_t s, std::int64_t p, std::int64_t d) {
    std::int64_t n = 0;
    while (n * s + (k - 1) * d < size + 2 * p) ++n;
    return n;
  };
  const std::int64_t H = x.dim(2), W = x.dim(3);
  PoolExpectation e{{x.dim(0), x.dim(1), places(H, w.kernel.h, w.stride.h, w.padding.h, w.dilation.h),
                     places(W, w.kernel.w, w.stride.w, w.padding.w, w.dilation.w)},
                    {},
                    {}};
  for (std::int64_t k = 0; k < e.shape.numel(); ++k) {
    const std::int64_t j = k % e.shape[3], i = k / e.shape[3] % e.shape[2], image = k / (e.shape[2] * e.shape[3]);
    double best = -infinity;
    std::int32_t place = -1;
    for (std::int64_t pixel = 0; pixel < H * W; ++pixel) {  // every pixel of the image, in reading order
      const std::int64_t down = pixel / W - i * w.stride.h + w.padding.h;
      const std::int64_t right = pixel % W - j * w.stride.w + w.padding.w;
      const bool tap = down >= 0 && down % w.dilation.h == 0 && down / w.dilation.h < w.kernel.h && right >= 0 &&
                       right % w.dilation.w == 0 && right / w.dilation.w < w.kernel.w;
      const double value = x.data()[image * H * W + pixel];
      if (!tap || !beats(value, best, place >= 0)) continue;
      best = value;
      place = static_cast<std::int32_t>(pixel);
    }
    e.y.push_back(best);
    e.argmax.push_back(place);
  }
  return e;
}

void expect_max_pool(const Array& x, const Window& window, const std::string& what) {
  const PoolExpectation e = plain_max_pool(x, window);
  const MaxPoolForward found = max_pool2d_forward(x, window);
  EXPECT_TRUE(near(found.y, e.shape, e.y, exactly)) << what;
  EXPECT_TRUE(same(found.argmax, e.shape, e.argmax)) << what;
}

TEST(Unit_09_6, AgreesWithLookingAtEveryPixel) {
  for (std::int64_t kernel = 1; kernel <= 3; ++kernel)
    for (std::int64_t stride = 1; stride <= 3; ++stride)
      for (std::int64_t padding = 0; padding <= kernel / 2; ++padding)
        for (std::int64_t dilation = 1; dilation <= 2; ++dilation) {
          const std::string what =
              fmt::format("kernel {} stride {} padding {} dilation {}", kernel, stride, padding, dilation);
          expect_max_pool(eighths({2, 2, 6, 7}, 31), {kernel, stride, padding, dilation}, what);  // with many ties
        }
  expect_max_pool(eighths({1, 2, 7, 6}, 32), {{3, 2}, {1, 2}, {0, 1}, {2, 1}}, "each axis its own");
}

TEST(Unit_09_6, HalvesAnImageByDefault) {
  const Tensor x(Array({1, 1, 4, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
  EXPECT_TRUE(near(max_pool2d(x).value(), {1, 1, 2, 2}, {6, 8, 14, 16}, exactly));
  EXPECT_TRUE(near(max_pool2d(x, {.kernel = 3, .stride = 1}).value(), {1, 1, 2, 2}, {11, 12, 15, 16}, exactly));
}

TEST(Unit_09_6, WhatDoesNotDivideIsLeftOut) {
  EXPECT_EQ(max_pool2d(eighths({1, 2, 7, 5}, 1)).shape(), Shape({1, 2, 3, 2}));
  EXPECT_EQ(max_pool2d(eighths({1, 2, 7, 5}, 1), {.kernel = {3, 2}}).shape(), Shape({1, 2, 2, 2}));
  EXPECT_EQ(max_pool2d(eighths({0, 2, 4, 4}, 1)).shape(), Shape({0, 2, 2, 2}));
}

TEST(Unit_09_6, OfEqualValuesTheFirstWins) {
  const MaxPoolForward found = max_pool2d_forward(Array({1, 1, 2, 4}, {3, 3, 0, -0.0, 3, 3, -0.0, 0}), {2, 2, 0, 1});
  EXPECT_TRUE(same(found.argmax, {1, 1, 1, 2}, {0, 2}));
}

TEST(Unit_09_6, ANaNWins) {
  const Array x({1, 1, 2, 6}, {nan, 9, 1, 2, nan, 5, 9, 9, 3, nan, nan, inf});
  const MaxPoolForward found = max_pool2d_forward(x, {2, 2, 0, 1});
  for (const Real value : found.y.data()) EXPECT_TRUE(std::isnan(value));
  EXPECT_TRUE(same(found.argmax, {1, 1, 1, 3}, {0, 9, 10}));  // of two NaNs the last, as in PyTorch
  const MaxPoolForward wide = max_pool2d_forward(x, {{2, 3}, {1, 3}, 0, 1});
  for (const Real value : wide.y.data()) EXPECT_TRUE(std::isnan(value));
  EXPECT_TRUE(same(wide.argmax, {1, 1, 1, 2}, {0, 10}));
}

TEST(Unit_09_6, PaddingNeverWins) {
  const Tensor x(Array::full({1, 1, 2, 2}, -5));
  EXPECT_TRUE(near(max_pool2d(x, {.kernel = 2, .padding = 1}).value(), {1, 1, 2, 2}, {-5, -5, -5, -5}, exactly));
  const MaxPoolForward low = max_pool2d_forward(Array::full({1, 1, 2, 2}, -inf), {2, 2, 1, 1});
  EXPECT_TRUE(near(low.y, {1, 1, 2, 2}, {-infinity, -infinity, -infinity, -infinity}, exactly));
  EXPECT_TRUE(same(low.argmax, {1, 1, 2, 2}, {0, 1, 2, 3}));  // a pixel, even if it is as low as the padding
}

TEST(Unit_09_6, AWindowBetweenThePixelsHasNoWinner) {
  const MaxPoolOptions options{.kernel = 2, .stride = 1, .padding = 1, .dilation = 3};  // taps at -1 and 2
  const Tensor x(Array::full({1, 1, 2, 2}, 4), true);
  const Tensor y = max_pool2d(x, options);
  EXPECT_TRUE(near(y.value(), {1, 1, 1, 1}, {-infinity}, exactly));
  EXPECT_TRUE(near(gradient_at(y, x, Array::full({1, 1, 1, 1}, 1)), {1, 1, 2, 2}, {0, 0, 0, 0}, exactly));
}

// While a faster kernel is installed, the op calls it; afterwards its own again. Gradients come from the kernel that made
// the value.
TEST(Unit_09_6, TheSlotReplacesForwardAndBackward) {
  const Tensor x(eighths({1, 1, 2, 2}, 1), true);
  const Array seed = Array::full({1, 1, 1, 1}, 1);
  const Tensor before = max_pool2d(x);
  const Array expected = gradient_at(before, x, seed);
  Tensor during;
  {
    const Installed<MaxPoolKernel> installed(
        max_pool2d_slot, {[](const Array&, const Window&) {
                            return MaxPoolForward{Array::full({1, 1, 1, 1}, 7), Indices({1, 1, 1, 1})};
                          },
                          [](const Array&, const Indices&, const Shape& shape) { return Array::full(shape, 8); }});
    during = max_pool2d(x);
    EXPECT_EQ(during.value().data()[0], 7);
    EXPECT_TRUE(same_bits(gradient_at(before, x, seed), expected));
  }
  EXPECT_NE(max_pool2d(x).value().data()[0], 7);
  EXPECT_TRUE(near(gradient_at(during, x, seed), {1, 1, 2, 2}, {8, 8, 8, 8}, exactly));
}

TEST(Unit_09_6, SaysWhatIsWrong) {
  const Tensor x = eighths({1, 1, 3, 3}, 1);
  EXPECT_EQ(max_pool2d(x, {.kernel = 3}).shape(), Shape({1, 1, 1, 1}));
  EXPECT_THROWS_WITH(max_pool2d(x, {.kernel = 3, .padding = 2}), ValueError, "padding 2x2", "half of kernel 3x3");
  EXPECT_THROWS_WITH(max_pool2d(x, {.kernel = 4}), ShapeError, "max_pool2d", "height", "at least 4");
  EXPECT_THROWS_WITH(max_pool2d(x, {.kernel = 2, .stride = {1, 0}}), ValueError, "stride is 1x0");
  EXPECT_THROWS_WITH(max_pool2d(eighths({3, 3}, 1)), ShapeError, "(3, 3)", "(N, C, H, W)");
}

TEST(Unit_09_6, IsOneOpThatKeepsNoValues) {
  const Array before = eighths({1, 2, 4, 4}, 2);
  const Tensor x(before.clone(), true);
  const Tensor y = max_pool2d(x);
  ASSERT_NE(y.node(), nullptr);
  EXPECT_STREQ(y.node()->op, "max_pool2d");
  EXPECT_EQ(y.node()->save, Save::nothing);
  EXPECT_TRUE(same_bits(x.value(), before));
  EXPECT_STREQ(MaxPool2d({.kernel = 2})(x).node()->op, "max_pool2d");
}

}  // namespace
}  // namespace rushlight::test
