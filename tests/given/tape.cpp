// The naive tape: the judge of every gradient test. Its ops are made here, so that no student's code is involved.
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

Tensor leaf(const Array& value) { return Tensor(value, true); }

// Passes its gradient on to all of its inputs, whatever their shapes.
Tensor join(const Array& value, const Tensors& inputs) {
  return record("join", value, inputs, Save::nothing,
                [n = inputs.size()](const Backward& bw) { return Arrays(n, bw.grad); });
}

Tensor returning(const Tensor& x, const Array& gradient) {
  return record("returning", x.value(), {x}, Save::nothing,
                [gradient](const Backward&) -> Arrays { return {gradient}; });
}

TEST(Given_01, TapeAddsUpAllPaths) {
  const Tensor x = leaf(ones({2}));
  Tensor y = x;
  for (int i = 0; i < 6; ++i) y = join(ones({2}), {y, y});
  const Tape tape(y, Array({2}, {1, 3}));
  EXPECT_TRUE(near(tape.grad(x), {2}, {64, 192}));
}

TEST(Given_01, TapeKnowsEveryNode) {
  const Tensor x = leaf(ones({2}));
  const Tensor h = join(ones({2}), {x}), y = join(ones({2}), {h, x});
  const Tape tape(y, Array({2}, {1, 3}));
  EXPECT_TRUE(near(tape.grad(y), {2}, {1, 3}));
  EXPECT_TRUE(near(tape.grad(h), {2}, {1, 3}));
  EXPECT_TRUE(near(tape.grad(x), {2}, {2, 6}));
  const Tensor elsewhere = leaf(ones({2}));
  EXPECT_FALSE(tape.reached(elsewhere));
  EXPECT_FALSE(tape.grad(elsewhere).defined());
}

TEST(Given_01, TapeSumsBroadcastsBack) {
  const Tensor row = leaf(ones({3})), column = leaf(ones({2, 1})), one = leaf(Array::scalar(1));
  const Tape tape(join(ones({2, 3}), {row, column, one}), Array({2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(near(tape.grad(row), {3}, {5, 7, 9}));
  EXPECT_TRUE(near(tape.grad(column), {2, 1}, {6, 15}));
  EXPECT_TRUE(near(tape.grad(one), Array::scalar(21)));
}

TEST(Given_01, TapeRefusesGradientsThatDoNotBelong) {
  const Tensor x = leaf(ones({2}));
  EXPECT_THROWS_WITH(Tape(returning(x, ones({3})), ones({2})), ShapeError, "returning", "input 0", "(3,)", "(2,)");
  EXPECT_THROWS_WITH(Tape(returning(leaf(ones({2, 2})), ones({2})), ones({2, 2})), ShapeError, "(2,)", "(2, 2)");
  EXPECT_THROWS_WITH(Tape(join(ones({2}), {x}), ones({3})), ShapeError, "join", "(3,)");
}

TEST(Given_01, TapeLeavesTheGraphAndTheLeavesAlone) {
  const Tensor x = leaf(ones({2}));
  const Tensor y = join(ones({2}), {x, x});
  const Tape first(y, ones({2})), second(y, ones({2}));
  EXPECT_TRUE(near(first.grad(x), second.grad(x), exactly));
  EXPECT_FALSE(x.grad().defined());
  EXPECT_FALSE(y.node()->released);
}

TEST(Given_01, TapeDoesNotChangeWhatARuleHandedOut) {
  const Array constant({2}, {5, 7});
  const Tensor x = leaf(ones({2}));
  const Tensor y = join(ones({2}), {returning(x, constant), returning(x, constant)});
  EXPECT_TRUE(near(Tape(y, ones({2})).grad(x), {2}, {10, 14}));
  EXPECT_TRUE(near(constant, {2}, {5, 7}));
}

TEST(Given_01, TapeSkipsUndefinedGradientsAndConstants) {
  const Tensor x = leaf(ones({2}));
  EXPECT_FALSE(Tape(returning(x, Array()), ones({2})).reached(x));
  const Tensor y = join(ones({2}), {x, Tensor(ones({7}))});
  EXPECT_TRUE(near(Tape(y, ones({2})).grad(x), {2}, {1, 1}));
}

TEST(Given_01, PlainSumTo) {
  const Array x({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(near(plain_sum_to(x, {2, 3}), x, exactly));
  EXPECT_TRUE(near(plain_sum_to(x, {1, 3}), {1, 3}, {5, 7, 9}));
  EXPECT_TRUE(near(plain_sum_to(x, Shape{}), Array::scalar(21)));
  EXPECT_TRUE(near(plain_sum_to(zeros({0, 3}), {3}), {3}, {0, 0, 0}));
  EXPECT_THROW(plain_sum_to(x, {2, 2}), ShapeError);
  EXPECT_THROW(plain_sum_to(x, {1, 2, 3}), ShapeError);
}

}  // namespace
}  // namespace rushlight::test
