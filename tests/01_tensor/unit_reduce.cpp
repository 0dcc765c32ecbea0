#include "01_tensor/oracles.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_01_3, SumOverEachAxis) {
  EXPECT_TRUE(near(sum(grid), Shape{}, {21}));
  EXPECT_TRUE(near(sum(grid, {0}), {3}, {5, 7, 9}));
  EXPECT_TRUE(near(sum(grid, {1}), {2}, {6, 15}));
  EXPECT_TRUE(near(sum(grid, {-1}), {2}, {6, 15}));
  EXPECT_TRUE(near(sum(grid, {-2}, true), {1, 3}, {5, 7, 9}));
  EXPECT_TRUE(near(sum(grid, {}, true), {1, 1}, {21}));
  EXPECT_TRUE(near(sum(grid, {1, 0}), Shape{}, {21}));
}

// Every set of axes of random shapes, sizes of 0 and 1 included.
TEST(Unit_01_3, AnyAxesOfAnyShape) {
  Generator generator(13);
  for (int round = 0; round < 60; ++round) {
    Shape shape;
    for (std::int64_t rank = generator.below(5); rank > 0; --rank) {
      shape.push_back(round % 5 == 0 ? generator.below(4) : 1 + generator.below(4));
    }
    const Array x = rushlight::randn(shape, generator);
    for (int set = 0; set < 1 << shape.rank(); ++set) {
      Axes axes;
      for (int axis = 0; axis < shape.rank(); ++axis) {
        if (set >> axis & 1) axes.push_back(axis);
      }
      if (axes.empty() && shape.rank() > 0) continue;  // means all axes: the full set covers it
      Shape kept = shape;
      double count = 1;
      for (const int axis : axes) {
        count *= static_cast<double>(shape[axis]);
        kept[axis] = 1;
      }
      SCOPED_TRACE(shape.str() + " over axes " + testing::PrintToString(axes));
      Doubles expected = plain_reduce(x, axes, 0, std::plus<>());
      ASSERT_TRUE(near(sum(x, axes, true), kept, expected));
      for (double& value : expected) value /= count;
      ASSERT_TRUE(near(mean(x, axes, true), kept, expected));
      if (count == 0) continue;
      expected = plain_reduce(x, axes, -inf, [](double a, double b) { return std::max(a, b); });
      ASSERT_TRUE(near(max(x, axes, true), kept, expected, exactly));
    }
  }
}

// Several rows at a time are faster; any number of them may be left over.
TEST(Unit_01_3, ColumnsOfAnyLength) {
  for (std::int64_t count = 1; count <= 33; ++count) {
    const Array x = arange(count * 3).with_shape({count, 3});
    const double n = static_cast<double>(count), first = 3 * n * (n - 1) / 2;
    ASSERT_TRUE(near(sum(x, {0}), {3}, {first, first + n, first + 2 * n}, exactly)) << count << " rows";
  }
}

TEST(Unit_01_3, LongRowsAndColumnsKeepTheirDigits) {
  const std::int64_t count = 1000000;
  EXPECT_EQ(sum(ones({count})).item(), Real{1000000});
  const Array tenths = Array::full({count}, Real{0.1});
  const double expected = 1e6 * static_cast<double>(Real{0.1});
  EXPECT_TRUE(near(sum(tenths), Shape{}, {expected})) << "in one float, a million tenths come to 100958";
  EXPECT_TRUE(near(sum(tenths.with_shape({count, 1}), {0}), {1}, {expected}));
  EXPECT_TRUE(near(sum(tenths.with_shape({count / 2, 2}), {0}), {2}, {expected / 2, expected / 2}));
  EXPECT_TRUE(near(mean(tenths.with_shape({count / 10, 2, 5}), {0, 2}), {2}, {0.1, 0.1}));
}

TEST(Unit_01_3, SumsOverNothing) {
  EXPECT_TRUE(near(sum(Array(Shape{0})), Shape{}, {0}, exactly));
  EXPECT_TRUE(near(sum(Array(Shape{0, 3}), {0}), {3}, {0, 0, 0}, exactly));
  EXPECT_TRUE(near(sum(Array(Shape{0, 3}), {1}), {0}, {}));
  EXPECT_TRUE(near(mean(Array(Shape{2, 0}), {1}), {2}, {nan, nan}));
  EXPECT_TRUE(near(mean(Array(Shape{0, 3}), {1}), {0}, {}));
}

