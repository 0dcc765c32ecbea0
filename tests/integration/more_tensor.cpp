// What module 01 gives beside its own ops (more.hpp). Golden numbers were computed from the formulas in Python's doubles;
// moves are written out by hand.
#include "01_tensor/more.hpp"

#include <cmath>

#include "support/growth.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

Array apart() { return Array({2, 3}, {Real(0.5), Real(-1.25), 2, Real(3.5), Real(-0.75), 1}); }

Array one_to_six() { return Array({2, 3}, {1, 2, 3, 4, 5, 6}); }

// dL/dx of L = Σ c·f(x) for c = cotangent(...), through the rules alone.
Array gradient(const Function& f, const Array& x) { return tape_gradients(f, {x}).at(0); }

TEST(Integration_01, ClampCutsAndLetsNaNThrough) {
  EXPECT_TRUE(near(clamp(apart(), -1, 2).value(), {2, 3}, {0.5, -1, 2, 2, -0.75, 1}, exactly));
  EXPECT_TRUE(near(clamp(apart(), 0).value(), {2, 3}, {0.5, 0, 2, 3.5, 0, 1}, exactly));
  EXPECT_TRUE(near(clamp(apart(), std::nullopt, 0).value(), {2, 3}, {0, -1.25, 0, 0, -0.75, 0}, exactly));
  EXPECT_TRUE(near(clamp(Array({3}, {nan, inf, -inf}), -1, 1).value(), {3}, {nan, 1, -1}, exactly));
  EXPECT_TRUE(near(clamp(apart(), 2, -2).value(), {2, 3}, {-2, -2, -2, -2, -2, -2}, exactly)) << "high wins";
  EXPECT_TRUE(near(clamp(zeros({0, 2}), 0, 1).value(), {0, 2}, {}, exactly));
  EXPECT_THROWS_WITH(clamp(apart(), std::nullopt), ValueError, "clamp");
}

TEST(Integration_01, ClampHandsAllOfItOnAtTheBounds) {
  const Array c = cotangent({5});
  const auto f = [](const Tensors& in) { return clamp(in[0], -1, 1); };
  const Array g = gradient(f, Array({5}, {-1, 1, 0, 3, nan}));
  EXPECT_TRUE(near(g, {5}, {double(c.data()[0]), double(c.data()[1]), double(c.data()[2]), 0, 0}));
  EXPECT_TRUE(near(gradient([](const Tensors& in) { return clamp(in[0], 1, -1); }, Array({1}, {-1})), {1}, {0}));
  expect_gradients(f, {Array({4}, {Real(-0.5), Real(0.25), 3, Real(0.75)})});
}

TEST(Integration_01, MaskedFillChooses) {
  const Mask mask({2, 1}, {1, 0});
  EXPECT_TRUE(
      near(masked_fill(Array({2, 2}, {nan, 1, 2, 3}), mask, -inf).value(), {2, 2}, {-INFINITY, -INFINITY, 2, 3}));
  expect_gradients([mask](const Tensors& in) { return masked_fill(in[0], mask, 7); }, {apart()});
  EXPECT_THROWS_WITH(masked_fill(apart(), Mask(Shape{4}), 0), ShapeError, "where");
}

TEST(Integration_01, PowOfTwoTensors) {
  const Array base({3}, {Real(0.5), 2, 3}), exponent({3}, {Real(2.5), Real(-1.5), Real(0.5)});
  EXPECT_TRUE(
      near(pow(base, Tensor(exponent)).value(), {3}, {0.1767766952966369, 0.3535533905932738, 1.7320508075688772}));
  const Array corners = pow(Array({4}, {-2, 0, 0, -1}), Tensor(Array({4}, {3, 0, -1, Real(0.5)}))).value();
  EXPECT_TRUE(near(corners, {4}, {-8, 1, INFINITY, nan}, exactly));
  expect_gradients([](const Tensors& in) { return pow(in[0], in[1]); },
                   {uniform({2, 3}, 1, 0.5, 1.5), Array({3}, {Real(1.5), -2, Real(0.5)})});
  EXPECT_THROWS_WITH(pow(ones({2}), Tensor(ones({3}))), ShapeError, "pow", "(2,)", "(3,)");
}

