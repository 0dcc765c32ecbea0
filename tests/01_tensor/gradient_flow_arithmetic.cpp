#include "01_tensor/arithmetic_ops.hpp"

namespace rushlight::test {
namespace {

Function two(const Binary& f) {
  return [f](const Tensors& in) { return f(in[0], in[1]); };
}
Function one(const UnaryOf& f) {
  return [f](const Tensors& in) { return f(in[0]); };
}

// dL/da and dL/db for L = sum(seed · f(a, b)).
Arrays gradients_at(const Binary& f, const Array& a, const Array& b, const Array& seed) {
  const Tensor x(a, true), y(b, true);
  const Tape tape(f(x, y), seed);
  return {tape.grad(x), tape.grad(y)};
}
Array gradient_at(const UnaryOf& f, const Array& a, const Array& seed) {
  const Tensor x(a, true);
  return Tape(f(x), seed).grad(x);
}

const Array positive({2, 3}, {0.5, 1, 2, 0.25, 3, 1.5});

TEST(GradientFlow_01_7, AddHandsTheGradientToBoth) {
  const Arrays g = gradients_at(add_of, a4, b4, seed4);
  EXPECT_TRUE(near(g[0], {4}, {1, 2, 3, 4}, exactly));
  EXPECT_TRUE(near(g[1], {4}, {1, 2, 3, 4}, exactly));
}

TEST(GradientFlow_01_7, SubIsOneAndMinusOne) {
  const Arrays g = gradients_at(sub_of, a4, b4, seed4);
  EXPECT_TRUE(near(g[0], {4}, {1, 2, 3, 4}, exactly));
  EXPECT_TRUE(near(g[1], {4}, {-1, -2, -3, -4}, exactly));
}

TEST(GradientFlow_01_7, MulIsTheOtherOperand) {
  const Arrays g = gradients_at(mul_of, a4, b4, seed4);
  EXPECT_TRUE(near(g[0], {4}, {3, 8, -6, 1}, exactly));
  EXPECT_TRUE(near(g[1], {4}, {6, -2, 1.5, 32}, exactly));
}

TEST(GradientFlow_01_7, DivIsOneOverBAndMinusAOverBSquared) {
  const Arrays g = gradients_at(div_of, a4, b4, seed4);
  EXPECT_TRUE(near(g[0], {4}, {1 / 3.0, 0.5, -1.5, 16}));
  EXPECT_TRUE(near(g[1], {4}, {-6 / 9.0, 2 / 16.0, -1.5 / 4, -32 / 0.0625}));
}

TEST(GradientFlow_01_7, BinaryOpsBroadcastInBothDirections) {
  const Shape shapes[][2] = {{{3, 4}, {4}}, {{4}, {3, 4}}, {{3, 1}, {1, 4}},   {{}, {2, 3}},
                             {{2, 3}, {}},  {{}, {}},      {{2, 1, 3}, {4, 1}}};
  for (const auto& [sa, sb] : shapes) {
    SCOPED_TRACE(sa.str() + " with " + sb.str());
    const Arrays inputs = {randn(sa, 51), uniform(sb, 52, 0.5, 2)};
    for (const Binary& f : {Binary(add_of), Binary(sub_of), Binary(mul_of), Binary(div_of)}) {
      expect_gradients(two(f), inputs);
    }
    const Arrays apart = {uniform(sa, 53, -1, 0.9), uniform(sb, 54, 1, 2)};  // no ties: those have a test of their own
    expect_gradients([](const Tensors& in) { return maximum(2 * in[0], in[1]) + minimum(2 * in[0], in[1]) * in[1]; },
                     apart);
    for (const Binary& f : {Binary(maximum_of), Binary(minimum_of)}) {
      expect_gradients(two(f), apart, {.differentiable = {false, false}});  // one of them receives nothing
    }
  }
}

TEST(GradientFlow_01_7, AnOperandUsedTwiceReceivesBoth) {
  const Tensor x(Array({2}, {3, -2}), true);
  EXPECT_TRUE(near(Tape(x * x, ones({2})).grad(x), {2}, {6, -4}));
  EXPECT_TRUE(near(Tape(x + x, ones({2})).grad(x), {2}, {2, 2}));
  EXPECT_TRUE(near(Tape(x - x, ones({2})).grad(x), {2}, {0, 0}, exactly));
  EXPECT_TRUE(near(Tape(x / x, ones({2})).grad(x), {2}, {0, 0}, {0, 1e-6}));
}

TEST(GradientFlow_01_7, AConstantOperandReceivesNothing) {
  for (const Binary& f :
       {Binary(add_of), Binary(sub_of), Binary(mul_of), Binary(div_of), Binary(maximum_of), Binary(minimum_of)}) {
    for (const bool first : {true, false}) {
      const Tensor a(a4, first), b(b4, !first);
      const Tape tape(f(a, b), seed4);
      const Arrays both = gradients_at(f, a4, b4, seed4);
      EXPECT_TRUE(near(tape.grad(first ? a : b), both[first ? 0 : 1], exactly));
    }
  }
}

TEST(GradientFlow_01_7, SmoothUnaryOps) {
  const Array x = randn({2, 3}, 55);
  expect_gradients(one([](const Tensor& t) { return neg(t); }), {x});
  expect_gradients(one([](const Tensor& t) { return exp(t); }), {x});
  expect_gradients(one([](const Tensor& t) { return log(t); }), {positive});
  expect_gradients(one([](const Tensor& t) { return sqrt(t); }), {positive});
  expect_gradients(one([](const Tensor& t) { return abs(t); }), {x});
  expect_gradients(one([](const Tensor& t) { return exp(t); }), {Array::scalar(Real{0.3})});
}

TEST(GradientFlow_01_7, UnaryRulesAtKnownPlaces) {
  const Array x({3}, {1, 4, 0.25});
  const Array seed({3}, {1, 2, 3});
  const Real e = std::exp(Real{1}), e4 = std::exp(Real{4}), e_quarter = std::exp(Real{0.25});
  EXPECT_TRUE(near(gradient_at([](const Tensor& t) { return neg(t); }, x, seed), {3}, {-1, -2, -3}, exactly));
  EXPECT_TRUE(near(gradient_at([](const Tensor& t) { return exp(t); }, x, seed), {3}, {e, 2 * e4, 3 * e_quarter}));
  EXPECT_TRUE(near(gradient_at([](const Tensor& t) { return log(t); }, x, seed), {3}, {1, 0.5, 12}));
  EXPECT_TRUE(near(gradient_at([](const Tensor& t) { return sqrt(t); }, x, seed), {3}, {0.5, 0.5, 3}));
}

TEST(GradientFlow_01_7, AbsIsFlatAtZero) {
  const Array x({5}, {-2, 0, 3, -inf, -Real{0}});
  const Array seed = Array::full({5}, 2);
  EXPECT_TRUE(near(gradient_at([](const Tensor& t) { return abs(t); }, x, seed), {5}, {-2, 0, 2, -2, 0}, exactly));
}

TEST(GradientFlow_01_7, PowWithCommonExponents) {
  for (const Real exponent : {Real{1}, Real{2}, Real{3}, Real{0.5}, Real{-1}, Real{1.7}}) {
    SCOPED_TRACE(exponent);
    expect_gradients(one([exponent](const Tensor& t) { return pow(t, exponent); }), {positive});
  }
}

TEST(GradientFlow_01_7, PowAtZero) {
  const auto slope = [](Real x, Real exponent) {
    return gradient_at([exponent](const Tensor& t) { return pow(t, exponent); }, Array::scalar(x), ones({})).item();
  };
  EXPECT_EQ(slope(0, 0), 0) << "a constant: not 0 · 1/0";
  EXPECT_EQ(slope(5, 0), 0);
  EXPECT_EQ(slope(0, 1), 1);
  EXPECT_EQ(slope(0, 2), 0);
  EXPECT_EQ(slope(0, 3), 0);
  EXPECT_EQ(slope(0, Real{0.5}), inf);
  EXPECT_EQ(slope(-3, 2), -6);
  EXPECT_EQ(slope(-2, 3), 12);
}

TEST(GradientFlow_01_7, DivisionByZeroAndLogOfZeroBlowUpHonestly) {
  const Arrays g = gradients_at(div_of, Array::scalar(1), Array::scalar(0), ones({}));
  EXPECT_EQ(g[0].item(), inf);
  EXPECT_EQ(g[1].item(), -inf);
  EXPECT_EQ(gradient_at([](const Tensor& t) { return log(t); }, Array::scalar(0), ones({})).item(), inf);
  EXPECT_EQ(gradient_at([](const Tensor& t) { return sqrt(t); }, Array::scalar(0), ones({})).item(), inf);
}

TEST(GradientFlow_01_7, TiesOfMaximumShareEqually) {
  const Array a({3}, {1, 2, 3});
  const Array b({3}, {2, 2, 2});
  const Array seed({3}, {4, 6, 8});
  Arrays g = gradients_at(maximum_of, a, b, seed);
  EXPECT_TRUE(near(g[0], {3}, {0, 3, 8}, exactly));
  EXPECT_TRUE(near(g[1], {3}, {4, 3, 0}, exactly));
  g = gradients_at(minimum_of, a, b, seed);
  EXPECT_TRUE(near(g[0], {3}, {4, 3, 0}, exactly));
  EXPECT_TRUE(near(g[1], {3}, {0, 3, 8}, exactly));
}

TEST(GradientFlow_01_7, ANanInMaximumHandsTheGradientOn) {
  for (const Binary& f : {Binary(maximum_of), Binary(minimum_of)}) {
    const Arrays g = gradients_at(f, Array({2}, {nan, 1}), Array({2}, {1, nan}), Array({2}, {3, 5}));
    EXPECT_TRUE(near(g[0], {2}, {3, 5}, exactly));
    EXPECT_TRUE(near(g[1], {2}, {3, 5}, exactly));
  }
}

TEST(GradientFlow_01_7, WhereSendsTheGradientWhereTheValueCameFrom) {
  const Mask mask({3}, {1, 0, 1});
  const Binary f = [mask](const Tensor& a, const Tensor& b) { return where(mask, a, b); };
  const Arrays g = gradients_at(f, Array({3}, {1, nan, 2}), Array({3}, {inf, 5, nan}), Array({3}, {10, 20, 30}));
  EXPECT_TRUE(near(g[0], {3}, {10, 0, 30}, exactly));
  EXPECT_TRUE(near(g[1], {3}, {0, 20, 0}, exactly));
  const Mask column({2, 1}, {1, 0});
  expect_gradients([column](const Tensors& in) { return where(column, in[0], in[1]); },
                   {randn({3}, 56), randn({}, 57)});
}

// where() chooses; a rule that multiplied by 0 and 1 would turn an infinite gradient elsewhere into NaN.
TEST(GradientFlow_01_7, WhereDoesNotMultiply) {
  const Mask mask({2}, {1, 0});
  const Binary f = [mask](const Tensor& a, const Tensor& b) { return where(mask, a, b); };
  const Arrays g = gradients_at(f, Array({2}, {1, 2}), Array({2}, {3, 4}), Array({2}, {inf, nan}));
  EXPECT_TRUE(near(g[0], {2}, {inf, 0}, exactly));
  EXPECT_TRUE(near(g[1], {2}, {0, nan}, exactly));
}

// A rule outlives the call, and its mask what others do with theirs.
TEST(GradientFlow_01_7, WhereChoosesAsInTheForwardPass) {
  const Tensor a(Array({2}, {1, 2}), true), b(Array({2}, {3, 4}), true);
  Mask mask({2}, {1, 0});
  const Tensor y = where(mask, a, b);
  mask.mutable_data()[0] = 0;
  mask = Mask({2}, {0, 0});
  const Tape tape(y, Array({2}, {5, 7}));
  EXPECT_TRUE(near(tape.grad(a), {2}, {5, 0}, exactly));
  EXPECT_TRUE(near(tape.grad(b), {2}, {0, 7}, exactly));
}

TEST(GradientFlow_01_7, EmptyTensorsHaveEmptyGradients) {
  const Arrays g = gradients_at(mul_of, Array(Shape{0, 3}), Array({3}, {1, 2, 3}), Array(Shape{0, 3}));
  EXPECT_TRUE(near(g[0], {0, 3}, {}));
  EXPECT_TRUE(near(g[1], {3}, {0, 0, 0}, exactly)) << "a sum over no rows";
}

}  // namespace
}  // namespace rushlight::test