TEST(Unit_01_3, AScalarIsItsOwnSum) {
  EXPECT_TRUE(near(sum(Array::scalar(5)), Shape{}, {5}, exactly));
  EXPECT_TRUE(near(mean(Array::scalar(5)), Shape{}, {5}, exactly));
  EXPECT_TRUE(near(max(Array::scalar(5), {}, true), Shape{}, {5}, exactly));
}

TEST(Unit_01_3, InfinitiesAndNansInSums) {
  EXPECT_TRUE(near(sum(Array({2, 2}, {inf, 1, nan, 2}), {1}), {2}, {inf, nan}));
  EXPECT_TRUE(near(sum(Array({2, 2}, {inf, 1, -inf, 2}), {0}), {2}, {nan, 3}));
}

TEST(Unit_01_3, MeanDividesByWhatWentIn) {
  EXPECT_TRUE(near(mean(grid), Shape{}, {3.5}));
  EXPECT_TRUE(near(mean(grid, {0}), {3}, {2.5, 3.5, 4.5}));
  EXPECT_TRUE(near(mean(grid, {1}, true), {2, 1}, {2, 5}));
}

TEST(Unit_01_3, MaxOfInfinitiesAndNans) {
  EXPECT_TRUE(near(max(Array({3, 2}, {-inf, -inf, 1, nan, nan, 3}), {1}), {3}, {-inf, nan, nan}));
  EXPECT_TRUE(near(max(Array({2, 2}, {-5, -7, nan, -6}), {0}), {2}, {nan, -6}));
  EXPECT_TRUE(near(max(Array({2, 2}, {-5, nan, -4, -6}), {0}), {2}, {-4, nan}));
}

TEST(Unit_01_3, MaxOverNothingIsAnError) {
  EXPECT_THROWS_WITH(max(Array(Shape{2, 0})), ShapeError, "(2, 0)");
  EXPECT_THROWS_WITH(max(Array(Shape{2, 0}), {1}), ShapeError, "(2, 0)");
  EXPECT_TRUE(near(max(Array(Shape{0, 3}), {1}), {0}, {})) << "no row, so no maximum is missing";
}

TEST(Unit_01_3, ArgmaxFindsTheFirstLargest) {
  EXPECT_TRUE(same(argmax(Array({2, 4}, {1, 7, 7, 0, -3, -2, -9, -2})), {2}, {1, 1}));
  EXPECT_TRUE(same(argmax(Array({2, 3}, {1, 9, 3, 4, 5, 3}), 0), {3}, {1, 0, 0}));
  EXPECT_TRUE(same(argmax(Array({2, 2, 2}, {1, 2, 3, 0, 5, 5, 5, 6}), 1), {2, 2}, {1, 0, 0, 1}));
  EXPECT_TRUE(same(argmax(Array({3}, {-inf, -inf, -inf})), Shape{}, {0}));
  EXPECT_TRUE(same(argmax(Array({4}, {1, nan, inf, nan})), Shape{}, {1})) << "the first NaN comes before all";
  EXPECT_TRUE(same(argmax(Array(Shape{0, 3}), 1), {0}, {}));
}

TEST(Unit_01_3, ArgmaxErrors) {
  EXPECT_THROWS_WITH(argmax(Array(Shape{3, 0})), ShapeError, "(3, 0)");
  EXPECT_THROWS_WITH(argmax(grid, 2), IndexError, "2");
  EXPECT_THROWS_WITH(argmax(Array::scalar(1)), IndexError);
}

TEST(Unit_01_3, AxesErrorsNameTheOp) {
  EXPECT_THROWS_WITH(sum(grid, {2}), IndexError, "sum", "axis 2", "-2..1");
  EXPECT_THROWS_WITH(mean(grid, {-3}), IndexError, "mean", "axis -3");
  EXPECT_THROWS_WITH(max(grid, {0, -2}), ShapeError, "max", "twice");
}

