#include "01_tensor/oracles.hpp"

namespace rushlight::test {
namespace {

const Array line({5}, {0, 1, 2, 3, 4});
const Array table({3, 2}, {1, 2, 3, 4, 5, 6});

TEST(Unit_01_6, SliceWithPythonsBounds) {
  EXPECT_TRUE(near(slice(line, 0, {}), {5}, {0, 1, 2, 3, 4}, exactly));
  EXPECT_TRUE(near(slice(line, 0, {1, 3}), {2}, {1, 2}, exactly));
  EXPECT_TRUE(near(slice(line, 0, {-2}), {2}, {3, 4}, exactly));
  EXPECT_TRUE(near(slice(line, 0, {.stop = -1}), {4}, {0, 1, 2, 3}, exactly));
  EXPECT_TRUE(near(slice(line, 0, {-99, 99}), {5}, {0, 1, 2, 3, 4}, exactly));
  EXPECT_TRUE(near(slice(line, 0, {3, 1}), {0}, {}));
  EXPECT_TRUE(near(slice(line, 0, {5}), {0}, {}));
  EXPECT_TRUE(near(slice(line, 0, {9, 12}), {0}, {}));
}

TEST(Unit_01_6, SliceWithSteps) {
  EXPECT_TRUE(near(slice(line, 0, {.step = 2}), {3}, {0, 2, 4}, exactly));
  EXPECT_TRUE(near(slice(line, 0, {.start = 1, .step = 2}), {2}, {1, 3}, exactly));
  EXPECT_TRUE(near(slice(line, 0, {1, 4, 3}), {1}, {1}, exactly));
  EXPECT_TRUE(near(slice(line, 0, {.step = 5}), {1}, {0}, exactly));
  EXPECT_TRUE(near(slice(line, 0, {.start = 2, .step = INT64_MAX}), {1}, {2}, exactly));
}

TEST(Unit_01_6, SliceAlongEachAxis) {
  EXPECT_TRUE(near(slice(grid, 1, {1}), {2, 2}, {2, 3, 5, 6}, exactly));
  EXPECT_TRUE(near(slice(grid, -1, {.step = 2}), {2, 2}, {1, 3, 4, 6}, exactly));
  EXPECT_TRUE(near(slice(grid, 0, {1}), {1, 3}, {4, 5, 6}, exactly));
  EXPECT_TRUE(near(slice(grid, -2, {0, 1}), {1, 3}, {1, 2, 3}, exactly));
  EXPECT_TRUE(near(slice(grid, 1, {2, 2}), {2, 0}, {}));
  EXPECT_TRUE(near(slice(Array(Shape{0, 3}), 1, {1}), {0, 2}, {}));
  EXPECT_TRUE(near(slice(Array(Shape{0, 3}), 0, {}), {0, 3}, {}));
}

// Against a plain walk of Python's range(start, stop, step).
TEST(Unit_01_6, AnySlice) {
  Generator generator(41);
  for (int round = 0; round < 300; ++round) {
    const Array x = rushlight::randn({1 + generator.below(4), generator.below(7), 1 + generator.below(3)}, generator);
    const Slice range{generator.below(17) - 8, generator.below(17) - 8, 1 + generator.below(4)};
    const std::int64_t size = x.shape()[1];
    const auto bound = [size](std::int64_t b) {
      return std::max<std::int64_t>(0, std::min(size, b < 0 ? b + size : b));
    };
    std::vector<std::int64_t> picked;
    for (std::int64_t i = bound(range.start); i < bound(range.stop); i += range.step) picked.push_back(i);
    Shape shape = x.shape();
    shape[1] = static_cast<std::int64_t>(picked.size());
    Doubles expected;
    for (std::int64_t flat = 0; flat < shape.numel(); ++flat) {
      Position position = position_of(flat, shape);
      position[1] = picked[position[1]];
      expected.push_back(at(x, (position[0] * size + position[1]) * x.shape()[2] + position[2]));
    }
    SCOPED_TRACE(x.shape().str() + " [" + std::to_string(range.start) + ":" + std::to_string(range.stop) + ":" +
                 std::to_string(range.step) + "]");
    ASSERT_TRUE(near(slice(x, 1, range), shape, expected, exactly));

    const Array back = unslice(slice(x, 1, range), x.shape(), 1, range);
    Doubles kept(static_cast<std::size_t>(x.size()), 0.0);
    for (std::int64_t flat = 0; flat < x.size(); ++flat) {
      const std::int64_t row = position_of(flat, x.shape())[1];
      if (std::find(picked.begin(), picked.end(), row) != picked.end()) kept[flat] = at(x, flat);
    }
    ASSERT_TRUE(near(back, x.shape(), kept, exactly));
  }
}

TEST(Unit_01_6, SliceErrors) {
  EXPECT_THROWS_WITH(slice(line, 0, {.step = 0}), ValueError, "step 0");
  EXPECT_THROWS_WITH(slice(line, 0, {.step = -1}), ValueError, "step -1");
  EXPECT_THROWS_WITH(slice(line, 1, {}), IndexError, "1");
  EXPECT_THROWS_WITH(slice(Array::scalar(1), 0, {}), IndexError);
}

TEST(Unit_01_6, UnsliceWritesIntoZeros) {
  EXPECT_TRUE(near(unslice(Array({2}, {7, 8}), {5}, 0, {.start = 1, .step = 2}), {5}, {0, 7, 0, 8, 0}, exactly));
  EXPECT_TRUE(near(unslice(Array({2, 1}, {7, 8}), {2, 3}, -1, {1, 2}), {2, 3}, {0, 7, 0, 0, 8, 0}, exactly));
  EXPECT_TRUE(near(unslice(Array(Shape{0}), {3}, 0, {2, 1}), {3}, {0, 0, 0}, exactly));
}

TEST(Unit_01_6, UnsliceErrors) {
  EXPECT_THROWS_WITH(unslice(zeros({3}), {5}, 0, {1, 3}), ShapeError, "(3,)", "(2,)");
  EXPECT_THROWS_WITH(unslice(zeros({2}), {5}, 0, {.step = 0}), ValueError, "step 0");
  EXPECT_THROWS_WITH(unslice(zeros({2, 3}), {4, 2}, 0, {0, 3}), ShapeError, "(2, 3)", "(3, 2)");  // as many elements
}

TEST(Unit_01_6, TakeReadsRows) {
  EXPECT_TRUE(near(take(table, Indices({3}, {2, 0, 2})), {3, 2}, {5, 6, 1, 2, 5, 6}, exactly));
  EXPECT_TRUE(near(take(table, Indices({2, 1}, {1, 0})), {2, 1, 2}, {3, 4, 1, 2}, exactly));
  EXPECT_TRUE(near(take(table, Indices({}, {1})), {2}, {3, 4}, exactly));
  EXPECT_TRUE(near(take(line, Indices({2}, {4, 1})), {2}, {4, 1}, exactly));
  EXPECT_TRUE(near(take(table, Indices(Shape{0})), {0, 2}, {}));
  EXPECT_TRUE(near(take(Array(Shape{3, 0}), Indices({2}, {0, 2})), {2, 0}, {}));
  EXPECT_TRUE(near(take(Array(Shape{0, 2}), Indices(Shape{0})), {0, 2}, {})) << "no id, so none is outside";
}

TEST(Unit_01_6, TakeErrorsNameTheId) {
  EXPECT_THROWS_WITH(take(table, Indices({2}, {0, 3})), IndexError, "3");
  EXPECT_THROWS_WITH(take(table, Indices({2}, {-1, 0})), IndexError, "-1");
  EXPECT_THROWS_WITH(take(Array(Shape{0, 2}), Indices({1}, {0})), IndexError, "0");
  EXPECT_THROWS_WITH(take(Array::scalar(1), Indices({1}, {0})), ShapeError, "()");
}

TEST(Unit_01_6, TakeAdjointAddsRepeatedIds) {
  const Array x({3, 2}, {1, 2, 10, 20, 100, 200});
  EXPECT_TRUE(near(take_adjoint(x, {3, 2}, Indices({3}, {2, 0, 2})), {3, 2}, {10, 20, 0, 0, 101, 202}, exactly));
  EXPECT_TRUE(near(take_adjoint(Array({2}, {1, 2}), {3, 2}, Indices({}, {1})), {3, 2}, {0, 0, 1, 2, 0, 0}, exactly));
  EXPECT_TRUE(near(take_adjoint(Array(Shape{0, 2}), {2, 2}, Indices(Shape{0})), {2, 2}, {0, 0, 0, 0}, exactly));
}

TEST(Unit_01_6, TakeAdjointErrors) {
  EXPECT_THROWS_WITH(take_adjoint(zeros({2, 2}), {3, 2}, Indices({3}, {0, 1, 2})), ShapeError, "(2, 2)");
  EXPECT_THROWS_WITH(take_adjoint(zeros({2, 3}), {3, 2}, Indices({3}, {0, 1, 2})), ShapeError, "(2, 3)");
  EXPECT_THROWS_WITH(take_adjoint(zeros({1, 2}), {3, 2}, Indices({1}, {5})), IndexError, "id 5");
  EXPECT_THROWS_WITH(take_adjoint(zeros({1}), {}, Indices({1}, {0})), ShapeError, "()");
}

TEST(Unit_01_6, GatherPicksOneCoordinate) {
  EXPECT_TRUE(near(gather(grid, 1, Indices({2, 1}, {2, 0})), {2, 1}, {3, 4}, exactly));
  EXPECT_TRUE(near(gather(grid, -1, Indices({2, 2}, {2, 2, 0, 1})), {2, 2}, {3, 3, 4, 5}, exactly));
  EXPECT_TRUE(near(gather(grid, 0, Indices({3, 3}, {0, 1, 0, 1, 1, 1, 0, 0, 1})), {3, 3}, {1, 5, 3, 4, 5, 6, 1, 2, 6},
                   exactly));
  EXPECT_TRUE(near(gather(line, 0, Indices({2}, {3, 3})), {2}, {3, 3}, exactly));
  EXPECT_TRUE(near(gather(grid, 1, Indices(Shape{2, 0})), {2, 0}, {}));
}

TEST(Unit_01_6, GatherInTheMiddle) {
  const Array x({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_TRUE(near(gather(x, 1, Indices({2, 1, 2}, {0, 1, 1, 0})), {2, 1, 2}, {1, 4, 7, 6}, exactly));
}

TEST(Unit_01_6, GatherErrors) {
  EXPECT_THROWS_WITH(gather(grid, 1, Indices({2, 1}, {0, 3})), IndexError, "3", "(2, 3)");
  EXPECT_THROWS_WITH(gather(grid, 1, Indices({2, 1}, {0, -1})), IndexError, "-1");
  EXPECT_THROWS_WITH(gather(grid, 1, Indices({3, 1}, {0, 0, 0})), ShapeError, "(3, 1)", "(2, 3)");
  EXPECT_THROWS_WITH(gather(grid, 1, Indices({2}, {0, 0})), ShapeError, "(2,)", "(2, 3)");
  EXPECT_THROWS_WITH(gather(grid, 2, Indices({2, 1}, {0, 0})), IndexError, "2");
}

TEST(Unit_01_6, GatherAdjointAddsRepeatedPlaces) {
  const Array x({2, 2}, {1, 10, 100, 1000});
  EXPECT_TRUE(
      near(gather_adjoint(x, {2, 3}, 1, Indices({2, 2}, {2, 2, 0, 1})), {2, 3}, {0, 0, 11, 100, 1000, 0}, exactly));
  EXPECT_TRUE(near(gather_adjoint(Array({1, 3}, {1, 2, 3}), {2, 3}, 0, Indices({1, 3}, {1, 0, 1})), {2, 3},
                   {0, 2, 0, 1, 0, 3}, exactly));
}

TEST(Unit_01_6, GatherAdjointErrors) {
  EXPECT_THROWS_WITH(gather_adjoint(zeros({2, 2}), {2, 3}, 1, Indices({2, 1}, {0, 0})), ShapeError, "(2, 2)", "(2, 1)");
  EXPECT_THROWS_WITH(gather_adjoint(zeros({2, 1}), {2, 3}, 1, Indices({2, 1}, {0, 7})), IndexError, "7");
}

TEST(Unit_01_6, ReadsLeaveTheirOperandAlone) {
  slice(grid, 1, {1});
  take(grid, Indices({1}, {1}));
  gather(grid, 1, Indices({2, 1}, {0, 0}));
  EXPECT_TRUE(near(grid, {2, 3}, {1, 2, 3, 4, 5, 6}, exactly));
  EXPECT_FALSE(slice(grid, 0, {}).shares_buffer_with(grid)) << "a slice is a copy";
  EXPECT_FALSE(unslice(grid, {2, 3}, 0, {}).shares_buffer_with(grid));
  EXPECT_FALSE(take(grid, Indices({2}, {0, 1})).shares_buffer_with(grid));
  EXPECT_FALSE(take_adjoint(grid, {2, 3}, Indices({2}, {0, 1})).shares_buffer_with(grid));
}

TEST(Unit_01_6, AnEmptyArrayHasItsAxesAndShapesCheckedToo) {
  const Array none(Shape{2, 0});
  EXPECT_THROWS_WITH(slice(none, 2, {}), IndexError, "2");
  EXPECT_THROWS_WITH(slice(none, 1, {.step = 0}), ValueError, "step 0");
  EXPECT_THROWS_WITH(unslice(none, {3, 0}, 0, {0, 3}), ShapeError, "(2, 0)", "(3, 0)");
  EXPECT_THROWS_WITH(take_adjoint(none, {2, 0}, Indices({3}, {0, 1, 1})), ShapeError, "(2, 0)");
  EXPECT_THROWS_WITH(gather(none, 2, Indices(Shape{2, 0})), IndexError, "2");
  EXPECT_THROWS_WITH(gather(none, 1, Indices(Shape{3, 0})), ShapeError, "(3, 0)", "(2, 0)");
  EXPECT_THROWS_WITH(gather_adjoint(none, {2, 3}, 1, Indices(Shape{0, 2})), ShapeError, "(2, 0)", "(0, 2)");
}

}  // namespace
}  // namespace rushlight::test
