#include "01_tensor/oracles.hpp"

namespace rushlight::test {
namespace {

Function product(MatmulFlags flags = {}) {
  return [flags](const Tensors& in) { return matmul(in[0], in[1], flags); };
}

TEST(Unit_01_8, ValuesArriveAndAreRecorded) {
  const Tensor a(Array({2, 2}, {1, 2, 3, 4}), true);
  const Array b({2, 2}, {1, 1, 0, 1});
  EXPECT_TRUE(near(matmul(a, b).value(), {2, 2}, {1, 3, 3, 7}));
  EXPECT_TRUE(near(matmul(a, b, {true, true}).value(), {2, 2}, {4, 3, 6, 4}));
  EXPECT_TRUE(near(matmul(a, Array({2}, {1, 10})).value(), {2}, {21, 43}));
  EXPECT_TRUE(near(matmul(Array({2}, {1, 10}), a).value(), {2}, {31, 42}));
  EXPECT_TRUE(near(sum(a, {0}).value(), {2}, {4, 6}));
  EXPECT_TRUE(near(mean(a, {1}, true).value(), {2, 1}, {1.5, 3.5}));
  EXPECT_TRUE(near(max(a).value(), Shape{}, {4}));
  for (const Tensor& y : {matmul(a, b), matmul(b, a), sum(a), mean(a), max(a)}) {
    EXPECT_TRUE(y.requires_grad());
    EXPECT_FALSE(y.is_leaf());
  }
  for (const Tensor& y : {matmul(Tensor(b), b), sum(Tensor(b)), mean(Tensor(b)), max(Tensor(b))}) {
    EXPECT_FALSE(y.requires_grad());
  }
}

TEST(Unit_01_8, ErrorsNameTheShapesThatWereGiven) {
  const Tensor a(zeros({2, 3}), true);
  EXPECT_THROWS_WITH(matmul(a, a), ShapeError, "(2, 3)");
  EXPECT_THROWS_WITH(matmul(a, zeros({4})), ShapeError, "(2, 3)", "(4,)");
  EXPECT_THROWS_WITH(sum(a, {2}), IndexError, "sum", "axis 2");
  EXPECT_THROWS_WITH(max(Tensor(zeros({0}), true)), ShapeError, "(0,)");
}

TEST(Unit_01_8, SumAndMeanKeepNothing) {
  const Tensor x(grid, true);
  expect_keeps_nothing(sum(x, {0}), "sum");
  expect_keeps_nothing(mean(x, {0}), "mean");
}

// G·Bᵀ and Aᵀ·G, by hand.
TEST(GradientFlow_01_8, MatmulByHand) {
  const Tensor a(Array({1, 2}, {1, 2}), true), b(Array({2, 2}, {3, 4, 5, 6}), true);
  const Tape tape(matmul(a, b), Array({1, 2}, {1, 10}));
  EXPECT_TRUE(near(tape.grad(a), {1, 2}, {43, 65}, exactly));
  EXPECT_TRUE(near(tape.grad(b), {2, 2}, {1, 10, 2, 20}, exactly));
}

TEST(GradientFlow_01_8, MatmulWithEveryFlagAndBatch) {
  const Shape batches[][2] = {{{}, {}}, {{2}, {2}}, {{2}, {}}, {{}, {2}}, {{2, 1}, {3}}, {{1}, {2}}, {{2}, {1}}};
  for (const auto& [batch_a, batch_b] : batches) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        Shape a = batch_a, b = batch_b;
        for (const std::int64_t size : ta ? Shape{4, 3} : Shape{3, 4}) a.push_back(size);
        for (const std::int64_t size : tb ? Shape{2, 4} : Shape{4, 2}) b.push_back(size);
        SCOPED_TRACE(a.str() + (ta ? "T x " : " x ") + b.str() + (tb ? "T" : ""));
        expect_gradients(product({ta, tb}), {randn(a, 61), randn(b, 62)});
      }
    }
  }
}

TEST(GradientFlow_01_8, MatmulWithVectors) {
  expect_gradients(product(), {randn({4}, 63), randn({4}, 64)});
  expect_gradients(product(), {randn({4}, 63), randn({4, 3}, 64)});
  expect_gradients(product(), {randn({3, 4}, 63), randn({4}, 64)});
  expect_gradients(product(), {randn({2, 3, 4}, 63), randn({4}, 64)});
  expect_gradients(product(), {randn({4}, 63), randn({2, 4, 3}, 64)});
  expect_gradients(product({.transpose_b = true}), {randn({4}, 63), randn({2, 3, 4}, 64)});
  expect_gradients(product({.transpose_a = true}), {randn({2, 4, 3}, 63), randn({4}, 64)});
  expect_gradients(product({true, true}), {randn({4}, 63), randn({4}, 64)});
}

TEST(GradientFlow_01_8, MatmulWithItself) {
  expect_gradients([](const Tensors& in) { return matmul(in[0], in[0]); }, {randn({3, 3}, 65)});
  expect_gradients([](const Tensors& in) { return matmul(in[0], in[0], {.transpose_b = true}); }, {randn({3, 2}, 66)});
}

TEST(GradientFlow_01_8, MatmulWhereOneSideIsConstant) {
  const Array left = randn({3, 2}, 67), right = randn({2, 4}, 68);
  expect_gradients([right](const Tensors& in) { return matmul(in[0], right); }, {left});
  expect_gradients([left](const Tensors& in) { return matmul(left, in[0]); }, {right});
}