TEST(Unit_01_3, AnEmptyArrayHasItsAxesCheckedToo) {
  const Array none(Shape{0, 3});
  EXPECT_THROWS_WITH(sum(none, {2}), IndexError, "sum", "axis 2");
  EXPECT_THROWS_WITH(mean(none, {0, -3}), IndexError, "mean", "axis -3");
  EXPECT_THROWS_WITH(max(none, {1, -1}), ShapeError, "max", "twice");
  EXPECT_THROWS_WITH(argmax(none, -3), IndexError, "-3");
  EXPECT_THROWS_WITH(sum_to(none, {0, 2}), ShapeError, "(0, 2)", "(0, 3)");
}

TEST(Unit_01_3, ALineOfOneNumberIsThatNumberAndACopy) {
  const Array x({1, 3}, {1, -inf, nan});
  for (const Array& y : {sum(x, {0}, true), mean(x, {0}, true), max(x, {0}, true)}) {
    EXPECT_TRUE(near(y, x, exactly));
    EXPECT_FALSE(y.shares_buffer_with(x));
  }
}

TEST(Unit_01_3, SumToUndoesBroadcasting) {
  EXPECT_TRUE(near(sum_to(grid, {3}), {3}, {5, 7, 9}));
  EXPECT_TRUE(near(sum_to(grid, {2, 1}), {2, 1}, {6, 15}));
  EXPECT_TRUE(near(sum_to(grid, {1, 1}), {1, 1}, {21}));
  EXPECT_TRUE(near(sum_to(grid, {}), Shape{}, {21}));
  EXPECT_TRUE(near(sum_to(grid, {2, 3}), {2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(sum_to(grid, {2, 3}).shares_buffer_with(grid));
  EXPECT_TRUE(near(sum_to(ones({2, 3, 4}), {3, 1}), {3, 1}, {8, 8, 8}));
  EXPECT_TRUE(near(sum_to(Array(Shape{0, 3}), {3}), {3}, {0, 0, 0}));
  EXPECT_TRUE(near(sum_to(Array(Shape{2, 0}), {1}), {1}, {0}));
  EXPECT_TRUE(near(sum_to(ones({1, 1, 4}), {1, 4}), {1, 4}, {1, 1, 1, 1}));
  EXPECT_THROWS_WITH(sum_to(grid, {3, 2}), ShapeError, "(2, 3)", "(3, 2)");  // as many elements, and another form
}

// <broadcast(x), y> = <x, sum_to(y)>: that is what makes it the adjoint.
TEST(Unit_01_3, SumToIsTheAdjointOfBroadcasting) {
  Generator generator(14);
  for (int round = 0; round < 100; ++round) {
    const ShapePair shapes = random_pair(generator, 1);
    const Array y = rushlight::randn(shapes.both, generator);
    const Doubles expected = to_doubles(plain_sum_to(y, shapes.a));
    ASSERT_TRUE(near(sum_to(y, shapes.a), shapes.a, expected)) << shapes.both.str() << " to " << shapes.a.str();
  }
}

TEST(Unit_01_3, SumToErrorsNameBothShapes) {
  EXPECT_THROWS_WITH(sum_to(grid, {2}), ShapeError, "(2,)", "(2, 3)");
  EXPECT_THROWS_WITH(sum_to(grid, {4, 2, 3}), ShapeError, "(4, 2, 3)", "(2, 3)");
  EXPECT_THROWS_WITH(sum_to(ones({1, 3}), {2, 3}), ShapeError, "(2, 3)", "(1, 3)");
  EXPECT_THROWS_WITH(sum_to(ones({}), {2}), ShapeError, "(2,)", "()");
  EXPECT_THROWS_WITH(sum_to(ones({3}), {1, 3}), ShapeError, "(1, 3)", "(3,)");
}

TEST(Unit_01_3, ReductionsLeaveTheirOperandAlone) {
  const Array x = randn({3, 4}, 15);
  const Array before = x.clone();
  sum(x, {0});
  mean(x, {1});
  max(x);
  argmax(x);
  sum_to(x, {4});
  EXPECT_TRUE(same_bits(x, before)) << "an op must not change its operand";
}

}  // namespace
}  // namespace rushlight::test
