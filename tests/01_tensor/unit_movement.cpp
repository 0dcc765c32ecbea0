#include <numeric>

#include "01_tensor/oracles.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_01_5, ReshapeKeepsTheOrder) {
  EXPECT_TRUE(near(reshape(grid, {3, 2}), {3, 2}, {1, 2, 3, 4, 5, 6}, exactly));
  EXPECT_TRUE(near(reshape(grid, {-1}), {6}, {1, 2, 3, 4, 5, 6}, exactly));
  EXPECT_TRUE(near(reshape(grid, {3, 1, -1}), {3, 1, 2}, {1, 2, 3, 4, 5, 6}, exactly));
  EXPECT_TRUE(near(reshape(Array::scalar(7), {1, 1}), {1, 1}, {7}, exactly));
  EXPECT_TRUE(near(reshape(Array({1}, {7}), {}), Shape{}, {7}, exactly));
  EXPECT_TRUE(near(reshape(Array(Shape{0, 3}), {3, -1}), {3, 0}, {}));
}

TEST(Unit_01_5, ReshapeCopiesNothing) {
  EXPECT_TRUE(reshape(grid, {3, 2}).shares_buffer_with(grid));
  EXPECT_EQ(grid.shape(), Shape({2, 3})) << "the argument keeps its own shape";
}

TEST(Unit_01_5, ReshapeErrorsNameTheSizes) {
  EXPECT_THROWS_WITH(reshape(grid, {4, 2}), ShapeError, "reshape", "6", "(4, 2)");
  EXPECT_THROWS_WITH(reshape(grid, {4, -1}), ShapeError, "reshape", "6", "(4, -1)");
}

TEST(Unit_01_5, PermuteMovesAxes) {
  EXPECT_TRUE(near(permute(grid, {1, 0}), {3, 2}, {1, 4, 2, 5, 3, 6}, exactly));
  EXPECT_TRUE(near(permute(grid, {-1, -2}), {3, 2}, {1, 4, 2, 5, 3, 6}, exactly));
  EXPECT_TRUE(near(permute(grid, {0, 1}), {2, 3}, {1, 2, 3, 4, 5, 6}, exactly));
  EXPECT_TRUE(near(permute(Array::scalar(3), {}), Shape{}, {3}, exactly));
  EXPECT_TRUE(near(permute(Array(Shape{2, 0, 3}), {2, 0, 1}), {3, 2, 0}, {}));
}

// A rotation tells a permutation from its inverse; a swap does not.
TEST(Unit_01_5, PermuteEveryWay) {
  const Array x = randn({2, 3, 4, 5}, 31);
  Axes axes(4);
  std::iota(axes.begin(), axes.end(), 0);
  do {
    Shape shape = x.shape();
    for (int i = 0; i < 4; ++i) shape[i] = x.shape()[axes[i]];
    Doubles expected;
    for (std::int64_t flat = 0; flat < x.size(); ++flat) {
      const Position position = position_of(flat, shape);
      Position source(4);
      for (int i = 0; i < 4; ++i) source[axes[i]] = position[i];
      expected.push_back(at(x, place_of(source, x.shape())));
    }
    for (unsigned from_the_end = 0; from_the_end < 16; ++from_the_end) {  // a bit for each axis
      Axes written = axes;
      for (int i = 0; i < 4; ++i) written[i] -= (from_the_end >> i & 1) != 0 ? 4 : 0;
      ASSERT_TRUE(near(permute(x, written), shape, expected, exactly)) << testing::PrintToString(written);
    }
  } while (std::next_permutation(axes.begin(), axes.end()));
}

TEST(Unit_01_5, PermuteErrors) {
  EXPECT_THROWS_WITH(permute(grid, {0}), ShapeError, "(2, 3)");
  EXPECT_THROWS_WITH(permute(grid, {}), ShapeError, "(2, 3)");
  EXPECT_THROWS_WITH(permute(grid, {0, 1, 2}), ShapeError, "(2, 3)");
  EXPECT_THROWS_WITH(permute(grid, {0, -2}), ShapeError, "twice");
  EXPECT_THROWS_WITH(permute(grid, {0, 2}), IndexError, "2");
}

