// zip_rows of views.hpp, which stands on the student's strides_of: the walk that every op of 01.2 is made of.
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "01_tensor/views.hpp"

namespace rushlight::test {
namespace {

std::vector<Real> added(const Array& a, const Array& b, const Shape& shape) {
  Array out(shape);
  const Real* before = out.data().data();
  zip_rows(
      out, [](auto to, auto x, auto y) { xt::noalias(to) = x + y; }, a, b);
  EXPECT_EQ(out.data().data(), before) << "assigned into the buffer, without a copy";
  return {out.data().begin(), out.data().end()};
}

TEST(Integration_01, ZipRowsBroadcasts) {
  const std::vector<Real> table{11, 21, 31, 12, 22, 32};
  EXPECT_EQ(added(Array({2, 1}, {1, 2}), Array({3}, {10, 20, 30}), {2, 3}), table);
  EXPECT_EQ(added(Array({3}, {10, 20, 30}), Array({2, 1}, {1, 2}), {2, 3}), table);
  EXPECT_EQ(added(Array({2, 3}, {1, 2, 3, 4, 5, 6}), Array::scalar(1), {2, 3}), (std::vector<Real>{2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(added(Array::scalar(2), Array::scalar(3), {}), std::vector<Real>{5});
  EXPECT_EQ(added(Array(Shape{0, 3}), Array({3}, {1, 2, 3}), {0, 3}), std::vector<Real>{});
}

TEST(Integration_01, ZipRowsTellsANumberFromTheNextOneOfItsKind) {  // 0 and -0 are equal, and not the same
  Array out(Shape{2, 2});
  zip_rows(
      out, [](auto to, auto x, auto y) { xt::noalias(to) = x / y; }, ones({2}), Array({2, 1}, {Real{0}, -Real{0}}));
  const Real inf = std::numeric_limits<Real>::infinity();
  EXPECT_EQ((std::vector<Real>{out.data().begin(), out.data().end()}), (std::vector<Real>{inf, inf, -inf, -inf}));
}

TEST(Integration_01, ZipRowsTakesLongRowsInPieces) {  // a number that repeats is laid out in pieces of a thousand
  const std::int64_t length = 2500;
  const std::vector<Real> sums = added(Array({2, 1}, {100, 200}), arange(length), {2, length});
  for (std::int64_t i = 0; i < length; ++i) {
    ASSERT_EQ(sums[i], static_cast<Real>(100 + i)) << i;
    ASSERT_EQ(sums[length + i], static_cast<Real>(200 + i)) << i;
  }
}

}  // namespace
}  // namespace rushlight::test
