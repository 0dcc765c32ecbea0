#include "plain.hpp"

namespace rushlight::test {
namespace {

// The mean of what each window covers, padding as zeros: every pixel is asked whether it is inside.
Doubles plain_avg_pool(const Array& x, Pair out, const AvgPoolOptions& o, Pair stride) {
  Doubles y;
  const std::int64_t H = x.dim(2), W = x.dim(3);
  for (std::int64_t k = 0; k < x.dim(0) * x.dim(1) * out.h * out.w; ++k) {
    const std::int64_t j = k % out.w, i = k / out.w % out.h, image = k / (out.h * out.w);
    double total = 0, count = 0;
    for (std::int64_t pixel = 0; pixel < H * W; ++pixel) {
      const std::int64_t down = pixel / W - i * stride.h + o.padding.h;
      const std::int64_t right = pixel % W - j * stride.w + o.padding.w;
      if (down < 0 || down >= o.kernel.h || right < 0 || right >= o.kernel.w) continue;
      total += x.data()[image * H * W + pixel];
      count += 1;
    }
    y.push_back(total / (o.count_include_pad ? static_cast<double>(o.kernel.h * o.kernel.w) : count));
  }
  return y;
}

TEST(Unit_09_7, AgreesWithAveragingEveryPixel) {
  const Array x = eighths({2, 2, 6, 7}, 33);
  for (std::int64_t kernel = 1; kernel <= 3; ++kernel)
    for (std::int64_t stride = 1; stride <= 3; ++stride)
      for (std::int64_t padding = 0; padding <= kernel / 2; ++padding)
        for (const bool include : {true, false}) {
          const AvgPoolOptions options{kernel, stride, padding, include};
          const Pair out{(6 + 2 * padding - kernel) / stride + 1, (7 + 2 * padding - kernel) / stride + 1};
          EXPECT_TRUE(
              near(avg_pool2d(x, options).value(), {2, 2, out.h, out.w}, plain_avg_pool(x, out, options, stride)))
              << "kernel " << kernel << " stride " << stride << " padding " << padding << " include " << include;
        }
  const AvgPoolOptions own{{3, 2}, {1, 2}, {0, 1}, false};
  EXPECT_TRUE(near(avg_pool2d(x, own).value(), {2, 2, 4, 4}, plain_avg_pool(x, {4, 4}, own, {1, 2})));
}

// A cell is the sum of its own pixels: what is broken, or huge, in another one does not reach it.
TEST(Unit_09_7, APixelCountsInItsCellsAlone) {
  for (const Real broken :
       {std::numeric_limits<Real>::infinity(), std::numeric_limits<Real>::quiet_NaN(), Real(1e30)}) {
    for (const std::int64_t place : {0, 5, 15}) {
      Array x = Array::full({1, 2, 4, 4}, 3);
      x.mutable_data()[place] = broken;
      const Array y = avg_pool2d(x, {.kernel = 2}).value();
      const std::int64_t cell = place / 8 * 2 + place % 4 / 2;
      for (std::int64_t k = 0; k < 8; ++k) EXPECT_EQ(y.data()[k] == 3, k != cell) << broken << " at " << place;
    }
  }
}

TEST(Unit_09_7, PaddingCountsOrDoesNot) {
  const Tensor x(Array::full({1, 1, 2, 2}, 8));
  const AvgPoolOptions counting{.kernel = 2, .padding = 1};
  EXPECT_TRUE(near(avg_pool2d(x, counting).value(), {1, 1, 2, 2}, {2, 2, 2, 2}, exactly));
  const AvgPoolOptions ignoring{.kernel = 2, .padding = 1, .count_include_pad = false};
  EXPECT_TRUE(near(avg_pool2d(x, ignoring).value(), {1, 1, 2, 2}, {8, 8, 8, 8}, exactly));
}

TEST(Unit_09_7, HalvesAnImageByDefault) {
  const Tensor x(Array({1, 1, 2, 5}, {1, 2, 3, 4, 9, 3, 6, 5, 8, 9}));
  EXPECT_TRUE(near(avg_pool2d(x).value(), {1, 1, 1, 2}, {3, 5}, exactly));
  EXPECT_EQ(avg_pool2d(Array({0, 2, 4, 4})).shape(), Shape({0, 2, 2, 2}));
}

TEST(Unit_09_7, AdaptiveCellsCoverTheAxis) {
  for (std::int64_t size = 1; size <= 9; ++size)
    for (std::int64_t outputs = 1; outputs <= 11; ++outputs) {
      const std::vector<Cell> cells = adaptive_cells(size, outputs);
      ASSERT_EQ(cells.size(), static_cast<std::size_t>(outputs));
      for (std::int64_t i = 0; i < outputs; ++i) {
        const double exact = static_cast<double>(size) / static_cast<double>(outputs);
        EXPECT_EQ(cells[i].first, static_cast<std::int64_t>(std::floor(static_cast<double>(i) * exact + 1e-9)));
        EXPECT_EQ(cells[i].last, static_cast<std::int64_t>(std::ceil(static_cast<double>(i + 1) * exact - 1e-9)));
        EXPECT_EQ(cells[i].divisor, cells[i].last - cells[i].first);
      }
    }
}

TEST(Unit_09_7, AdaptiveByHand) {
  const Tensor x(Array({1, 1, 1, 5}, {1, 2, 3, 4, 5}));  // 5 into 3: 0..2, 1..4, 3..5
  EXPECT_TRUE(near(adaptive_avg_pool2d(x, {1, 3}).value(), {1, 1, 1, 3}, {1.5, 3, 4.5}, exactly));
  EXPECT_TRUE(near(adaptive_avg_pool2d(x).value(), {1, 1, 1, 1}, {3}, exactly));
  const Tensor two(Array({1, 1, 1, 2}, {1, 3}));  // more outputs than pixels: they repeat
  EXPECT_TRUE(near(adaptive_avg_pool2d(two, {2, 3}).value(), {1, 1, 2, 3}, {1, 2, 3, 1, 2, 3}, exactly));
}

TEST(Unit_09_7, AdaptiveAcceptsAnySize) {
  for (std::int64_t size = 1; size <= 8; ++size) {
    EXPECT_EQ(adaptive_avg_pool2d(eighths({2, 3, size, 9 - size}, 1), {2, 4}).shape(), Shape({2, 3, 2, 4}));
  }
}

TEST(Unit_09_7, SaysWhatIsWrong) {
  const Tensor x = eighths({1, 1, 3, 3}, 1);
  EXPECT_EQ(avg_pool2d(x, {.kernel = 3}).shape(), Shape({1, 1, 1, 1}));
  EXPECT_THROWS_WITH(avg_pool2d(x, {.kernel = 3, .padding = {0, 2}}), ValueError, "padding 0x2", "half of kernel 3x3");
  for (const Pair stride : {Pair(0, 1), Pair(1, 0), Pair(-1)}) {
    EXPECT_THROWS_WITH(avg_pool2d(x, {.kernel = 2, .stride = stride}), ValueError, "stride is " + stride.str());
  }
  EXPECT_THROWS_WITH(avg_pool2d(x, {.kernel = {2, 5}}), ShapeError, "avg_pool2d", "width", "at least 5");
  EXPECT_THROWS_WITH(adaptive_avg_pool2d(x, {0, 2}), ValueError, "output is 0x2");
  EXPECT_THROWS_WITH(adaptive_avg_pool2d(Array({1, 1, 0, 3})), ShapeError, "(1, 1, 0, 3)", "at least 1");
  EXPECT_THROWS_WITH(adaptive_avg_pool2d(eighths({3, 3}, 1)), ShapeError, "(3, 3)");
}

// One slot for both average pools.
TEST(Unit_09_7, TheSlotReplacesForwardAndBackward) {
  const Array seed = Array::full({1, 1, 1, 1}, 1);
  for (const auto pool :
       {+[](const Tensor& x) { return avg_pool2d(x); }, +[](const Tensor& x) { return adaptive_avg_pool2d(x); }}) {
    const Tensor x(eighths({1, 1, 2, 2}, 1), true);
    const Tensor before = pool(x);
    Tensor during;
    {
      const Installed<AvgPoolKernel> installed(
          avg_pool2d_slot, {[](const Array&, const std::vector<Cell>&, const std::vector<Cell>&) {
                              return Array::full({1, 1, 1, 1}, 7);
                            },
                            [](const Array&, const Shape& shape, const std::vector<Cell>&, const std::vector<Cell>&) {
                              return Array::full(shape, 8);
                            }});
      during = pool(x);
      EXPECT_EQ(during.value().data()[0], 7);
      EXPECT_TRUE(near(gradient_at(before, x, seed), {1, 1, 2, 2}, {0.25, 0.25, 0.25, 0.25}, exactly));
    }
    EXPECT_NE(pool(x).value().data()[0], 7);
    EXPECT_TRUE(near(gradient_at(during, x, seed), {1, 1, 2, 2}, {8, 8, 8, 8}, exactly));
  }
}

TEST(Unit_09_7, EachIsOneOp) {
  const Array before = eighths({1, 2, 4, 4}, 2);
  const Tensor x(before.clone(), true);
  ASSERT_NE(avg_pool2d(x).node(), nullptr);
  EXPECT_STREQ(AvgPool2d({.kernel = 2})(x).node()->op, "avg_pool2d");
  EXPECT_STREQ(AdaptiveAvgPool2d(2)(x).node()->op, "adaptive_avg_pool2d");
  EXPECT_EQ(AdaptiveAvgPool2d(2)(x).shape(), Shape({1, 2, 2, 2}));
  EXPECT_TRUE(same_bits(x.value(), before));
}

}  // namespace
}  // namespace rushlight::test
