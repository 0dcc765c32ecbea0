#include <numeric>

#include "01_tensor/oracles.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_01_9, ValuesArriveAndAreRecorded) {
  const Tensor x(grid, true);
  const Indices ids({3}, {1, 0, 1});
  const Indices index({2, 1}, {2, 0});
  EXPECT_TRUE(near(reshape(x, {3, -1}).value(), {3, 2}, {1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(near(permute(x, {1, 0}).value(), {3, 2}, {1, 4, 2, 5, 3, 6}));
  EXPECT_TRUE(near(transpose(x, 0, -1).value(), {3, 2}, {1, 4, 2, 5, 3, 6}));
  EXPECT_TRUE(near(broadcast_to(x, {1, 2, 3}).value(), {1, 2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(near(concat(Tensors{x, Array({2, 1}, {7, 8})}, 1).value(), {2, 4}, {1, 2, 3, 7, 4, 5, 6, 8}));
  EXPECT_TRUE(near(slice(x, 1, {.step = 2}).value(), {2, 2}, {1, 3, 4, 6}));
  EXPECT_TRUE(near(take(x, ids).value(), {3, 3}, {4, 5, 6, 1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(near(gather(x, 1, index).value(), {2, 1}, {3, 4}));
  const auto all_of = [&](const Tensor& t) {
    return Tensors{reshape(t, {6}),
                   permute(t, {1, 0}),
                   transpose(t, 0, 1),
                   broadcast_to(t, {2, 2, 3}),
                   concat(Tensors{t, Tensor(grid)}, 0),
                   slice(t, 0, {1}),
                   take(t, ids),
                   gather(t, 1, index)};
  };
  for (const Tensor& y : all_of(x)) EXPECT_TRUE(y.requires_grad() && !y.is_leaf());
  for (const Tensor& y : all_of(Tensor(grid))) EXPECT_FALSE(y.requires_grad());
}

TEST(Unit_01_9, ErrorsComeThrough) {
  const Tensor x(grid, true);
  EXPECT_THROWS_WITH(reshape(x, {4}), ShapeError, "(4,)");
  EXPECT_THROWS_WITH(permute(x, {0, 0}), ShapeError, "twice");
  EXPECT_THROWS_WITH(transpose(x, 0, 2), IndexError);
  EXPECT_THROWS_WITH(broadcast_to(x, {3}), ShapeError);
  EXPECT_THROWS_WITH(concat(Tensors{}, 0), ShapeError);
  EXPECT_THROWS_WITH(slice(x, 0, {.step = 0}), ValueError);
  EXPECT_THROWS_WITH(take(x, Indices({1}, {2})), IndexError, "id 2");
  EXPECT_THROWS_WITH(gather(x, 1, Indices({2, 1}, {0, 3})), IndexError);
}

TEST(Unit_01_9, MovesKeepNothing) {
  const Tensor x(grid, true);
  expect_keeps_nothing(reshape(x, {6}), "reshape");
  expect_keeps_nothing(permute(x, {1, 0}), "permute");
  expect_keeps_nothing(transpose(x, 0, 1), "transpose");
  expect_keeps_nothing(broadcast_to(x, {2, 2, 3}), "broadcast_to");
  expect_keeps_nothing(concat(Tensors{x, x}, 0), "concat");
  expect_keeps_nothing(slice(x, 0, {1}), "slice");
  expect_keeps_nothing(take(x, Indices({1}, {0})), "take");
  expect_keeps_nothing(gather(x, 1, Indices({2, 1}, {2, 0})), "gather");
}

TEST(GradientFlow_01_9, ReshapeUndoesItself) {
  expect_gradients([](const Tensors& in) { return reshape(in[0], {4, -1}); }, {randn({2, 3, 2}, 71)});
  expect_gradients([](const Tensors& in) { return reshape(in[0], {1, 1}); }, {randn({}, 72)});
  const Tensor x(grid, true);
  EXPECT_TRUE(near(Tape(reshape(x, {6}), Array({6}, {1, 2, 3, 4, 5, 6})).grad(x), {2, 3}, {1, 2, 3, 4, 5, 6}, exactly));
}

// All 24 permutations of four different sizes: a rule that permutes the same way again fails the rotations.
TEST(GradientFlow_01_9, PermuteIsUndoneByItsInverse) {
  const Array x = randn({2, 3, 1, 4}, 73);
  Axes axes(4);
  std::iota(axes.begin(), axes.end(), 0);
  do {
    SCOPED_TRACE(testing::PrintToString(axes));
    const Tensor leaf(x, true);
    const Tensor y = permute(leaf, axes);
    Shape moved = x.shape();
    for (int i = 0; i < 4; ++i) moved[i] = x.shape()[axes[i]];
    ASSERT_EQ(y.shape(), moved);
    const Array seed = cotangent(moved);
    Doubles expected(static_cast<std::size_t>(x.size()));
    for (std::int64_t flat = 0; flat < x.size(); ++flat) {
      const Position position = position_of(flat, moved);
      Position source(4);
      for (int i = 0; i < 4; ++i) source[axes[i]] = position[i];
      expected[place_of(source, x.shape())] = at(seed, flat);
    }
    ASSERT_TRUE(near(Tape(y, seed).grad(leaf), x.shape(), expected, exactly));
  } while (std::next_permutation(axes.begin(), axes.end()));
}

TEST(GradientFlow_01_9, PermuteWithNegativeAxes) {
  expect_gradients([](const Tensors& in) { return permute(in[0], {-1, 0, -2}); }, {randn({2, 3, 4}, 74)});
  expect_gradients([](const Tensors& in) { return permute(in[0], {}); }, {randn({}, 74)});
}

TEST(GradientFlow_01_9, TransposeSwapsBack) {
  expect_gradients([](const Tensors& in) { return transpose(in[0], 0, -1); }, {randn({2, 3, 4}, 75)});
  expect_gradients([](const Tensors& in) { return transpose(in[0], 1, 2); }, {randn({2, 3, 4}, 75)});
  expect_gradients([](const Tensors& in) { return transpose(in[0], 1, 1); }, {randn({2, 3}, 75)});
}

TEST(GradientFlow_01_9, BroadcastToIsSummedBack) {
  expect_gradients([](const Tensors& in) { return broadcast_to(in[0], {4, 2, 3}); }, {randn({2, 1}, 76)});
  expect_gradients([](const Tensors& in) { return broadcast_to(in[0], {2, 3}); }, {randn({}, 77)});
  const Tensor x(Array({3}, {1, 2, 3}), true);
  EXPECT_TRUE(near(Tape(broadcast_to(x, {0, 3}), Array(Shape{0, 3})).grad(x), {3}, {0, 0, 0}, exactly));
}

TEST(GradientFlow_01_9, ConcatHandsEachPartItsSlice) {
  for (const int axis : {0, 1, 2, -1}) {
    SCOPED_TRACE(axis);
    Shape shapes[3] = {{2, 3, 2}, {2, 3, 2}, {2, 3, 2}};
    shapes[1][axis < 0 ? 2 : axis] = 1;
    expect_gradients([axis](const Tensors& in) { return concat(in, axis); },
                     {randn(shapes[0], 78), randn(shapes[1], 79), randn(shapes[2], 80)});
  }
}

TEST(GradientFlow_01_9, ConcatOfConstantsEmptyPartsAndRepeats) {
  const Tensor x(Array({2}, {1, 2}), true), none(Array(Shape{0}), true);
  const Tape tape(concat(Tensors{Array({1}, {9}), x, none, x}, 0), Array({5}, {1, 2, 3, 4, 5}));
  EXPECT_TRUE(near(tape.grad(x), {2}, {6, 8}, exactly)) << "x stands there twice";
  EXPECT_TRUE(near(tape.grad(none), {0}, {}));
}

TEST(GradientFlow_01_9, SliceLeavesZeroWhereNothingWasRead) {
  const Tensor x(Array({5}, {0, 1, 2, 3, 4}), true);
  EXPECT_TRUE(
      near(Tape(slice(x, 0, {.start = 1, .step = 2}), Array({2}, {7, 8})).grad(x), {5}, {0, 7, 0, 8, 0}, exactly));
  EXPECT_TRUE(near(Tape(slice(x, 0, {3, 1}), Array(Shape{0})).grad(x), {5}, {0, 0, 0, 0, 0}, exactly));
  expect_gradients([](const Tensors& in) { return slice(in[0], -2, {-3, -1}); }, {randn({2, 4, 3}, 81)});
  expect_gradients([](const Tensors& in) { return slice(in[0], 1, {.step = 3}); }, {randn({2, 4, 3}, 82)});
}

TEST(GradientFlow_01_9, OverlappingSlicesAddUp) {
  const Tensor x(Array({3}, {1, 2, 3}), true);
  const Tensor y = concat(Tensors{slice(x, 0, {0, 2}), slice(x, 0, {1, 3})}, 0);
  EXPECT_TRUE(near(Tape(y, Array({4}, {1, 10, 100, 1000})).grad(x), {3}, {1, 110, 1000}, exactly));
}

TEST(GradientFlow_01_9, TakeAddsUpRepeatedRows) {
  const Tensor table(zeros({3, 2}), true);
  const Tensor rows = take(table, Indices({4}, {2, 0, 2, 2}));
  const Array seed({4, 2}, {1, 2, 10, 20, 100, 200, 1000, 2000});
  EXPECT_TRUE(near(Tape(rows, seed).grad(table), {3, 2}, {10, 20, 0, 0, 1101, 2202}, exactly));
  expect_gradients([](const Tensors& in) { return take(in[0], Indices({2, 2}, {1, 1, 0, 1})); }, {randn({3, 2}, 83)});
  expect_gradients([](const Tensors& in) { return take(in[0], Indices({}, {1})); }, {randn({3}, 84)});
}

TEST(GradientFlow_01_9, GatherAddsUpRepeatedPlaces) {
  const Tensor x(grid, true);
  const Tensor y = gather(x, 1, Indices({2, 2}, {2, 2, 0, 1}));
  EXPECT_TRUE(near(Tape(y, Array({2, 2}, {1, 10, 100, 1000})).grad(x), {2, 3}, {0, 0, 11, 100, 1000, 0}, exactly));
  expect_gradients(
      [](const Tensors& in) {
        return gather(in[0], -2, Indices({2, 1, 2}, {0, 2, 1, 1}));
      },
      {randn({2, 3, 2}, 85)});
}

// A rule outlives the call: what it captures must be its own.
TEST(GradientFlow_01_9, RulesKeepWhatTheyCapture) {
  const Tensor x(grid, true);
  Tensor moved, taken, gathered;
  {
    Axes axes = {1, 0};
    moved = permute(x, axes);
    axes = {0, 1};
    Indices ids({1}, {1});
    taken = take(x, ids);
    ids.mutable_data()[0] = 0;
    Indices index({1, 3}, {1, 0, 1});
    gathered = gather(x, 0, index);
    index.mutable_data()[0] = 0;
  }
  EXPECT_TRUE(near(Tape(moved, Array({3, 2}, {1, 2, 3, 4, 5, 6})).grad(x), {2, 3}, {1, 3, 5, 2, 4, 6}, exactly));
  EXPECT_TRUE(near(Tape(taken, Array({1, 3}, {7, 8, 9})).grad(x), {2, 3}, {0, 0, 0, 7, 8, 9}, exactly));
  EXPECT_TRUE(near(Tape(gathered, Array({1, 3}, {7, 8, 9})).grad(x), {2, 3}, {0, 8, 0, 7, 0, 9}, exactly));
}

}  // namespace
}  // namespace rushlight::test
