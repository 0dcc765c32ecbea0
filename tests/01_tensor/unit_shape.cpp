#include "01_tensor/error.hpp"
#include "01_tensor/shape.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_01_1, StridesAreProductsOfTheSizesBehind) {
  EXPECT_EQ(strides_of({2, 3, 4}), Shape({12, 4, 1}));
  EXPECT_EQ(strides_of({5}), Shape({1}));
  EXPECT_EQ(strides_of({}), Shape({}));
  EXPECT_EQ(strides_of({1, 7, 1}), Shape({7, 1, 1}));
  EXPECT_EQ(strides_of({2, 0, 3}), Shape({0, 3, 1})) << "a size of 0 is a factor like any other";
  EXPECT_EQ(strides_of({1, 2, 3, 4, 5, 6, 7, 8}), Shape({40320, 20160, 6720, 1680, 336, 56, 8, 1}));
}

// Whatever the sizes, stepping by the strides visits 0, 1, 2, ... in row-major order.
TEST(Unit_01_1, StridesCountThroughTheBuffer) {
  Generator generator(5);
  for (int round = 0; round < 50; ++round) {
    Shape shape;
    for (std::int64_t rank = generator.below(5); rank > 0; --rank) shape.push_back(1 + generator.below(4));
    const Shape strides = strides_of(shape);
    ASSERT_EQ(strides.rank(), shape.rank());
    for (std::int64_t flat = 0; flat < shape.numel(); ++flat) {
      std::int64_t rest = flat;
      std::int64_t place = 0;
      for (int axis = shape.rank() - 1; axis >= 0; --axis) {
        place += rest % shape[axis] * strides[axis];
        rest /= shape[axis];
      }
      ASSERT_EQ(place, flat) << shape.str();
    }
  }
}

TEST(Unit_01_1, BroadcastAlignsAtTheRight) {
  EXPECT_EQ(broadcast_shapes("op", {2, 3}, {3}), Shape({2, 3}));
  EXPECT_EQ(broadcast_shapes("op", {3}, {2, 3}), Shape({2, 3}));
  EXPECT_EQ(broadcast_shapes("op", {3, 1}, {2, 1, 4}), Shape({2, 3, 4}));
  EXPECT_EQ(broadcast_shapes("op", {4, 1, 6}, {5, 1}), Shape({4, 5, 6}));
}

TEST(Unit_01_1, BroadcastWithScalarsAndEmptyAxes) {
  EXPECT_EQ(broadcast_shapes("op", {}, {}), Shape({}));
  EXPECT_EQ(broadcast_shapes("op", Shape{}, {2, 3}), Shape({2, 3}));
  EXPECT_EQ(broadcast_shapes("op", {2, 3}, {}), Shape({2, 3}));
  EXPECT_EQ(broadcast_shapes("op", {0, 3}, {1}), Shape({0, 3}));
  EXPECT_EQ(broadcast_shapes("op", {1, 3}, {0, 1}), Shape({0, 3})) << "a 1 gives way to 0 too";
  EXPECT_EQ(broadcast_shapes("op", {1}, {0}), Shape({0}));
}

TEST(Unit_01_1, BroadcastErrorsNameOpShapesAndRule) {
  EXPECT_THROWS_WITH(broadcast_shapes("add", {2, 3}, {2, 4}), ShapeError, "add", "(2, 3)", "(2, 4)", "equal or 1");
  EXPECT_THROWS_WITH(broadcast_shapes("mul", {2, 3}, {2}), ShapeError, "mul", "(2, 3)", "(2,)");
  EXPECT_THROWS_WITH(broadcast_shapes("op", {2, 1}, {3, 1}), ShapeError, "(2, 1)", "(3, 1)");
  EXPECT_THROWS_WITH(broadcast_shapes("op", {0}, {3}), ShapeError, "(0,)", "(3,)");
}

TEST(Unit_01_1, NormalizeAxisCountsFromTheEnd) {
  EXPECT_EQ(normalize_axis("op", 0, 3), 0);
  EXPECT_EQ(normalize_axis("op", 2, 3), 2);
  EXPECT_EQ(normalize_axis("op", -1, 3), 2);
  EXPECT_EQ(normalize_axis("op", -3, 3), 0);
}