TEST(Integration_01, PowIsKindAtZero) {
  const auto f = [](const Tensors& in) { return pow(in[0], in[1]); };
  const Arrays g = tape_gradients(f, {zeros({3}), Array({3}, {0, 2, 1})});
  EXPECT_TRUE(near(g.at(0), {3}, {0, 0, double(cotangent({3}).data()[2])}));
  EXPECT_TRUE(near(g.at(1), {3}, {0, 0, 0}));
  const Arrays negative = tape_gradients(f, {Array({1}, {-2}), Array({1}, {3})});
  EXPECT_TRUE(near(negative.at(0), {1}, {12 * double(cotangent({1}).data()[0])}));
  EXPECT_TRUE(near(negative.at(1), {1}, {nan}));
}

TEST(Integration_01, AminSharesTiesAndTakesNaN) {
  EXPECT_TRUE(near(amin(apart(), {1}).value(), {2}, {-1.25, -0.75}, exactly));
  EXPECT_TRUE(near(amin(apart(), {0}, true).value(), {1, 3}, {0.5, -1.25, 1}, exactly));
  EXPECT_TRUE(near(amax(apart()).value(), Shape(), {3.5}, exactly));
  EXPECT_TRUE(near(amin(Array({2}, {1, nan})).value(), Shape(), {nan}));
  const double c = double(cotangent({}).data()[0]);
  const auto f = [](const Tensors& in) { return amin(in[0]); };
  EXPECT_TRUE(near(gradient(f, Array({3}, {2, 1, 1})), {3}, {0, c / 2, c / 2}));
  expect_gradients([](const Tensors& in) { return amin(in[0], {1}); }, {apart()});
  EXPECT_THROWS_WITH(amin(zeros({0})), ShapeError, "max");
}

TEST(Integration_01, ExtremesComeWithTheirPlaces) {
  const Array x({2, 3}, {1, 3, 3, 2, -1, -1});
  const Extreme most = max_along(x, 1), least = min_along(x, -1, true);
  EXPECT_TRUE(near(most.values.value(), {2}, {3, 2}, exactly));
  EXPECT_TRUE(same(most.indices, {2}, {1, 0}));
  EXPECT_TRUE(near(least.values.value(), {2, 1}, {1, -1}, exactly));
  EXPECT_TRUE(same(least.indices, {2, 1}, {0, 1}));
  EXPECT_TRUE(same(max_along(x, 0).indices, {3}, {1, 0, 0}));
  const Extreme broken = min_along(Array({3}, {1, nan, nan}), 0);
  EXPECT_TRUE(near(broken.values.value(), Shape(), {nan}));
  EXPECT_TRUE(same(broken.indices, {}, {1}));
  const Array c = cotangent({2});
  const auto f = [](const Tensors& in) { return max_along(in[0], 1).values; };
  EXPECT_TRUE(near(gradient(f, x), {2, 3}, {0, double(c.data()[0]), 0, double(c.data()[1]), 0, 0})) << "no sharing";
  expect_gradients([](const Tensors& in) { return min_along(in[0], 0, true).values; }, {apart()});
  EXPECT_THROWS_WITH(max_along(x, 2), IndexError, "max_along", "2");
  EXPECT_THROWS_WITH(min_along(Tensor(1), 0), IndexError, "min_along");
  EXPECT_THROWS_WITH(max_along(zeros({2, 0}), 1), ShapeError, "argmax");
}

