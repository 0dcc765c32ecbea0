// The given parts of module 17: they work before the student has written anything.
#include "17_compression/low_rank.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

double at(const Array& matrix, std::int64_t row, std::int64_t column) {
  return matrix.data()[row * matrix.shape()[1] + column];
}

TEST(Given_17, SvdIsOneOfItsMatrix) {
  for (const Shape& shape : {Shape{3, 5}, Shape{6, 4}, Shape{4, 4}, Shape{1, 3}, Shape{3, 1}, Shape{40, 70}}) {
    SCOPED_TRACE(shape.str());
    const Array whole = randn(shape, 1);
    const Svd parts = svd(whole);
    const std::int64_t rows = shape[0], columns = shape[1], count = std::min(rows, columns);
    ASSERT_EQ(parts.u.shape(), (Shape{rows, count}));
    ASSERT_EQ(parts.s.shape(), Shape{count});
    ASSERT_EQ(parts.vt.shape(), (Shape{count, columns}));
    const double close = double_precision ? 1e-11 : 2e-5;
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) {
        double product = 0;
        for (std::int64_t k = 0; k < count; ++k) product += at(parts.u, i, k) * parts.s.data()[k] * at(parts.vt, k, j);
        ASSERT_NEAR(product, at(whole, i, j), close) << i << ", " << j;
      }
    }
    for (std::int64_t a = 0; a < count; ++a) {
      EXPECT_TRUE(parts.s.data()[a] >= 0 && (a == 0 || parts.s.data()[a] <= parts.s.data()[a - 1])) << a;
      for (std::int64_t b = 0; b < count; ++b) {
        double left = 0, right = 0;
        for (std::int64_t i = 0; i < rows; ++i) left += at(parts.u, i, a) * at(parts.u, i, b);
        for (std::int64_t j = 0; j < columns; ++j) right += at(parts.vt, a, j) * at(parts.vt, b, j);
        ASSERT_NEAR(left, a == b ? 1 : 0, close);
        ASSERT_NEAR(right, a == b ? 1 : 0, close);
      }
    }
  }
}

TEST(Given_17, SvdOfADiagonal) {
  const Svd parts = svd(Array({2, 3}, {0, 3, 0, -2, 0, 0}));
  EXPECT_TRUE(near(parts.s, Shape{2}, {3, 2}));
}

TEST(Given_17, SvdErrors) {
  EXPECT_THROWS_WITH(svd(Array({3}, {1, 2, 3})), ShapeError, "svd", "(3,)");
  EXPECT_THROWS_WITH(svd(Array(Shape{0, 3})), ShapeError, "(0, 3)");
  EXPECT_THROWS_WITH(svd(Array({1, 2}, {1, static_cast<Real>(std::nan(""))})), ValueError, "finite");
}

}  // namespace
}  // namespace rushlight::test
