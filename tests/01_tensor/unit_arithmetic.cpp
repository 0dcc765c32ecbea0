#include <limits>

#include "01_tensor/oracles.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_01_2, AddBroadcastsARowOverAColumn) {
  EXPECT_TRUE(near(add(Array({2, 1}, {1, 2}), Array({3}, {10, 20, 30})), {2, 3}, {11, 21, 31, 12, 22, 32}));
  EXPECT_TRUE(near(add(Array({3}, {10, 20, 30}), Array({2, 1}, {1, 2})), {2, 3}, {11, 21, 31, 12, 22, 32}));
}

TEST(Unit_01_2, TheFourOpsOnPlainNumbers) {
  const Array a({4}, {6, -1, 0.5, 8});
  const Array b({4}, {3, 4, -2, 0.25});
  EXPECT_TRUE(near(add(a, b), {4}, {9, 3, -1.5, 8.25}, exactly));
  EXPECT_TRUE(near(sub(a, b), {4}, {3, -5, 2.5, 7.75}, exactly));
  EXPECT_TRUE(near(mul(a, b), {4}, {18, -4, -1, 2}, exactly));
  EXPECT_TRUE(near(div(a, b), {4}, {2, -0.25, -0.25, 32}, exactly));
}

TEST(Unit_01_2, AnyShapesThatBroadcast) {
  Generator generator(11);
  for (int round = 0; round < 200; ++round) {
    const ShapePair shapes = random_pair(generator, round % 2);  // every other round with sizes of 0
    const Array a = rushlight::rand(shapes.a, generator, 0.5, 2);
    const Array b = rushlight::rand(shapes.b, generator, 0.5, 2);
    const Array a_before = a.clone();
    const Array b_before = b.clone();
    SCOPED_TRACE(shapes.a.str() + " with " + shapes.b.str());
    ASSERT_TRUE(near(add(a, b), shapes.both, plain_zip(shapes.both, a, b, std::plus<>())));
    ASSERT_TRUE(near(sub(a, b), shapes.both, plain_zip(shapes.both, a, b, std::minus<>())));
    ASSERT_TRUE(near(mul(a, b), shapes.both, plain_zip(shapes.both, a, b, std::multiplies<>())));
    ASSERT_TRUE(near(div(a, b), shapes.both, plain_zip(shapes.both, a, b, std::divides<>())));
    ASSERT_TRUE(same_bits(a, a_before)) << "an op must not change its operands";
    ASSERT_TRUE(same_bits(b, b_before)) << "an op must not change its operands";
  }
}

TEST(Unit_01_2, ScalarsAndEmptyArrays) {
  EXPECT_TRUE(near(add(Array::scalar(2), Array::scalar(3)), Shape{}, {5}, exactly));
  EXPECT_TRUE(near(mul(Array::scalar(2), Array({2, 2}, {1, 2, 3, 4})), {2, 2}, {2, 4, 6, 8}, exactly));
  EXPECT_TRUE(near(add(Array(Shape{0, 3}), Array({3}, {1, 2, 3})), {0, 3}, {}));
  EXPECT_TRUE(near(add(Array(Shape{0}), Array({1}, {1})), {0}, {}));
  EXPECT_TRUE(near(div(Array(Shape{2, 0}), Array(Shape{2, 0})), {2, 0}, {}));
}

TEST(Unit_01_2, EightAxes) {
  const Array a = randn({1, 2, 1, 2, 1, 2, 1, 2}, 1);
  const Array b = randn({2, 1, 2, 1, 2, 1, 2, 1}, 2);
  const Shape both{2, 2, 2, 2, 2, 2, 2, 2};
  EXPECT_TRUE(near(mul(a, b), both, plain_zip(both, a, b, std::multiplies<>())));
}

TEST(Unit_01_2, NumbersMixWithArrays) {
  const Array x({2}, {1, 4});
  EXPECT_TRUE(near(x + Real{1}, {2}, {2, 5}, exactly));
  EXPECT_TRUE(near(x - Real{1}, {2}, {0, 3}, exactly));
  EXPECT_TRUE(near(Real{1} - x, {2}, {0, -3}, exactly));
  EXPECT_TRUE(near(x * Real{2}, {2}, {2, 8}, exactly));
  EXPECT_TRUE(near(x / Real{2}, {2}, {0.5, 2}, exactly));
  EXPECT_TRUE(near(Real{2} / x, {2}, {2, 0.5}, exactly));
}

