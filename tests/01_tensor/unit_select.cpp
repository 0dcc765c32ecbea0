#include "01_tensor/oracles.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_01_2, MaximumAndMinimum) {
  const Array a({2, 1}, {1, 5});
  const Array b({3}, {0, 2, 9});
  EXPECT_TRUE(near(maximum(a, b), {2, 3}, {1, 2, 9, 5, 5, 9}, exactly));
  EXPECT_TRUE(near(maximum(b, a), {2, 3}, {1, 2, 9, 5, 5, 9}, exactly));
  EXPECT_TRUE(near(minimum(a, b), {2, 3}, {0, 1, 1, 0, 2, 5}, exactly));
  EXPECT_TRUE(near(minimum(b, a), {2, 3}, {0, 1, 1, 0, 2, 5}, exactly));
}

TEST(Unit_01_2, ANanOnEitherSideWins) {
  const Array a({4}, {nan, 1, nan, inf});
  const Array b({4}, {1, nan, nan, -inf});
  EXPECT_TRUE(near(maximum(a, b), {4}, {nan, nan, nan, inf}));
  EXPECT_TRUE(near(minimum(a, b), {4}, {nan, nan, nan, -inf}));
}

TEST(Unit_01_2, Comparisons) {
  const Array a({5}, {1, 2, 3, nan, -inf});
  const Array b({5}, {2, 2, 2, nan, inf});
  EXPECT_TRUE(same(greater(a, b), {5}, {0, 0, 1, 0, 0}));
  EXPECT_TRUE(same(less(a, b), {5}, {1, 0, 0, 0, 1}));
  EXPECT_TRUE(same(equal(a, b), {5}, {0, 1, 0, 0, 0}));
  EXPECT_TRUE(same(equal(Array({3}, {inf, -inf, inf}), Array({3}, {inf, -inf, -inf})), {3}, {1, 1, 0}));
}

TEST(Unit_01_2, ComparisonsBroadcastBothWays) {
  const Array column({2, 1}, {1, 2});
  const Array row({3}, {1, 2, 3});
  EXPECT_TRUE(same(greater(column, row), {2, 3}, {0, 0, 0, 1, 0, 0}));
  EXPECT_TRUE(same(greater(row, column), {2, 3}, {0, 1, 1, 0, 0, 1}));
  EXPECT_TRUE(same(less(column, row), {2, 3}, {0, 1, 1, 0, 0, 1}));
  EXPECT_TRUE(same(equal(column, row), {2, 3}, {1, 0, 0, 0, 1, 0}));
  EXPECT_TRUE(same(equal(row, Array::scalar(2)), {3}, {0, 1, 0}));
  EXPECT_TRUE(same(less(Array(Shape{0, 3}), row), {0, 3}, {}));
  EXPECT_TRUE(same(greater(Array::scalar(1), Array::scalar(0)), Shape{}, {1}));
}

TEST(Unit_01_2, AnyShapesThatBroadcastCompare) {
  Generator generator(12);
  for (int round = 0; round < 100; ++round) {
    const ShapePair shapes = random_pair(generator, round % 2);
    const Array a = rushlight::randn(shapes.a, generator);
    const Array b = rushlight::randn(shapes.b, generator);
    SCOPED_TRACE(shapes.a.str() + " with " + shapes.b.str());
    const auto max_of = [](double x, double y) { return x > y ? x : y; };
    const auto min_of = [](double x, double y) { return x < y ? x : y; };
    ASSERT_TRUE(near(maximum(a, b), shapes.both, plain_zip(shapes.both, a, b, max_of), exactly));
    ASSERT_TRUE(near(minimum(a, b), shapes.both, plain_zip(shapes.both, a, b, min_of), exactly));
    const Doubles is_greater = plain_zip(shapes.both, a, b, std::greater<>());
    ASSERT_TRUE(same(greater(a, b), shapes.both, std::vector<int>(is_greater.begin(), is_greater.end())));
  }
}

TEST(Unit_01_2, WhereChooses) {
  const Mask condition({3}, {1, 0, 1});
  EXPECT_TRUE(near(where(condition, Array({3}, {1, 2, 3}), Array({3}, {-1, -2, -3})), {3}, {1, -2, 3}, exactly));
}

TEST(Unit_01_2, WhereDoesNotLeakWhatItDoesNotChoose) {
  const Mask condition({2}, {1, 0});
  EXPECT_TRUE(near(where(condition, Array({2}, {1, nan}), Array({2}, {inf, 2})), {2}, {1, 2}, exactly));
}

TEST(Unit_01_2, WhereBroadcastsAllThree) {
  const Mask condition({2, 1}, {1, 0});
  const Array row({3}, {1, 2, 3});
  EXPECT_TRUE(near(where(condition, row, Array::scalar(0)), {2, 3}, {1, 2, 3, 0, 0, 0}, exactly));
  EXPECT_TRUE(near(where(condition, Array::scalar(7), row), {2, 3}, {7, 7, 7, 1, 2, 3}, exactly));
  EXPECT_TRUE(near(where(Mask({}, {1}), zeros({2, 1}), row), {2, 3}, {0, 0, 0, 0, 0, 0}, exactly));
  EXPECT_TRUE(near(where(Mask({3}, {0, 1, 0}), ones({4, 1}), Array::scalar(2)), {4, 3},
                   {2, 1, 2, 2, 1, 2, 2, 1, 2, 2, 1, 2}, exactly));
  EXPECT_TRUE(near(where(Mask(Shape{0, 1}), row, row), {0, 3}, {}));
}

TEST(Unit_01_2, SelectionErrorsNameTheOpAndShapes) {
  const Array a = zeros({2, 3});
  const Array b = zeros({2, 4});
  EXPECT_THROWS_WITH(maximum(a, b), ShapeError, "(2, 3)", "(2, 4)");
  EXPECT_THROWS_WITH(minimum(a, b), ShapeError, "(2, 3)", "(2, 4)");
  EXPECT_THROWS_WITH(greater(a, b), ShapeError, "(2, 3)", "(2, 4)");
  EXPECT_THROWS_WITH(less(a, b), ShapeError, "(2, 3)", "(2, 4)");
  EXPECT_THROWS_WITH(equal(a, b), ShapeError, "(2, 3)", "(2, 4)");
  EXPECT_THROWS_WITH(where(Mask(Shape{2}), a, a), ShapeError, "(2,)", "(2, 3)");
  EXPECT_THROWS_WITH(where(Mask(), a, a), ValueError, "empty");
}

}  // namespace
}  // namespace rushlight::test
