#include "plain.hpp"

namespace rushlight::test {
namespace {

struct Columns {
  Shape shape;
  Doubles values;
};

// What row (c, a, b) and column (i, j) must hold for image n, asked one by one.
Columns plain_columns(const Array& x, std::int64_t n, const Window& window, Pair out) {
  Columns result{{x.dim(1) * window.kernel.h * window.kernel.w, out.h * out.w}, {}};
  const std::int64_t C = x.dim(1), H = x.dim(2), W = x.dim(3);
  for (std::int64_t r = 0; r < result.shape[0]; ++r) {
    for (std::int64_t k = 0; k < result.shape[1]; ++k) {
      const std::int64_t b = r % window.kernel.w, a = r / window.kernel.w % window.kernel.h;
      const std::int64_t c = r / window.kernel.w / window.kernel.h;
      const std::int64_t j = k % out.w, i = k / out.w;
      const std::int64_t row = i * window.stride.h + a * window.dilation.h - window.padding.h;
      const std::int64_t column = j * window.stride.w + b * window.dilation.w - window.padding.w;
      const bool inside = row >= 0 && row < H && column >= 0 && column < W;
      result.values.push_back(inside ? x.data()[((n * C + c) * H + row) * W + column] : 0);
    }
  }
  return result;
}

class Unit_09_3 : public testing::TestWithParam<ConvCase> {
 protected:
  // The image that is asked for has others before and behind it.
  Array images() const {
    const Shape& x = GetParam().x;
    return eighths({3, x[1], x[2], x[3]}, 21);
  }
  Window window() const { return window_of(GetParam().weight, GetParam().options); }
  Pair out() const {
    Shape y;
    conv_terms(GetParam(), y);
    return {y[2], y[3]};
  }
};

TEST_P(Unit_09_3, EveryNumberStandsInItsPlace) {
  const Columns expected = plain_columns(images(), 1, window(), out());
  EXPECT_TRUE(near(im2col(images(), 1, window()), expected.shape, expected.values, exactly));
}

// <im2col(x), c> = <x, col2im(c)>: that is what makes it the adjoint, and so the derivative.
TEST_P(Unit_09_3, FoldingBackIsTheAdjoint) {
  const Array x = images();
  const Columns columns = plain_columns(x, 1, window(), out());
  const Array c = eighths(columns.shape, 22);
  Array folded = Array::full(x.shape(), 0);
  col2im_add(c, 1, window(), folded);
  double left = 0, right = 0;
  for (std::size_t i = 0; i < columns.values.size(); ++i) left += columns.values[i] * c.data()[i];
  for (std::size_t i = 0; i < x.data().size(); ++i) right += static_cast<double>(x.data()[i]) * folded.data()[i];
  EXPECT_EQ(left, right);
}

INSTANTIATE_TEST_SUITE_P(Grid, Unit_09_3, testing::ValuesIn(conv_grid()), case_name);

TEST_F(Unit_09_3, ASmallMatrixByHand) {
  const Array x({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(near(im2col(x, 0, {.kernel = {1, 2}, .padding = {0, 1}}), {2, 8},
                   {0, 1, 2, 3, 0, 4, 5, 6,  // what the left tap reads
                    1, 2, 3, 0, 4, 5, 6, 0},
                   exactly));
}

TEST_F(Unit_09_3, FoldingBackCountsHowOftenAPixelWasRead) {
  Array x = Array::full({1, 1, 4, 4}, 0);
  col2im_add(Array::full({9, 4}, 1), 0, {.kernel = 3}, x);
  EXPECT_TRUE(near(x, {1, 1, 4, 4}, {1, 2, 2, 1, 2, 4, 4, 2, 2, 4, 4, 2, 1, 2, 2, 1}, exactly));
}

TEST_F(Unit_09_3, FoldingBackAddsAndTouchesOnlyItsImage) {
  Array x = Array::full({3, 1, 1, 2}, 10);
  col2im_add(Array({1, 2}, {1, 2}), 1, {}, x);
  EXPECT_TRUE(near(x, {3, 1, 1, 2}, {10, 10, 11, 12, 10, 10}, exactly));
}

TEST_F(Unit_09_3, WhatDoesNotFitIsRefused) {
  Array x = eighths({2, 1, 3, 3}, 1);
  EXPECT_EQ(im2col(x, 1, {.kernel = 2}).shape(), Shape({4, 4}));
  EXPECT_THROWS_WITH(im2col(x, 2, {.kernel = 2}), IndexError, "image 2", "(2, 1, 3, 3)");
  EXPECT_THROWS_WITH(im2col(x, -1, {.kernel = 2}), IndexError, "image -1");
  const Array before = x.clone();
  EXPECT_THROWS_WITH(col2im_add(Array({4, 8}), 0, {.kernel = 2}, x), ShapeError, "(4, 8)", "(4, 4)");
  for (const std::int64_t n : {-1, 2}) {
    const std::string image = fmt::format("image {}", n);
    EXPECT_THROWS_WITH(col2im_add(Array::full({4, 4}, 1), n, {.kernel = 2}, x), IndexError, "col2im_add", image);
  }
  EXPECT_TRUE(same_bits(x, before));
}

}  // namespace
}  // namespace rushlight::test