TEST(Integration_01, VarianceAndItsRoot) {
  EXPECT_TRUE(near(var(apart()).value(), Shape(), {3.091666666666667}));
  EXPECT_TRUE(near(var(apart(), {}, {.correction = 0}).value(), Shape(), {2.576388888888889}));
  EXPECT_TRUE(near(var(apart(), {1}, {.keepdim = true}).value(), {2, 1}, {2.6458333333333335, 4.5625}));
  EXPECT_TRUE(near(std(apart(), {1}).value(), {2}, {1.626601774661928, 2.1360009363293826}));
  EXPECT_TRUE(near(std(apart()).value(), Shape(), {1.7583135859870578}));
  EXPECT_TRUE(near(var(ones({1})).value(), Shape(), {nan})) << "0/0";
  EXPECT_TRUE(near(var(ones({1}), {}, {.correction = 0}).value(), Shape(), {0}));
  EXPECT_TRUE(near(var(Array({2}, {0, 2}), {}, {.correction = 3}).value(), Shape(), {INFINITY}));
  EXPECT_TRUE(near(std(Array({2}, {1, nan})).value(), Shape(), {nan}));
  EXPECT_THROWS_WITH(var(apart(), {2}), IndexError, "2");
}

TEST(Integration_01, VarianceFarFromZero) {
  EXPECT_TRUE(near(var(Array::full({7}, Real(12345.678))).value(), Shape(), {0}, exactly));
  // 65536 + {0, 1, 2, 4}/128, which floats hold: deviations from the mean are {-7, -3, 1, 9}/512, Σ their squares 140/512².
  const double step = 1.0 / 128;
  const Array x({4}, {65536, Real(65536 + step), Real(65536 + 2 * step), Real(65536 + 4 * step)});
  EXPECT_TRUE(near(var(x).value(), Shape(), {140.0 / 3 / (512.0 * 512.0)}));
}

TEST(Integration_01, GradientsOfTheSpread) {
  expect_gradients([](const Tensors& in) { return var(in[0], {1}); }, {apart()});
  expect_gradients([](const Tensors& in) { return std(in[0], {0}, {.correction = 0}); }, {apart()});
  const auto f = [](const Tensors& in) { return std(in[0]); };
  EXPECT_TRUE(near(gradient(f, ones({3})), {3}, {0, 0, 0})) << "at 0 the root has no slope; PyTorch says 0";
}

TEST(Integration_01, CumsumAlongAnAxis) {
  EXPECT_TRUE(near(cumsum(one_to_six(), 1).value(), {2, 3}, {1, 3, 6, 4, 9, 15}, exactly));
  EXPECT_TRUE(near(cumsum(one_to_six(), -2).value(), {2, 3}, {1, 2, 3, 5, 7, 9}, exactly));
  EXPECT_TRUE(near(cumsum(Array({3}, {1, nan, 2}), 0).value(), {3}, {1, nan, nan}));
  EXPECT_TRUE(near(cumsum(zeros({2, 0}), 1).value(), {2, 0}, {}, exactly));
  EXPECT_TRUE(near(cumsum(zeros({0, 2}), 1).value(), {0, 2}, {}, exactly));
  expect_gradients([](const Tensors& in) { return cumsum(in[0], 1); }, {uniform({2, 3, 2}, 4, -1, 1)});
  EXPECT_THROWS_WITH(cumsum(one_to_six(), 2), IndexError, "cumsum", "2");
}

TEST(Integration_01, CumsumAndFlipAreLinear) {
  const auto sizes = {std::int64_t{20000}, std::int64_t{80000}, std::int64_t{320000}};
  EXPECT_LT(growth([](std::int64_t n) { cumsum(zeros({n}), 0); }, sizes), 1.4);
  EXPECT_LT(growth([](std::int64_t n) { flip(zeros({n}), {0}); }, sizes), 1.4);
}