// 17 elements: some go through the vector registers, the last one does not.
TEST(Unit_01_2, InfinitiesAndNansFollowIeee) {
  const Array x = Array::full({17}, inf);
  const Array zero = Array::full({17}, 0);
  EXPECT_TRUE(near(sub(x, x), Array::full({17}, nan)));
  EXPECT_TRUE(near(mul(x, zero), Array::full({17}, nan)));
  EXPECT_TRUE(near(div(zero, zero), Array::full({17}, nan)));
  EXPECT_TRUE(near(div(Array::full({17}, -1), zero), Array::full({17}, -inf)));
  EXPECT_TRUE(near(add(Array::full({17}, nan), zero), Array::full({17}, nan)));
  EXPECT_TRUE(near(div(Array::full({17}, 1), x), zero, exactly));
}

// A product with 1/b rounds twice, and 1/b is infinite where b is subnormal.
TEST(Unit_01_2, DivRoundsOnce) {
  std::vector<Real> products, divisors;
  Doubles quotients;
  for (int i = 1; i <= 12 * 100; ++i) {
    quotients.push_back(1 + i % 12);
    divisors.push_back(static_cast<Real>(1 + i / 12));
    products.push_back(static_cast<Real>(quotients.back()) * divisors.back());
  }
  const Shape shape{static_cast<std::int64_t>(quotients.size())};
  EXPECT_TRUE(near(div(Array(shape, products), Array(shape, divisors)), shape, quotients, exactly));
  const Real tiny = std::numeric_limits<Real>::denorm_min();
  EXPECT_TRUE(near(div(Array::full({9}, 3 * tiny), Array::full({9}, tiny)), Array::full({9}, 3), exactly));
}

TEST(Unit_01_2, ResultsHaveBuffersOfTheirOwn) {  // also where the numbers stay what they were
  const Array x({2, 2}, {1, 2, 3, 4}), none = zeros({}), one = ones({});
  for (const Array& y : {add(x, none), sub(x, none), mul(x, one), div(x, one), pow(x, 1), abs(x), maximum(x, x),
                         minimum(x, x), where(Mask({}, {1}), x, x)}) {
    EXPECT_TRUE(near(y, x, exactly));
    EXPECT_FALSE(y.shares_buffer_with(x));
  }
}

TEST(Unit_01_2, LargeAndSubnormalNumbersSurvive) {
  const Real tiny = std::numeric_limits<Real>::denorm_min();
  const Real huge = std::numeric_limits<Real>::max();
  EXPECT_TRUE(near(add(Array::full({9}, tiny), Array::full({9}, tiny)), Array::full({9}, 2 * tiny), exactly));
  EXPECT_TRUE(near(mul(Array::full({9}, huge), Array::full({9}, 2)), Array::full({9}, inf)));
  EXPECT_TRUE(
      near(sub(Array::full({9}, Real{1e4}), Array::full({9}, Real{-1e4})), Array::full({9}, Real{2e4}), exactly));
}

TEST(Unit_01_2, ShapeErrorsNameTheOpAndBothShapes) {
  const Array a = zeros({2, 3});
  const Array b = zeros({2, 4});
  EXPECT_THROWS_WITH(add(a, b), ShapeError, "(2, 3)", "(2, 4)", "equal or 1");
  EXPECT_THROWS_WITH(sub(a, b), ShapeError, "(2, 3)", "(2, 4)");
  EXPECT_THROWS_WITH(mul(a, b), ShapeError, "(2, 3)", "(2, 4)");
  EXPECT_THROWS_WITH(div(a, b), ShapeError, "(2, 3)", "(2, 4)");
}

TEST(Unit_01_2, AnEmptyHandleIsAnErrorNotACrash) {
  EXPECT_THROWS_WITH(add(Array(), zeros({2})), ValueError, "empty");
  EXPECT_THROWS_WITH(exp(Array()), ValueError, "empty");
}

}  // namespace
}  // namespace rushlight::test
