#include "plain.hpp"

namespace rushlight::test {
namespace {

class Unit_09_2 : public testing::TestWithParam<ConvCase> {};

TEST_P(Unit_09_2, IsTheSumOfItsProducts) {
  const ConvExample e = conv_example(GetParam());
  EXPECT_TRUE(near(conv2d_direct(e.x, e.weight, e.bias, GetParam().options), e.y_shape, e.y, exactly));
}

INSTANTIATE_TEST_SUITE_P(Grid, Unit_09_2, testing::ValuesIn(conv_grid()), case_name);

// By hand: a 2x2 kernel on a 3x3 image. 1·1 + 2·2 + 4·3 + 5·4 = 37, and so on.
TEST_F(Unit_09_2, FourProductsByHand) {
  const Array x({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Array w({1, 1, 2, 2}, {1, 2, 3, 4});
  EXPECT_TRUE(near(conv2d_direct(x, w, Array(Shape{1}, {0.5})), {1, 1, 2, 2}, {37.5, 47.5, 67.5, 77.5}, exactly));
}

// Deep learning calls a correlation a convolution. A true one would turn the kernel by 180 degrees.
TEST_F(Unit_09_2, TheKernelIsNotFlipped) {
  const Array x({1, 1, 3, 3}, {0, 0, 0, 0, 1, 0, 0, 0, 0});
  const Array w({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_TRUE(near(conv2d_direct(x, w, Array(), {.padding = 1}), {1, 1, 3, 3}, {9, 8, 7, 6, 5, 4, 3, 2, 1}, exactly));
}

// 0 times infinity is NaN: a weight of 0 does not mend a pixel, nor a pixel of 0 a weight.
TEST_F(Unit_09_2, ZerosHideNothing) {
  for (const Real broken : {inf, -inf, nan}) {
    Array x = zeros({1, 2, 3, 3}), w = zeros({2, 2, 2, 2});
    x.mutable_data()[9] = broken;  // the first pixel of channel 1: only the first window covers it
    const Array of_pixel = conv2d_direct(x, w, Array());
    for (std::int64_t k = 0; k < 8; ++k) EXPECT_EQ(std::isnan(of_pixel.data()[k]), k % 4 == 0) << "output " << k;
    w.mutable_data()[12] = broken;  // the first tap of output 1 on channel 1
    const Array of_weight = conv2d_direct(zeros({1, 2, 3, 3}), w, Array());
    for (std::int64_t k = 0; k < 8; ++k) EXPECT_EQ(std::isnan(of_weight.data()[k]), k >= 4) << "output " << k;
  }
}

TEST_F(Unit_09_2, AnEmptyBatchGivesAnEmptyBatch) {
  EXPECT_EQ(conv2d_direct(Array({0, 2, 4, 4}), eighths({3, 2, 3, 3}, 1), Array()).shape(), Shape({0, 3, 2, 2}));
}

TEST_F(Unit_09_2, LeavesItsInputsAlone) {
  const Array x = eighths({1, 2, 4, 4}, 1), w = eighths({2, 2, 3, 3}, 2), b = eighths(Shape{2}, 3);
  const Array x0 = x.clone(), w0 = w.clone(), b0 = b.clone();
  conv2d_direct(x, w, b, {.padding = 1});
  EXPECT_TRUE(same_bits(x, x0));
  EXPECT_TRUE(same_bits(w, w0));
  EXPECT_TRUE(same_bits(b, b0));
}

}  // namespace
}  // namespace rushlight::test