TEST(Integration_01, AxesOfSizeOneComeAndGo) {
  const Tensor x(zeros({1, 2, 1, 3}));
  EXPECT_EQ(squeeze(x).shape(), Shape({2, 3}));
  EXPECT_EQ(squeeze(x, {-2}).shape(), Shape({1, 2, 3}));
  EXPECT_EQ(squeeze(x, {0, 1}).shape(), Shape({2, 1, 3})) << "axis 1 has size 2 and stays";
  EXPECT_EQ(squeeze(ones({1})).shape(), Shape());
  EXPECT_EQ(unsqueeze(x, 0).shape(), Shape({1, 1, 2, 1, 3}));
  EXPECT_EQ(unsqueeze(x, -1).shape(), Shape({1, 2, 1, 3, 1}));
  EXPECT_EQ(unsqueeze(one_to_six(), 1).shape(), Shape({2, 1, 3}));
  EXPECT_EQ(unsqueeze(Tensor(3), 0).shape(), Shape({1}));
  expect_gradients([](const Tensors& in) { return unsqueeze(squeeze(in[0], {0}), -1); }, {uniform({1, 3}, 2, -1, 1)});
  EXPECT_THROWS_WITH(squeeze(x, {4}), IndexError, "squeeze", "4");
  EXPECT_THROWS_WITH(unsqueeze(x, 5), IndexError, "unsqueeze", "5");
}

TEST(Integration_01, SelectTakesOneOfAnAxis) {
  EXPECT_TRUE(near(select(one_to_six(), 0, 1).value(), {3}, {4, 5, 6}, exactly));
  EXPECT_TRUE(near(select(one_to_six(), -1, -3).value(), {2}, {1, 4}, exactly));
  expect_gradients([](const Tensors& in) { return select(in[0], 1, -1); }, {apart()});
  EXPECT_THROWS_WITH(select(one_to_six(), 1, 3), IndexError, "select", "3", "(2, 3)");
  EXPECT_THROWS_WITH(select(one_to_six(), 1, -4), IndexError, "-4");
  EXPECT_THROWS_WITH(select(Tensor(1), 0, 0), IndexError, "select");
}

TEST(Integration_01, ExpandKeepsWhatIsMinusOne) {
  const Array column({2, 1}, {1, 2});
  EXPECT_TRUE(near(expand(column, {-1, 2}).value(), {2, 2}, {1, 1, 2, 2}, exactly));
  EXPECT_TRUE(near(expand(column, {2, -1, -1}).value(), {2, 2, 1}, {1, 2, 1, 2}, exactly));
  EXPECT_EQ(expand(column, {2, 0}).shape(), Shape({2, 0}));
  expect_gradients([](const Tensors& in) { return expand(in[0], {3, -1, 2}); }, {column});
  EXPECT_THROWS_WITH(expand(column, {-1, 2, 2}), ShapeError, "expand", "(-1, 2, 2)");
  EXPECT_THROWS_WITH(expand(column, {3, 1}), ShapeError, "(2, 1)");
  EXPECT_THROWS_WITH(expand(column, {2}), ShapeError, "expand");
  EXPECT_THROWS_WITH(expand(column, {2, -2}), ShapeError, "expand");
}

TEST(Integration_01, FlipTurnsAxesRound) {
  EXPECT_TRUE(near(flip(one_to_six(), {0}).value(), {2, 3}, {4, 5, 6, 1, 2, 3}, exactly));
  EXPECT_TRUE(near(flip(one_to_six(), {-1}).value(), {2, 3}, {3, 2, 1, 6, 5, 4}, exactly));
  EXPECT_TRUE(near(flip(one_to_six(), {1, 0}).value(), {2, 3}, {6, 5, 4, 3, 2, 1}, exactly));
  EXPECT_TRUE(
      near(flip(arange(8).with_shape({2, 2, 2}), {0, 2}).value(), {2, 2, 2}, {5, 4, 7, 6, 1, 0, 3, 2}, exactly));
  EXPECT_TRUE(near(flip(zeros({2, 0}), {1}).value(), {2, 0}, {}, exactly));
  EXPECT_TRUE(near(flip(Tensor(3), {}).value(), Shape(), {3}, exactly));
  expect_gradients([](const Tensors& in) { return flip(in[0], {0, 2}); }, {uniform({2, 3, 2}, 6, -1, 1)});
  EXPECT_THROWS_WITH(flip(one_to_six(), {2}), IndexError, "flip", "2");
  EXPECT_THROWS_WITH(flip(one_to_six(), {1, -1}), ShapeError, "flip");
}

