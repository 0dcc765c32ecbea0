#include "graphs.hpp"

namespace rushlight::test {
namespace {

// --- values -----------------------------------------------------------------------------------------------------

TEST(Unit_05_2, ProductRule) {
  const Tensor a = leaf(3), b = leaf(-2);
  (a * b).backward();
  EXPECT_TRUE(near(a.grad(), scalar, {-2}));
  EXPECT_TRUE(near(b.grad(), scalar, {3}));
}

TEST(Unit_05_2, ChainRule) {
  const Tensor x = leaf(Real(0.5));
  exp(x * x).backward();
  EXPECT_TRUE(near(x.grad(), scalar, {2 * 0.5 * std::exp(0.25)}));
}

TEST(Unit_05_2, ATensorUsedTwiceGetsBothShares) {
  const Tensor x = leaf(Array({2}, {3, 5}));
  sum(x * x).backward();
  EXPECT_TRUE(near(x.grad(), {2}, {6, 10}));
}

TEST(Unit_05_2, AResidualHasTwoWays) {  // y = x + f(x): dy/dx = 1 + f'(x)
  const Tensor x = leaf(Array({2}, {0, 1}));
  sum(x + exp(x)).backward();
  EXPECT_TRUE(near(x.grad(), {2}, {2, 1 + std::exp(1.0)}));
}

TEST(Unit_05_2, TheLongWayOfAResidualCounts) {  // h = 2x, y = h + 3·4·5·h
  const Tensor x = leaf(1);
  const Tensor h = x * Tensor(2);
  (h + h * Tensor(3) * Tensor(4) * Tensor(5)).backward();
  EXPECT_TRUE(near(x.grad(), scalar, {2 * 61}));
}

TEST(Unit_05_2, ADiamondIsPassedOnOnce) {  // the rule below must see the sum of both sides, not one after the other
  const Tensor x = leaf(2);
  std::vector<double> seen;
  const Tensor h = record("watch", x.value(), {x}, Save::nothing, [&](const Backward& bw) -> Arrays {
    seen.push_back(bw.grad.item());
    return {bw.grad};
  });
  diamond(h, 3, 4).backward();
  EXPECT_EQ(seen, (std::vector<double>{7}));
  EXPECT_TRUE(near(x.grad(), scalar, {7}));
}

TEST(Unit_05_2, TheSeedIsTheFirstGradient) {
  const Tensor x = leaf(Array({3}, {1, 2, 3}));
  (x * x).backward(Array({3}, {1, 10, -1}));
  EXPECT_TRUE(near(x.grad(), {3}, {2, 40, -6}));
}

TEST(Unit_05_2, OneElementOfAnyRank) {
  const Tensor x = leaf(Array({1, 1}, {3}));
  (x * x).backward();
  EXPECT_TRUE(near(x.grad(), {1, 1}, {6}));
}

TEST(Unit_05_2, BackwardIsLinearInTheSeed) {
  const Array value = randn({3, 4}, 1), first = randn({3, 4}, 2), second = randn({3, 4}, 3);
  const auto gradient = [&](const Array& seed) {
    const Tensor x = leaf(value);
    backward(exp(x) * x, seed);
    return x.grad();
  };
  EXPECT_TRUE(near(gradient(first + second), gradient(first) + gradient(second), gradient_tolerance));
}

// --- broadcasting -----------------------------------------------------------------------------------------------

TEST(Unit_05_2, ABiasIsSummedOverTheRows) {
  const Tensor x = leaf(randn({2, 3}, 1)), b = leaf(randn({3}, 2));
  (x + b).backward(Array({2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(near(b.grad(), {3}, {5, 7, 9}));
  EXPECT_TRUE(near(x.grad(), {2, 3}, {1, 2, 3, 4, 5, 6}));
}

TEST(Unit_05_2, AColumnIsSummedOverTheColumnsAndKeepsItsAxis) {
  const Tensor x = leaf(randn({2, 3}, 1)), c = leaf(randn({2, 1}, 2));
  (x + c).backward(Array({2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(near(c.grad(), {2, 1}, {6, 15}));
}

TEST(Unit_05_2, AScalarGetsTheWholeSum) {
  const Tensor x = leaf(Array({2, 2}, {1, 2, 3, 4})), s = leaf(2);
  sum(x * s).backward();
  EXPECT_TRUE(near(s.grad(), scalar, {10}));
}

TEST(Unit_05_2, BothSidesBroadcast) {
  const Tensor row = leaf(Array({1, 3}, {1, 2, 3})), column = leaf(Array({2, 1}, {4, 5}));
  sum(row * column).backward();
  EXPECT_TRUE(near(row.grad(), {1, 3}, {9, 9, 9}));
  EXPECT_TRUE(near(column.grad(), {2, 1}, {6, 6}));
}

TEST(Unit_05_2, AnAxisOfOneIsUndoneToo) {  // as many numbers, in another shape
  const Tensor x = leaf(Array({3}, {1, 2, 3})), s = leaf(2);
  (x + Tensor(ones({1, 3}))).backward(Array({1, 3}, {4, 5, 6}));
  (s + Tensor(ones({1, 1}))).backward();
  EXPECT_TRUE(near(x.grad(), {3}, {4, 5, 6}));
  EXPECT_TRUE(near(s.grad(), scalar, {1}));
}

TEST(Unit_05_2, ABroadcastInTheMiddleOfTheGraph) {  // the gradient of an op's result is summed back too
  const Tensor x = leaf(Array({2}, {1, 2}));
  const Tensor h = x * x;  // (2)
  sum(h + Tensor(randn({5, 2}, 1))).backward();
  EXPECT_TRUE(near(x.grad(), {2}, {10, 20}));
}

TEST(Unit_05_2, EmptyArraysHaveEmptyGradients) {
  const Tensor x = leaf(zeros({0, 3})), b = leaf(ones({3}));
  sum(x * b).backward();
  EXPECT_EQ(x.grad().shape(), (Shape{0, 3}));
  EXPECT_TRUE(near(b.grad(), {3}, {0, 0, 0}));
}

// --- accumulation -----------------------------------------------------------------------------------------------

TEST(Unit_05_2, LeavesAddUpOverPasses) {
  const Tensor x = leaf(3);
  for (int i = 1; i <= 3; ++i) {
    (x * x).backward();
    EXPECT_TRUE(near(x.grad(), scalar, {6.0 * i}));
  }
}

TEST(Unit_05_2, ZeroGradStartsAgain) {
  Tensor x = leaf(3);
  (x * x).backward();
  x.zero_grad();
  EXPECT_FALSE(x.grad().defined());
  (x * Tensor(5)).backward();
  EXPECT_TRUE(near(x.grad(), scalar, {5}));
}

TEST(Unit_05_2, TwoGraphsOverOneLeaf) {
  const Tensor w = leaf(Array({2}, {1, 2}));
  const Tensor first = sum(w * Tensor(Array({2}, {3, 4})));
  const Tensor second = sum(w * w);
  first.backward();
  second.backward();
  EXPECT_TRUE(near(w.grad(), {2}, {5, 8}));
}

TEST(Unit_05_2, AGradientThatYouTookStaysAsItWas) {
  const Tensor x = leaf(Array({2}, {1, 2}));
  sum(x * x).backward();
  const Array taken = x.grad();
  sum(x * x).backward();
  EXPECT_TRUE(near(taken, {2}, {2, 4}));
  EXPECT_TRUE(near(x.grad(), {2}, {4, 8}));
}

TEST(Unit_05_2, OnlyLeavesKeepTheirGradient) {
  const Tensor x = leaf(3);
  const Tensor h = x * x;
  (h * Tensor(2)).backward();
  EXPECT_FALSE(h.grad().defined());
}

TEST(Unit_05_2, RetainGradKeepsItInTheMiddle) {
  const Tensor x = leaf(3);
  Tensor h = x * x;
  h.retain_grad();
  backward(h * h, {.retain_graph = true});
  EXPECT_TRUE(near(h.grad(), scalar, {18}));
  EXPECT_TRUE(near(x.grad(), scalar, {108}));
  (h * Tensor(2)).backward();  // and adds up, as in PyTorch
  EXPECT_TRUE(near(h.grad(), scalar, {20}));
}

}  // namespace
}  // namespace rushlight::test
