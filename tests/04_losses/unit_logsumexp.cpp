#include "04_losses/loss_checks.hpp"

namespace rushlight::test {
namespace {

Doubles plain_logsumexp(const Array& x, int axis) {
  std::int64_t inner = 1;
  for (int i = axis + 1; i < x.rank(); ++i) inner *= x.shape()[i];
  const std::int64_t size = x.shape()[axis];
  Doubles result;
  for (std::int64_t line = 0; line < x.size() / size; ++line) {
    double total = 0;
    for (std::int64_t k = 0; k < size; ++k) {
      total += std::exp(static_cast<double>(x.data()[(line / inner * size + k) * inner + line % inner]));
    }
    result.push_back(std::log(total));
  }
  return result;
}

}  // namespace

TEST(Unit_04_2, LogSumExpByHand) {
  const Array x = array_from({2, 2}, {std::log(1.0), std::log(3.0), std::log(2.0), std::log(8.0)});
  EXPECT_TRUE(near(logsumexp(x).value(), {2}, {std::log(4.0), std::log(10.0)}));
  EXPECT_TRUE(near(logsumexp(x, 0).value(), {2}, {std::log(3.0), std::log(11.0)}));
  EXPECT_TRUE(near(logsumexp(x, 0, true).value(), {1, 2}, {std::log(3.0), std::log(11.0)}));
}

TEST(Unit_04_2, LogSumExpIsTheDefinitionOnEveryAxis) {
  std::uint64_t seed = 11;
  for (const Shape& shape : {Shape{1}, Shape{19}, Shape{8, 3}, Shape{2, 17, 3}, Shape{3, 4, 1, 9}}) {
    const Array x = uniform(shape, seed++, -4, 4);
    for (int axis = 0; axis < shape.rank(); ++axis) {
      Shape kept = shape;
      kept[axis] = 1;
      const Doubles expected = plain_logsumexp(x, axis);
      EXPECT_TRUE(near(logsumexp(x, axis - shape.rank(), true).value(), kept, expected)) << "axis " << axis;
      EXPECT_EQ(logsumexp(x, axis).rank(), shape.rank() - 1);
    }
  }
}

TEST(Unit_04_2, LogSumExpOfHugeNumbers) {
  const Array x({4, 2}, {1e4, 1e4, -1e4, -1e4, 1e4, -1e4, 0, -1e4});
  const double two = std::log(2.0);
  EXPECT_TRUE(near(logsumexp(x).value(), {4}, {1e4 + two, -1e4 + two, 1e4, 0}));
}

TEST(Unit_04_2, LogSumExpAtTheEndsOfTheRange) {
  for (const Real at : {Real{-3e38}, Real{-1e20}, Real{1e20}, Real{3e38}}) {
    EXPECT_TRUE(near(logsumexp(Array({2, 2}, {at, at, at, 0})).value(), {2}, {at, std::max(at, Real{0})}));
  }
  EXPECT_TRUE(near(logsumexp(Array({2}, {Real{-3e38}, Real{3e38}})).value(), Shape{}, {Real{3e38}}));
}

TEST(Unit_04_2, LogSumExpOfOneNumberIsThatNumber) {
  const Array x = array_from({4, 1}, {-infinity, infinity, not_a_number, 3});
  EXPECT_TRUE(near(logsumexp(x).value(), {4}, to_doubles(x)));
  EXPECT_TRUE(near(logsumexp(x, 1, true).value(), x));
}

TEST(Unit_04_2, LogSumExpAtInfinity) {
  const Array x = array_from({4, 2}, {-infinity, -infinity, -infinity, 3, infinity, 0, not_a_number, 0});
  EXPECT_TRUE(near(logsumexp(x).value(), {4}, {-infinity, 3, infinity, not_a_number}));
}

TEST(Unit_04_2, LogSumExpOfNothing) {
  EXPECT_TRUE(near(logsumexp(Array({2, 0})).value(), {2}, {-infinity, -infinity}));  // log 0
  EXPECT_TRUE(near(logsumexp(Array({2, 0}), 1, true).value(), {2, 1}, {-infinity, -infinity}));
  EXPECT_EQ(logsumexp(Array({0, 3})).shape(), Shape{0});
  EXPECT_EQ(logsumexp(Array({0, 3}), 0).shape(), Shape{3});
}

TEST(Unit_04_2, LogSumExpRefusesAnAxisThatIsNotThere) {
  EXPECT_THROWS_WITH(logsumexp(Array({2, 3}), 2), IndexError, "2");
  EXPECT_THROWS_WITH(logsumexp(Array::scalar(1)), IndexError);
  EXPECT_THROWS_WITH(logsumexp(Array(Shape{2, 0}), 2), IndexError, "2");
  EXPECT_THROWS_WITH(logsumexp(Array(Shape{0, 3}), -3), IndexError, "-3");
}

TEST(Unit_04_2, LogSumExpHasAGraphAndLeavesItsInputAlone) {
  const Tensor x(randn({2, 3}, 12), true);
  const Array before = x.value().clone();
  const Tensor y = logsumexp(x);
  ASSERT_TRUE(y.requires_grad());
  EXPECT_FALSE(logsumexp(x.value()).requires_grad());
  EXPECT_TRUE(same_bits(x.value(), before));
}

}  // namespace rushlight::test