TEST(Unit_01_1, NormalizeAxisErrorsNameOpAxisAndRange) {
  EXPECT_THROWS_WITH(normalize_axis("sum", 3, 3), IndexError, "sum", "axis 3", "-3..2");
  EXPECT_THROWS_WITH(normalize_axis("max", -4, 3), IndexError, "max", "axis -4", "-3..2");
  EXPECT_THROWS_WITH(normalize_axis("sum", 0, 0), IndexError, "sum", "axis 0");
  EXPECT_THROWS_WITH(normalize_axis("sum", -1, 0), IndexError, "sum", "axis -1");
}

TEST(Unit_01_1, NormalizeAxesSortsAndFillsIn) {
  EXPECT_EQ(normalize_axes("op", {-1, 0}, 3), Axes({0, 2}));
  EXPECT_EQ(normalize_axes("op", {2, 1}, 3), Axes({1, 2}));
  EXPECT_EQ(normalize_axes("op", {}, 3), Axes({0, 1, 2}));
  EXPECT_EQ(normalize_axes("op", {}, 0), Axes({}));
}

TEST(Unit_01_1, NormalizeAxesRefusesRepeatsAndStrangers) {
  EXPECT_THROWS_WITH(normalize_axes("mean", {-1, 2}, 3), ShapeError, "mean", "twice");
  EXPECT_THROWS_WITH(normalize_axes("mean", {0, 1, 0}, 3), ShapeError, "mean", "twice");
  EXPECT_THROWS_WITH(normalize_axes("mean", {0, 5}, 3), IndexError, "mean", "axis 5");
}

TEST(Unit_01_1, ReducedShapeDropsOrKeepsAxes) {
  EXPECT_EQ(reduced_shape({2, 3, 4}, {1}, false), Shape({2, 4}));
  EXPECT_EQ(reduced_shape({2, 3, 4}, {1}, true), Shape({2, 1, 4}));
  EXPECT_EQ(reduced_shape({2, 3, 4}, {0, 2}, false), Shape({3}));
  EXPECT_EQ(reduced_shape({2, 3, 4}, {0, 1, 2}, false), Shape({}));
  EXPECT_EQ(reduced_shape({2, 0, 4}, {1}, true), Shape({2, 1, 4}));
  EXPECT_EQ(reduced_shape({2, 3}, {}, false), Shape({2, 3})) << "normalised: an empty list is no axis here";
}

TEST(Unit_01_1, InferShapeFillsInOneSize) {
  EXPECT_EQ(infer_shape(12, {3, -1}), Shape({3, 4}));
  EXPECT_EQ(infer_shape(12, {-1}), Shape({12}));
  EXPECT_EQ(infer_shape(12, {2, -1, 6}), Shape({2, 1, 6}));
  EXPECT_EQ(infer_shape(12, {4, 3}), Shape({4, 3}));
  EXPECT_EQ(infer_shape(1, {}), Shape({}));
  EXPECT_EQ(infer_shape(0, {-1, 3}), Shape({0, 3}));
  EXPECT_EQ(infer_shape(0, {0, 5}), Shape({0, 5}));
}

TEST(Unit_01_1, InferShapeRefusesWhatDoesNotFit) {
  EXPECT_THROWS_WITH(infer_shape(12, {5, -1}), ShapeError, "reshape", "12", "(5, -1)");
  EXPECT_THROWS_WITH(infer_shape(12, {3, 5}), ShapeError, "12", "(3, 5)");
  EXPECT_THROWS_WITH(infer_shape(12, {-1, -1}), ShapeError, "(-1, -1)");
  EXPECT_THROWS_WITH(infer_shape(12, {-2, -6}), ShapeError, "(-2, -6)");
  EXPECT_THROWS_WITH(infer_shape(0, {0, -1}), ShapeError, "(0, -1)");
  EXPECT_THROWS_WITH(infer_shape(2, {}), ShapeError, "2", "()");
  constexpr std::int64_t half = std::int64_t{1} << 32;  // half · half is 0 in 64 bits
  EXPECT_THROWS_WITH(infer_shape(0, {half, half}), ShapeError);
  EXPECT_THROWS_WITH(infer_shape(12, {half, half, half, -1}), ShapeError);
}

}  // namespace
}  // namespace rushlight::test
