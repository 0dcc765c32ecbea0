// Max pooling in blocks of outputs, against module 09's loop: y and argmax must be equal. Rows of every length, so that
// each size of block is met, full and moved back.
#include <cmath>
#include <limits>

#include "plain.hpp"

namespace rushlight::test {
namespace {

// Multiples of 1/8 between -1.5 and 1.5: many ties.
Array coarse(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  Array a(shape);
  for (Real& value : a.mutable_data()) value = static_cast<Real>(generator.below(25) - 12) / 8;
  return a;
}

void expect_same_pool(const Array& x, const Window& window, const std::string& what) {
  const MaxPoolForward expected = max_pool2d_forward(x, window);
  const MaxPoolForward found = blocked_max_pool2d_forward(x, window);
  EXPECT_TRUE(near(found.y, expected.y, exactly)) << what;
  ASSERT_EQ(found.argmax.shape(), expected.argmax.shape()) << what;
  for (std::int64_t k = 0; k < expected.argmax.size(); ++k) {
    ASSERT_EQ(found.argmax.data()[k], expected.argmax.data()[k]) << what << ", output " << k;
  }
}

const Window side_by_side{2, 2, 0, 1};

}  // namespace

TEST(Unit_18_9, PoolsRowsOfEveryLength) {
  for (std::int64_t width = 2; width <= 70; ++width) {
    expect_same_pool(coarse({2, 3, 5, width}, 91), side_by_side, fmt::format("width {}", width));
  }
}

TEST(Unit_18_9, PoolsInSeveralPieces) {
  expect_same_pool(coarse({9, 7, 64, 64}, 92), side_by_side, "63 images of 1024 outputs");
  expect_same_pool(coarse({1, 1, 300, 300}, 93), side_by_side, "an image larger than a piece");
  expect_same_pool(coarse({0, 3, 4, 4}, 94), side_by_side, "no image");
}

TEST(Unit_18_9, PoolIsTheSameForAnyNumberOfThreads) {
  const Array x = coarse({8, 8, 40, 40}, 99);
  expect_same_bits_for_any_threads([&] { return Arrays{blocked_max_pool2d_forward(x, side_by_side).y}; });
}

TEST(Unit_18_9, PoolKeepsNaNAndTheFirstOfEquals) {
  for (std::int64_t width : {2, 8, 17, 40}) {
    Array x = coarse({1, 2, 6, width}, 95);
    Generator generator(96);
    for (Real& value : x.mutable_data()) {
      const std::int64_t kind = generator.below(6);
      if (kind == 0) value = std::numeric_limits<Real>::quiet_NaN();
      if (kind == 1) value = -std::numeric_limits<Real>::infinity();
      if (kind > 3) value = 1;
    }
    expect_same_pool(x, side_by_side, fmt::format("width {}", width));
  }
}

TEST(Unit_18_9, PoolLeavesOtherWindowsAlone) {
  const Array x = coarse({2, 2, 9, 10}, 97);
  expect_same_pool(x, {3, 2, 1, 1}, "3x3");
  expect_same_pool(x, {2, 1, 0, 1}, "overlapping");
  expect_same_pool(x, {2, 2, 1, 1}, "padded");
  expect_same_pool(x, {2, 2, 0, 2}, "dilated");
  expect_same_pool(x, {{2, 3}, {2, 3}, 0, 1}, "2x3");
}

TEST(Unit_18_9, PoolLooksAtBothAxes) {  // of each option one axis is that of windows side by side, and the other is not
  const Array x = coarse({2, 2, 9, 10}, 97);
  for (const Window& window :
       {Window{{2, 3}, 2, 0, 1}, Window{{3, 2}, 2, 0, 1}, Window{2, {2, 1}, 0, 1}, Window{2, {1, 2}, 0, 1},
        Window{2, {2, 3}, 0, 1}, Window{2, {3, 2}, 0, 1}, Window{2, 2, {0, 1}, 1}, Window{2, 2, {1, 0}, 1},
        Window{2, 2, 0, {1, 2}}, Window{2, 2, 0, {2, 1}}, Window{2, 2, {1, 0}, {1, 2}}}) {
    expect_same_pool(x, window,
                     fmt::format("kernel {} {}, stride {} {}, padding {} {}, dilation {} {}", window.kernel.h,
                                 window.kernel.w, window.stride.h, window.stride.w, window.padding.h, window.padding.w,
                                 window.dilation.h, window.dilation.w));
  }
}

TEST(Unit_18_9, MaxPool2dUsesTheInstalledKernel) {
  const Tensor x(coarse({2, 3, 6, 18}, 98), true);
  const Tensor plain = max_pool2d(x);
  const Accelerated one({"max_pool2d"});
  EXPECT_TRUE(max_pool2d_slot.installed(Device::cpu));
  const Tensor fast = max_pool2d(x);
  EXPECT_TRUE(near(fast.value(), plain.value(), exactly));
  const Array c = cotangent(plain.shape());
  EXPECT_TRUE(near(Tape(fast, c).grad(x), Tape(plain, c).grad(x), exactly));
}

}  // namespace rushlight::test