TEST(Unit_01_5, TransposeSwapsTwoAxes) {
  EXPECT_TRUE(near(transpose(grid, 0, 1), {3, 2}, {1, 4, 2, 5, 3, 6}, exactly));
  EXPECT_TRUE(near(transpose(grid, 1, 1), {2, 3}, {1, 2, 3, 4, 5, 6}, exactly));
  const Array x({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_TRUE(near(transpose(x, 0, -1), {2, 2, 2}, {1, 5, 3, 7, 2, 6, 4, 8}, exactly));
  EXPECT_TRUE(near(transpose(x, -2, -1), {2, 2, 2}, {1, 3, 2, 4, 5, 7, 6, 8}, exactly));
  EXPECT_TRUE(same_bits(transpose(transpose(x, 0, 2), 2, 0), x));
}

TEST(Unit_01_5, TransposeErrors) {
  EXPECT_THROWS_WITH(transpose(grid, 0, 2), IndexError, "2");
  EXPECT_THROWS_WITH(transpose(Array::scalar(1), 0, 0), IndexError);
}

TEST(Unit_01_5, BroadcastToRepeats) {
  EXPECT_TRUE(near(broadcast_to(Array({3}, {1, 2, 3}), {2, 3}), {2, 3}, {1, 2, 3, 1, 2, 3}, exactly));
  EXPECT_TRUE(near(broadcast_to(Array({2, 1}, {1, 2}), {2, 3}), {2, 3}, {1, 1, 1, 2, 2, 2}, exactly));
  EXPECT_TRUE(near(broadcast_to(Array::scalar(7), {2, 2}), {2, 2}, {7, 7, 7, 7}, exactly));
  EXPECT_TRUE(near(broadcast_to(Array::scalar(7), {}), Shape{}, {7}, exactly));
  const Array own({2}, {1, 2});
  EXPECT_FALSE(broadcast_to(own, {2}).shares_buffer_with(own)) << "materialised, also where nothing repeats";
  EXPECT_TRUE(near(broadcast_to(Array({1, 3}, {1, 2, 3}), {0, 3}), {0, 3}, {}));
}

TEST(Unit_01_5, BroadcastToAnyLargerShape) {
  Generator generator(32);
  for (int round = 0; round < 100; ++round) {
    const ShapePair shapes = random_pair(generator, round % 2);
    const Array x = rushlight::randn(shapes.a, generator);
    const Doubles expected = plain_zip(shapes.both, x, x, [](double a, double) { return a; });
    ASSERT_TRUE(near(broadcast_to(x, shapes.both), shapes.both, expected, exactly)) << shapes.a.str();
  }
}

TEST(Unit_01_5, BroadcastToGoesOneWayOnly) {
  EXPECT_THROWS_WITH(broadcast_to(grid, {3}), ShapeError, "(2, 3)", "(3,)");
  EXPECT_THROWS_WITH(broadcast_to(grid, {2, 1}), ShapeError, "(2, 3)", "(2, 1)");
  EXPECT_THROWS_WITH(broadcast_to(grid, {2, 4}), ShapeError, "(2, 3)", "(2, 4)");
  EXPECT_THROWS_WITH(broadcast_to(grid, {}), ShapeError, "(2, 3)", "()");
  EXPECT_THROWS_WITH(broadcast_to(ones({1, 3}), {3}), ShapeError, "(1, 3)", "(3,)");  // no axis goes
}

TEST(Unit_01_5, ConcatAlongEachAxis) {
  const Array more({2, 1}, {10, 20});
  EXPECT_TRUE(near(concat(Arrays{grid, more}, 1), {2, 4}, {1, 2, 3, 10, 4, 5, 6, 20}, exactly));
  EXPECT_TRUE(near(concat(Arrays{more, grid}, -1), {2, 4}, {10, 1, 2, 3, 20, 4, 5, 6}, exactly));
  EXPECT_TRUE(near(concat(Arrays{grid, Array({1, 3}, {7, 8, 9})}, 0), {3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}, exactly));
  EXPECT_TRUE(near(concat(Arrays{grid}, 0), {2, 3}, {1, 2, 3, 4, 5, 6}, exactly));
  EXPECT_TRUE(near(concat(Arrays{grid, grid}, -2), {4, 3}, {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6}, exactly));
}

TEST(Unit_01_5, ConcatInTheMiddle) {
  const Array a({2, 1, 2}, {1, 2, 3, 4});
  const Array b({2, 2, 2}, {5, 6, 7, 8, 9, 10, 11, 12});
  EXPECT_TRUE(near(concat(Arrays{a, b}, 1), {2, 3, 2}, {1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12}, exactly));
}

TEST(Unit_01_5, ConcatWithEmptyParts) {
  const Array none(Shape{2, 0});
  EXPECT_TRUE(near(concat(Arrays{none, grid, none}, 1), {2, 3}, {1, 2, 3, 4, 5, 6}, exactly));
  EXPECT_TRUE(near(concat(Arrays{none, none}, 1), {2, 0}, {}));
  EXPECT_TRUE(near(concat(Arrays{none, none}, 0), {4, 0}, {}));
}

TEST(Unit_01_5, ConcatErrorsNameShapesAndAxis) {
  EXPECT_THROWS_WITH(concat(Arrays{}, 0), ShapeError);
  EXPECT_THROWS_WITH(concat(Arrays{grid, zeros({2, 4})}, 0), ShapeError, "(2, 3)", "(2, 4)", "0");
  EXPECT_THROWS_WITH(concat(Arrays{grid, zeros({3})}, 0), ShapeError, "(3,)");
  EXPECT_THROWS_WITH(concat(Arrays{grid, zeros({2, 4}), zeros({3, 4})}, 1), ShapeError, "(3, 4)");
  EXPECT_THROWS_WITH(concat(Arrays{grid}, 2), IndexError, "2");
  EXPECT_THROWS_WITH(concat(Arrays{zeros({}), zeros({})}, 0), IndexError);
}

TEST(Unit_01_5, AnEmptyArrayHasItsAxesAndShapesCheckedToo) {
  const Array none(Shape{2, 0});
  EXPECT_THROWS_WITH(permute(none, {0, 2}), IndexError, "2");
  EXPECT_THROWS_WITH(permute(none, {0}), ShapeError, "(2, 0)");
  EXPECT_THROWS_WITH(permute(none, {1, -1}), ShapeError, "twice");
  EXPECT_THROWS_WITH(transpose(none, 0, -3), IndexError, "-3");
  EXPECT_THROWS_WITH(broadcast_to(none, {2, 1}), ShapeError, "(2, 0)", "(2, 1)");
  EXPECT_THROWS_WITH(concat(Arrays{none, none}, 2), IndexError, "2");
  EXPECT_THROWS_WITH(concat(Arrays{none, Array(Shape{3, 0})}, 1), ShapeError, "(3, 0)");
  EXPECT_THROWS_WITH(reshape(none, {3}), ShapeError, "reshape", "0");
}

TEST(Unit_01_5, MovesThatCopyDoNotShare) {
  EXPECT_FALSE(permute(grid, {1, 0}).shares_buffer_with(grid));
  EXPECT_FALSE(broadcast_to(grid, {1, 2, 3}).shares_buffer_with(grid));
  for (const Array& y : {permute(grid, {0, 1}), permute(grid, {-2, -1}), transpose(grid, 1, 1), transpose(grid, 0, -2),
                         concat(Arrays{grid}, 0), concat(Arrays{Array(Shape{0, 3}), grid}, 0)}) {
    EXPECT_FALSE(y.shares_buffer_with(grid)) << "also where every number stays in its place";
    EXPECT_TRUE(near(y, grid, exactly));
  }
  EXPECT_TRUE(near(grid, {2, 3}, {1, 2, 3, 4, 5, 6}, exactly));
}

}  // namespace
}  // namespace rushlight::test
