// gelu and softmax in one pass, against the formulas in double and against the functions that they replace.
#include "plain.hpp"

namespace rushlight::test {
namespace {

constexpr auto with_tanh = GeluApproximation::tanh;
constexpr auto exact = GeluApproximation::none;

template <class Function>
Doubles each(const Array& x, Function f) {
  Doubles y;
  for (const Real value : x.data()) y.push_back(f(value));
  return y;
}

Doubles times(Doubles a, const Array& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] *= b.data()[i];
  return a;
}

// More than one piece, and a last one of one number.
constexpr std::int64_t three_pieces = 2 * 16384 + 1;

// --- gelu -----------------------------------------------------------------------------------------------------------

// Where tanh u is near -1, 1 + tanh u keeps few digits, and the derivative multiplies what is left by (2u)': some 10. Module
// 02 computes so, and a kernel may.
constexpr Tolerance slope_tolerance = double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{2e-5, 5e-6};

TEST(Unit_18_5, GeluAgainstTheFormula) {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{7}, Shape{3, 5, 9}, Shape{three_pieces}}) {
    const Array x = uniform(shape, 1, -6, 6), grad = randn(shape, 2);
    EXPECT_TRUE(near(fused_gelu_forward(x, with_tanh), shape, each(x, plain_gelu)));
    EXPECT_TRUE(
        near(fused_gelu_backward(grad, x, with_tanh), shape, times(each(x, plain_gelu_slope), grad), slope_tolerance));
  }
}

TEST(Unit_18_5, GeluOfNothing) {
  for (const Shape& shape : {Shape{0}, Shape{3, 0, 2}}) {
    EXPECT_EQ(fused_gelu_forward(Array(shape), with_tanh).shape(), shape);
    EXPECT_EQ(fused_gelu_backward(Array(shape), Array(shape), with_tanh).shape(), shape);
  }
}

TEST(Unit_18_5, GeluFarOut) {
  const Real tiny = std::numeric_limits<Real>::denorm_min(), small = std::numeric_limits<Real>::min() / 4;
  const Array x({12}, {Real(1e4), Real(-1e4), 100, -100, 0, Real(-0.0), tiny, -tiny, small, -small, 12, -12});
  EXPECT_TRUE(near(fused_gelu_forward(x, with_tanh), {12}, each(x, plain_gelu)));
  EXPECT_TRUE(near(fused_gelu_backward(Array::full({12}, 3), x, with_tanh), {12},
                   times(each(x, plain_gelu_slope), Array::full({12}, 3)), gradient_tolerance));
  EXPECT_EQ(fused_gelu_forward(Array::scalar(small), with_tanh).item(), small / 2) << "a subnormal is not lost";
}

TEST(Unit_18_5, GeluWhereTheSquareOverflows) {
  const Real large = std::numeric_limits<Real>::max();
  const Array x({4}, {-large, Real(-1e20), Real(1e20), large});
  EXPECT_TRUE(near(fused_gelu_backward(Array::full({4}, 3), x, with_tanh), {4}, {0, 0, 3, 3}));
}

TEST(Unit_18_5, GeluOfNanAndInfinity) {
  const Array x({4}, {nan, inf, -inf, 1});
  const Array y = fused_gelu_forward(x, with_tanh);
  EXPECT_TRUE(near(y, {4}, {nan, inf, nan, plain_gelu(1)}));
  const Array dx = fused_gelu_backward(ones({2}), Array({2}, {nan, 1}), with_tanh);
  EXPECT_TRUE(near(dx, {2}, {nan, plain_gelu_slope(1)}, gradient_tolerance));
}

TEST(Unit_18_5, TheExactGeluGoesToModule02) {
  const Array x = randn({40}, 4), grad = randn({40}, 5);
  const auto erf_gelu = [](double v) { return v / 2 * std::erfc(-v / std::sqrt(2.0)); };
  const auto slope = [](double v) {
    return std::erfc(-v / std::sqrt(2.0)) / 2 + v * std::exp(-v * v / 2) / std::sqrt(2 * std::acos(-1.0));
  };
  EXPECT_TRUE(near(fused_gelu_forward(x, exact), {40}, each(x, erf_gelu)));
  EXPECT_TRUE(near(fused_gelu_backward(grad, x, exact), {40}, times(each(x, slope), grad), gradient_tolerance));
}