TEST(GradientFlow_01_8, EmptyProductsHaveZeroGradients) {
  const Tensor a(Array(Shape{0, 2, 3}), true), b(ones({3, 4}), true);
  const Tape tape(matmul(a, b), Array(Shape{0, 2, 4}));
  EXPECT_TRUE(near(tape.grad(a), {0, 2, 3}, {}));
  EXPECT_TRUE(near(tape.grad(b), zeros({3, 4}), exactly));
  const Tensor c(Array(Shape{2, 3, 0}), true), d(Array(Shape{0, 4}), true);  // sums over nothing
  const Tape inner(matmul(c, d), ones({2, 3, 4}));
  EXPECT_EQ(inner.grad(c).shape(), (Shape{2, 3, 0}));
  EXPECT_EQ(inner.grad(d).shape(), (Shape{0, 4}));
  const Tensor e(ones({2, 3, 4}), true), f(Array(Shape{4, 0}), true);  // no columns, for one matrix and for a batch
  const Tape narrow(matmul(e, f), Array(Shape{2, 3, 0}));
  EXPECT_TRUE(near(narrow.grad(e), zeros({2, 3, 4}), exactly));
  EXPECT_EQ(narrow.grad(f).shape(), (Shape{4, 0}));
}

TEST(GradientFlow_01_8, SumHandsItsGradientToEveryElement) {
  const Tensor x(ones({2, 3}), true);
  EXPECT_TRUE(near(Tape(sum(x), Array::scalar(7)).grad(x), Array::full({2, 3}, 7), exactly));
  EXPECT_TRUE(near(Tape(sum(x, {0}), Array({3}, {1, 2, 3})).grad(x), {2, 3}, {1, 2, 3, 1, 2, 3}, exactly));
  EXPECT_TRUE(near(Tape(sum(x, {1}), Array({2}, {1, 2})).grad(x), {2, 3}, {1, 1, 1, 2, 2, 2}, exactly));
}

TEST(GradientFlow_01_8, MeanDividesByTheCount) {
  const Tensor x(ones({2, 3}), true);
  EXPECT_TRUE(near(Tape(mean(x), Array::scalar(6)).grad(x), ones({2, 3})));
  EXPECT_TRUE(near(Tape(mean(x, {0}), Array({3}, {2, 4, 6})).grad(x), {2, 3}, {1, 2, 3, 1, 2, 3}));
  EXPECT_TRUE(near(Tape(mean(x, {-1}, true), Array({2, 1}, {3, 6})).grad(x), {2, 3}, {1, 1, 1, 2, 2, 2}));
}

TEST(GradientFlow_01_8, ReductionsOverAnyAxes) {
  const Array x = randn({2, 3, 4}, 69);
  for (const Axes& axes : {Axes{}, Axes{0}, Axes{1}, Axes{2}, Axes{-1}, Axes{0, 2}, Axes{2, 1}, Axes{0, 1, 2}}) {
    for (const bool keepdim : {false, true}) {
      SCOPED_TRACE(testing::PrintToString(axes) + (keepdim ? " kept" : ""));
      expect_gradients([&](const Tensors& in) { return sum(in[0], axes, keepdim); }, {x});
      expect_gradients([&](const Tensors& in) { return mean(in[0], axes, keepdim); }, {x});
      expect_gradients([&](const Tensors& in) { return max(in[0], axes, keepdim); }, {x});
    }
  }
}

TEST(GradientFlow_01_8, ReductionsOfScalars) {
  const Array x = Array::scalar(Real{1.5});
  expect_gradients([](const Tensors& in) { return sum(in[0]); }, {x});
  expect_gradients([](const Tensors& in) { return mean(in[0]); }, {x});
  expect_gradients([](const Tensors& in) { return max(in[0]); }, {x});
}

TEST(GradientFlow_01_8, MaxSendsTheGradientToTheMaximum) {
  const Tensor x(Array({2, 3}, {1, 5, 2, 9, 0, 3}), true);
  EXPECT_TRUE(near(Tape(max(x, {1}), Array({2}, {2, 3})).grad(x), {2, 3}, {0, 2, 0, 3, 0, 0}, exactly));
}

TEST(GradientFlow_01_8, TiesOfMaxShareEqually) {
  const Tensor x(Array({2, 4}, {5, 1, 5, 0, 2, 2, 2, 2}), true);
  EXPECT_TRUE(near(Tape(max(x, {1}), Array({2}, {6, 8})).grad(x), {2, 4}, {3, 0, 3, 0, 2, 2, 2, 2}, exactly));
  EXPECT_TRUE(near(Tape(max(x), Array::scalar(4)).grad(x), {2, 4}, {2, 0, 2, 0, 0, 0, 0, 0}, exactly));
}

TEST(GradientFlow_01_8, EmptyReductionsHaveEmptyGradients) {
  const Tensor x(Array(Shape{0, 3}), true);
  EXPECT_TRUE(near(Tape(sum(x), Array::scalar(1)).grad(x), {0, 3}, {}));
  EXPECT_TRUE(near(Tape(mean(x, {0}), ones({3})).grad(x), {0, 3}, {}));
}

}  // namespace
}  // namespace rushlight::test