TEST(Integration_01, StackAlongANewAxis) {
  const Array a({2}, {1, 2}), b({2}, {3, 4});
  EXPECT_TRUE(near(stack({a, b}).value(), {2, 2}, {1, 2, 3, 4}, exactly));
  EXPECT_TRUE(near(stack({a, b}, -1).value(), {2, 2}, {1, 3, 2, 4}, exactly));
  EXPECT_TRUE(near(stack({Tensor(5)}).value(), {1}, {5}, exactly));
  expect_gradients(
      [](const Tensors& in) {
        return stack({in[0], in[1], in[0]}, 1);
      },
      {apart(), uniform({2, 3}, 3, -1, 1)});
  EXPECT_THROWS_WITH(stack({}), ShapeError, "stack");
  EXPECT_THROWS_WITH(stack({a, ones({3})}), ShapeError, "stack", "(2,)", "(3,)");
  EXPECT_THROWS_WITH(stack({a, b}, 2), IndexError, "2");
}

TEST(Integration_01, PadFromTheLastAxis) {
  const Array x({1, 2}, {1, 2});
  EXPECT_TRUE(near(pad(x, {1, 2}, 9).value(), {1, 5}, {9, 1, 2, 9, 9}, exactly));
  EXPECT_TRUE(near(pad(x, {0, 1, 1, 0}).value(), {2, 3}, {0, 0, 0, 1, 2, 0}, exactly));
  EXPECT_TRUE(near(pad(x, {-1, 1}).value(), {1, 2}, {2, 0}, exactly)) << "a negative one cuts";
  EXPECT_TRUE(near(pad(x, {-1, -1}).value(), {1, 0}, {}, exactly));
  EXPECT_TRUE(near(pad(x, {}).value(), {1, 2}, {1, 2}, exactly));
  EXPECT_TRUE(near(pad(zeros({0}), {1, 1}, 3).value(), {2}, {3, 3}, exactly));
  expect_gradients([](const Tensors& in) { return pad(in[0], {-1, 2, 1, 0}, 5); }, {apart()});
  EXPECT_THROWS_WITH(pad(x, {1}), ShapeError, "pad", "(1, 2)");
  EXPECT_THROWS_WITH(pad(x, {1, 1, 1, 1, 1, 1}), ShapeError, "pad");
  EXPECT_THROWS_WITH(pad(x, {-1, -2}), ShapeError, "pad", "-2");
}

TEST(Integration_01, TrianglesAreChosen) {
  EXPECT_TRUE(near(tril(one_to_six()).value(), {2, 3}, {1, 0, 0, 4, 5, 0}, exactly));
  EXPECT_TRUE(near(triu(one_to_six()).value(), {2, 3}, {1, 2, 3, 0, 5, 6}, exactly));
  EXPECT_TRUE(near(tril(one_to_six(), 1).value(), {2, 3}, {1, 2, 0, 4, 5, 6}, exactly));
  EXPECT_TRUE(near(triu(one_to_six(), 1).value(), {2, 3}, {0, 2, 3, 0, 0, 6}, exactly));
  EXPECT_TRUE(near(tril(one_to_six(), -1).value(), {2, 3}, {0, 0, 0, 4, 0, 0}, exactly));
  EXPECT_TRUE(near(tril(Array({1, 2, 2}, {1, nan, 2, 3})).value(), {1, 2, 2}, {1, 0, 2, 3}, exactly));
  expect_gradients([](const Tensors& in) { return triu(in[0], -1); }, {uniform({2, 3, 2}, 8, -1, 1)});
  EXPECT_THROWS_WITH(tril(ones({3})), ShapeError, "tril", "(3,)");
  EXPECT_THROWS_WITH(triu(ones({3})), ShapeError, "triu");
}

}  // namespace
}  // namespace rushlight::test