TEST(Unit_18_5, GeluEqualsTheOneItReplaces) {
  const Array x = uniform({5000}, 6, -20, 20), grad = randn({5000}, 7);
  EXPECT_TRUE(near(fused_gelu_forward(x, with_tanh), gelu_forward(x, with_tanh), gradient_tolerance));
  EXPECT_TRUE(near(fused_gelu_backward(grad, x, with_tanh), gelu_backward(grad, x, with_tanh),
                   {gradient_tolerance.rtol, 5 * gradient_tolerance.atol}));
}

TEST(Unit_18_5, GeluDoesNotDependOnTheThreads) {
  const Array x = randn({three_pieces + 5000}, 8), grad = randn({three_pieces + 5000}, 9);
  const Array x_before = x.clone();
  expect_same_bits_for_any_threads(
      [&] {
        return Arrays{fused_gelu_forward(x, with_tanh), fused_gelu_backward(grad, x, with_tanh)};
      },
      1);
  EXPECT_TRUE(same_bits(x, x_before));
}

// --- softmax
// ----------------------------------------------------------------------------------------------------------

void expect_softmax(const Array& x, std::uint64_t seed) {
  const std::size_t length = static_cast<std::size_t>(x.dim(-1));
  const Array grad = randn(x.shape(), seed);
  const Doubles y = plain_softmax(to_doubles(x), length);
  dirty(x.shape());
  const Array actual = fused_softmax_forward(x, x.rank() - 1);
  ASSERT_TRUE(near(actual, x.shape(), y)) << x.shape().str();
  ASSERT_TRUE(near(fused_softmax_backward(grad, actual, x.rank() - 1), x.shape(),
                   plain_softmax_gradient(to_doubles(grad), y, length), gradient_tolerance))
      << x.shape().str();
}

TEST(Unit_18_5, SoftmaxAgainstTheFormula) {
  std::uint64_t seed = 10;
  for (const Shape& shape : {Shape{1}, Shape{9}, Shape{1, 1}, Shape{5, 1}, Shape{3, 7}, Shape{2, 3, 8}, Shape{4, 129},
                             Shape{200, 257}, Shape{5000, 9}, Shape{2, 20000}}) {
    expect_softmax(randn(shape, seed), seed + 1);
    seed += 2;
  }
}

TEST(Unit_18_5, SoftmaxOfNothing) {
  for (const Shape& shape : {Shape{0}, Shape{3, 0}, Shape{0, 3}}) {
    const int last = shape.rank() - 1;
    EXPECT_EQ(fused_softmax_forward(Array(shape), last).shape(), shape);
    EXPECT_EQ(fused_softmax_backward(Array(shape), Array(shape), last).shape(), shape);
  }
}

TEST(Unit_18_5, SoftmaxFarOut) {
  const Array x({4, 3}, {Real(1e4), Real(-1e4), 0, Real(1e4), Real(1e4), Real(1e4 - 1), Real(-1e4), Real(-1e4 - 2),
                         -inf, 0, Real(-0.0), -88});
  expect_softmax(x, 30);
}

TEST(Unit_18_5, SoftmaxRowsOfNanAndInfinity) {  // as module 02: such a row is NaN, its neighbours are not
  const Array x({5, 3}, {1, 2, 3, nan, 0, 1, inf, 0, 1, -inf, -inf, -inf, 3, 2, 1});
  const Array y = fused_softmax_forward(x, 1);
  const Doubles row = plain_softmax({1, 2, 3}, 3);
  EXPECT_TRUE(
      near(y, {5, 3}, {row[0], row[1], row[2], nan, nan, nan, nan, nan, nan, nan, nan, nan, row[2], row[1], row[0]}));
}

