#include "01_tensor/arithmetic_ops.hpp"

namespace rushlight::test {
namespace {

// The value, a place in the graph, and then the same from constants: no place in the graph.
void expect_recorded(const Binary& f, const Array& a, const Array& b, const Array& expected) {
  for (const bool first : {true, false}) {
    const Tensor y = f(Tensor(a, first), Tensor(b, !first));
    EXPECT_TRUE(near(y.value(), expected));
    EXPECT_TRUE(y.requires_grad()) << "one operand that requires a gradient is enough";
    EXPECT_FALSE(y.is_leaf());
  }
  EXPECT_FALSE(f(a, b).requires_grad());
}
void expect_recorded(const UnaryOf& f, const Array& a, const Array& expected) {
  const Tensor y = f(Tensor(a, true));
  EXPECT_TRUE(near(y.value(), expected));
  EXPECT_TRUE(y.requires_grad());
  EXPECT_FALSE(f(a).requires_grad());
}

TEST(Unit_01_7, ValuesArriveAndAreRecorded) {
  expect_recorded(add_of, a4, b4, Array({4}, {9, 3, -1.5, 8.25}));
  expect_recorded(sub_of, a4, b4, Array({4}, {3, -5, 2.5, 7.75}));
  expect_recorded(mul_of, a4, b4, Array({4}, {18, -4, -1, 2}));
  expect_recorded(div_of, a4, b4, Array({4}, {2, -0.25, -0.25, 32}));
  expect_recorded(maximum_of, a4, b4, Array({4}, {6, 4, 0.5, 8}));
  expect_recorded(minimum_of, a4, b4, Array({4}, {3, -1, -2, 0.25}));
}

TEST(Unit_01_7, UnaryValuesArriveAndAreRecorded) {
  const Array x({2}, {1, 4});
  expect_recorded([](const Tensor& t) { return neg(t); }, x, Array({2}, {-1, -4}));
  expect_recorded([](const Tensor& t) { return exp(t); }, x, Array({2}, {std::exp(Real{1}), std::exp(Real{4})}));
  expect_recorded([](const Tensor& t) { return log(t); }, x, Array({2}, {0, std::log(Real{4})}));
  expect_recorded([](const Tensor& t) { return sqrt(t); }, x, Array({2}, {1, 2}));
  expect_recorded([](const Tensor& t) { return abs(t); }, Array({2}, {-3, 2}), Array({2}, {3, 2}));
  expect_recorded([](const Tensor& t) { return pow(t, 3); }, x, Array({2}, {1, 64}));
  const Mask mask({2}, {1, 0});
  expect_recorded([mask](const Tensor& t, const Tensor& u) { return where(mask, t, u); }, x, -x, Array({2}, {1, -4}));
}

TEST(Unit_01_7, OperatorsReadLikeMath) {
  const Tensor x(Array({2}, {1, 4}), true);
  EXPECT_TRUE(near((2 * x + 1).value(), {2}, {3, 9}));
  EXPECT_TRUE(near((1 - x / 2).value(), {2}, {0.5, -1}));
  EXPECT_TRUE(near((-x).value(), {2}, {-1, -4}));
}

TEST(Unit_01_7, ShapeErrorsComeThrough) {
  const Tensor a(zeros({2, 3}), true), b(zeros({4}), true);
  EXPECT_THROWS_WITH(a + b, ShapeError, "add", "(2, 3)", "(4,)");
  EXPECT_THROWS_WITH(a - b, ShapeError, "sub");
  EXPECT_THROWS_WITH(a * b, ShapeError, "mul");
  EXPECT_THROWS_WITH(a / b, ShapeError, "div");
  EXPECT_THROWS_WITH(maximum(a, b), ShapeError);
  EXPECT_THROWS_WITH(minimum(a, b), ShapeError);
  EXPECT_THROWS_WITH(where(Mask(Shape{5}), a, a), ShapeError, "(5,)");
}

TEST(Unit_01_7, RulesThatReadNothingKeepNothing) {
  const Tensor a(a4, true), b(b4, true);
  expect_keeps_nothing(a + b, "add");
  expect_keeps_nothing(a - b, "sub");
  expect_keeps_nothing(-a, "neg");
  expect_keeps_nothing(where(Mask({4}, {1, 0, 1, 0}), a, b), "where");
}

}  // namespace
}  // namespace rushlight::test