void expect_softmax_along_others(const Shape& shape) {
  const Array x = randn(shape, 31), grad = randn(shape, 32);
  for (const int axis : {0, 1}) {
    const Array moved = transpose(x, axis, 2);
    const std::size_t length = static_cast<std::size_t>(moved.dim(2));
    const Doubles y = plain_softmax(to_doubles(moved), length);
    const Array actual = fused_softmax_forward(x, axis);
    EXPECT_TRUE(near(transpose(actual, axis, 2), moved.shape(), y)) << shape.str();
    EXPECT_TRUE(near(transpose(fused_softmax_backward(grad, actual, axis), axis, 2), moved.shape(),
                     plain_softmax_gradient(to_doubles(transpose(grad, axis, 2)), y, length), gradient_tolerance))
        << shape.str();
  }
}

TEST(Unit_18_5, SoftmaxAlongAnotherAxis) {
  for (const Shape& shape : {Shape{4, 5, 3}, Shape{4, 5, 1}, Shape{4, 1, 3}, Shape{1, 5, 3}, Shape{1, 5, 1}}) {
    expect_softmax_along_others(shape);
  }
}

TEST(Unit_18_5, SoftmaxDoesNotDependOnTheThreads) {
  const Array x = randn({1500, 33}, 33), grad = randn({1500, 33}, 34);
  expect_same_bits_for_any_threads([&] {
    const Array y = fused_softmax_forward(x, 1);
    return Arrays{y, fused_softmax_backward(grad, y, 1)};
  });
}

// --- on and off
// -------------------------------------------------------------------------------------------------------

std::vector<bool> filled() {
  const Device cpu = Device::cpu;
  return {gemm_slot.installed(cpu),       gelu_slot.installed(cpu),          softmax_slot.installed(cpu),
          layer_norm_slot.installed(cpu), cross_entropy_slot.installed(cpu), adam_slot.installed(cpu),
          attention_slot.installed(cpu),  conv2d_slot.installed(cpu)};
}

TEST(Unit_18_5, AccelerateFillsTheNamedSlotsAndEmptiesTheOthers) {
  const Accelerated all;
  EXPECT_EQ(filled(), std::vector<bool>(8, true));
  accelerate({"softmax", "adam"});
  EXPECT_EQ(filled(), (std::vector<bool>{false, false, true, false, false, true, false, false}));
  EXPECT_TRUE(near(softmax(Array({2}, {1, 1})).value(), {2}, {0.5, 0.5}));
  accelerate({});
  EXPECT_EQ(filled(), std::vector<bool>(8, false));
}

TEST(Unit_18_5, AccelerateNamesWhatItDoesNotKnow) {
  const Accelerated one({"gelu"});
  EXPECT_THROWS_WITH(accelerate({"softmax", "tanh"}), ValueError, "accelerate", "tanh");
  EXPECT_EQ(filled(), (std::vector<bool>{false, true, false, false, false, false, false, false})) << "nothing changed";
  EXPECT_EQ(gelu(Array::scalar(0), with_tanh).value().item(), 0);
  EXPECT_EQ(accelerated_ops(),
            (std::vector<std::string>{"gemm", "primitives", "gelu", "softmax", "layer_norm", "cross_entropy", "adam",
                                      "attention", "conv2d", "max_pool2d"}));
}

TEST(Unit_18_5, TheOpsCallTheKernels) {  // to the bit: the composed functions round in other places
  const Array x = uniform({2000}, 35, -5, -1), rows = randn({40, 50}, 36);
  const Accelerated some({"gelu", "softmax"});
  EXPECT_TRUE(same_bits(gelu(x, with_tanh).value(), fused_gelu_forward(x, with_tanh)));
  EXPECT_FALSE(same_bits(gelu(x, with_tanh).value(), gelu_forward(x, with_tanh)));
  EXPECT_TRUE(same_bits(softmax(rows).value(), fused_softmax_forward(rows, 1)));
}

}  // namespace
}  // namespace rushlight::test
