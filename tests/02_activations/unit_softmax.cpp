#include <cmath>

#include "02_activations/activation_checks.hpp"

namespace rushlight::test {
namespace {

using Doubles = std::vector<double>;

// One line at a time, in double precision, by the definition.
Doubles plain_softmax(const Array& x, int axis, bool logarithm) {
  std::int64_t inner = 1;
  for (int i = axis + 1; i < x.rank(); ++i) inner *= x.shape()[i];
  const std::int64_t size = x.shape()[axis];
  Doubles y(static_cast<std::size_t>(x.size()));
  for (std::int64_t at = 0; at < x.size(); ++at) {
    const std::int64_t first = at / (size * inner) * size * inner + at % inner;
    double total = 0;
    for (std::int64_t k = 0; k < size; ++k) {
      total += std::exp(static_cast<double>(x.data()[first + k * inner]) - x.data()[at]);
    }
    y[at] = logarithm ? -std::log(total) : 1 / total;
  }
  return y;
}

// Every axis of arrays of rank 1 to 4, with lines shorter and longer than a vector register.
void expect_definition_on_every_axis(bool logarithm) {
  std::uint64_t seed = 31;
  for (const Shape& shape : {Shape{1}, Shape{19}, Shape{8, 3}, Shape{2, 17, 3}, Shape{3, 4, 1, 9}}) {
    const Array x = uniform(shape, seed++, -4, 4);
    for (int axis = 0; axis < shape.rank(); ++axis) {
      const Doubles expected = plain_softmax(x, axis, logarithm);
      for (const int written : {axis, axis - shape.rank()}) {
        const Tensor y = logarithm ? log_softmax(x, written) : softmax(x, written);
        EXPECT_TRUE(near(y.value(), shape, expected)) << "axis " << written << " of " << shape.str();
      }
    }
  }
}

void expect_empty_stays_empty(const std::function<Tensor(const Tensor&, int)>& f) {
  for (const Shape& shape : {Shape{0}, Shape{2, 0}, Shape{0, 3}, Shape{2, 0, 3}}) {
    for (int axis = 0; axis < shape.rank(); ++axis) {
      const Tensor x(Array(shape), true);
      const Tensor y = f(x, axis);
      EXPECT_EQ(y.shape(), shape) << "axis " << axis;
      EXPECT_EQ(Tape(y, Array(shape)).grad(x).shape(), shape) << "axis " << axis;
    }
  }
}

int fake_forwards = 0;
int fake_backwards = 0;

Array fake_forward(const Array& x, int axis) {
  ++fake_forwards;
  return Array::full(x.shape(), static_cast<Real>(10 + axis));
}

Array fake_backward(const Array& grad, const Array& y, int axis) {
  ++fake_backwards;
  return Array::full(grad.shape(), y.data()[0] + static_cast<Real>(axis));
}

void expect_slot_is_used(KernelSlot<SoftmaxKernel>& slot, const std::function<Tensor(const Tensor&, int)>& f) {
  fake_forwards = fake_backwards = 0;
  const Tensor x(Array({2, 3}, {1, 2, 3, 4, 5, 6}), true);
  Tensor y;
  {
    const Installed<SoftmaxKernel> installed(slot, {fake_forward, fake_backward});
    y = f(x, -1);  // arrives as 1
    EXPECT_TRUE(near(y.value(), {2, 3}, Doubles(6, 11), exactly));
  }
  EXPECT_TRUE(near(Tape(y, cotangent({2, 3})).grad(x), {2, 3}, Doubles(6, 12), exactly)) << "the pair of the forward";
  EXPECT_EQ(fake_forwards, 1);
  EXPECT_EQ(fake_backwards, 1);
  EXPECT_NE(f(x, -1).value().data()[0], 11) << "the slot was emptied, but the op still calls the old kernel";
  EXPECT_EQ(fake_forwards, 1);
}

void expect_axes_checked_of_nothing(const std::function<Tensor(const Tensor&, int)>& f) {
  EXPECT_THROWS_WITH(f(Array(Shape{2, 0}), 2), IndexError, "2");
  EXPECT_THROWS_WITH(f(Array(Shape{0, 3}), -3), IndexError, "-3");
}

}  // namespace

// --- softmax

TEST(Unit_02_5, SoftmaxByHand) {
  const Array x({2, 2}, {0, static_cast<Real>(std::log(2.0)), 5, 5});
  EXPECT_TRUE(near(softmax(x).value(), {2, 2}, {1.0 / 3, 2.0 / 3, 0.5, 0.5}));
}

TEST(Unit_02_5, SoftmaxGolden) {
  const nlohmann::json all = golden("activations_norms.json").at("softmax");
  const Array x = array_of(all.at("x"));
  EXPECT_TRUE(near(softmax(x).value(), {2, 4}, values_of(all.at("y"))));
}

TEST(Unit_02_5, SoftmaxIsTheDefinitionOnEveryAxis) { expect_definition_on_every_axis(false); }

TEST(Unit_02_5, SoftmaxLinesAddUpToOne) {
  const Array y = softmax(uniform({5, 40}, 41, -30, 30)).value();
  for (int row = 0; row < 5; ++row) {
    double total = 0;
    for (int i = 0; i < 40; ++i) total += y.data()[row * 40 + i];
    EXPECT_NEAR(total, 1, 1e-6) << "row " << row;
  }
}

TEST(Unit_02_5, SoftmaxDoesNotSeeAConstant) {  // adding 1000 to a line changes nothing
  const Array x({3}, {-1, 0, 2});
  const Array moved({3}, {999, 1000, 1002});
  EXPECT_TRUE(near(softmax(moved).value(), {3}, plain_softmax(x, 0, false)));
}

TEST(Unit_02_5, SoftmaxOfHugeNumbers) {
  EXPECT_TRUE(near(softmax(Array({1}, {1e4})).value(), {1}, {1}, exactly));
  const Array x({3, 3}, {1e4, -1e4, 0, 1e4, 1e4, -1e4, -1e4, -1e4, -1e4});
  EXPECT_TRUE(near(softmax(x).value(), {3, 3}, {1, 0, 0, 0.5, 0.5, 0, 1.0 / 3, 1.0 / 3, 1.0 / 3}));
}

// Wherever the line lies: at either end of what a Real holds, too.
TEST(Unit_02_5, SoftmaxAtTheEndsOfTheRange) {
  for (const Real at : {Real{-3e38}, Real{-1e20}, Real{1e20}, Real{3e38}}) {
    EXPECT_TRUE(
        near(softmax(Array({2, 2}, {at, at, at, 0})).value(), {2, 2}, {0.5, 0.5, at > 0 ? 1.0 : 0, at > 0 ? 0.0 : 1}));
  }
  EXPECT_TRUE(near(softmax(Array({2}, {Real{-3e38}, Real{3e38}})).value(), {2}, {0, 1}, exactly));
}

TEST(Unit_02_5, SoftmaxOfSubnormals) {
  const Array x({2}, {static_cast<Real>(tiny), static_cast<Real>(-tiny)});
  EXPECT_TRUE(near(softmax(x).value(), {2}, {0.5, 0.5}));
}

TEST(Unit_02_5, SoftmaxGivesMinusInfinityNoShare) {
  const Array x({4}, {static_cast<Real>(-infinity), 1, static_cast<Real>(-infinity), 1});
  EXPECT_TRUE(near(softmax(x).value(), {4}, {0, 0.5, 0, 0.5}, exactly));
}

// A line without a single finite number has no distribution: NaN, as in PyTorch, and only in that line.
TEST(Unit_02_5, SoftmaxPropagatesNaNWithinItsLine) {
  const auto inf = static_cast<Real>(infinity);
  const auto nan = static_cast<Real>(not_a_number);
  const Array x({5, 2}, {-inf, -inf, 0, 0, nan, 1, 1, nan, inf, 0});
  const double n = not_a_number;
  EXPECT_TRUE(near(softmax(x).value(), {5, 2}, {n, n, 0.5, 0.5, n, n, n, n, n, n}));
  const Array lines({4, 1}, {-inf, inf, nan, 3});  // of one number
  EXPECT_TRUE(near(softmax(lines).value(), {4, 1}, {n, n, n, 1}));
}

TEST(Unit_02_5, SoftmaxOfNothingIsNothing) { expect_empty_stays_empty(softmax); }

TEST(Unit_02_5, SoftmaxRefusesAnAxisThatIsNotThere) {
  EXPECT_THROWS_WITH(softmax(Array({2, 3}), 2), IndexError, "2");
  EXPECT_THROWS_WITH(softmax(Array({2, 3}), -3), IndexError, "-3");
  EXPECT_THROWS_WITH(softmax(Array::scalar(1)), IndexError);
  expect_axes_checked_of_nothing(softmax);
}

TEST(Unit_02_5, SoftmaxUsesAnInstalledKernel) { expect_slot_is_used(softmax_slot, softmax); }

TEST(Unit_02_5, SoftmaxKernelsStandAlone) {
  const Array y = softmax_forward(Array({2, 1}, {3, 3}), 0);
  EXPECT_TRUE(near(y, {2, 1}, {0.5, 0.5}, exactly));
  EXPECT_TRUE(near(softmax_backward(Array({2, 1}, {1, 3}), y, 0), {2, 1}, {-0.5, 0.5}, exactly));
}

TEST(Unit_02_5, SoftmaxHasAGraphAndLeavesItsInputAlone) {
  const Tensor x(uniform({3, 4}, 42, -2, 2), true);
  const Array before = x.value().clone();
  const Tensor y = softmax(x, 0);
  Tape(y, cotangent({3, 4}));
  EXPECT_TRUE(same_bits(x.value(), before));
  ASSERT_TRUE(y.requires_grad());
  EXPECT_STREQ(y.node()->op, "softmax");
  EXPECT_FALSE(softmax(x.value()).requires_grad());
}

// --- log_softmax

TEST(Unit_02_6, LogSoftmaxByHand) {
  const Array x({2, 2}, {0, static_cast<Real>(std::log(2.0)), 5, 5});
  EXPECT_TRUE(
      near(log_softmax(x).value(), {2, 2}, {-std::log(3.0), std::log(2.0 / 3), -std::log(2.0), -std::log(2.0)}));
}

TEST(Unit_02_6, LogSoftmaxGolden) {
  const nlohmann::json all = golden("activations_norms.json").at("softmax");
  EXPECT_TRUE(near(log_softmax(array_of(all.at("x"))).value(), {2, 4}, values_of(all.at("log_softmax_y"))));
}

TEST(Unit_02_6, LogSoftmaxIsTheDefinitionOnEveryAxis) { expect_definition_on_every_axis(true); }

// log(softmax(x)) would be log(0) = -inf in the second place of the first row.
TEST(Unit_02_6, LogSoftmaxOfHugeNumbersIsFinite) {
  const Array x({3, 2}, {1e4, -1e4, 0, -200, -1e4, -1e4});
  EXPECT_TRUE(near(log_softmax(x).value(), {3, 2}, {0, -2e4, 0, -200, -std::log(2.0), -std::log(2.0)}));
  EXPECT_TRUE(near(log_softmax(Array({1}, {1e4})).value(), {1}, {0}, exactly));
}

TEST(Unit_02_6, LogSoftmaxAtTheEndsOfTheRange) {
  for (const Real at : {Real{-3e38}, Real{-1e20}, Real{1e20}, Real{3e38}}) {
    const double half = -std::log(2.0), far = -std::abs(static_cast<double>(at));
    EXPECT_TRUE(near(log_softmax(Array({2, 2}, {at, at, at, 0})).value(), {2, 2},
                     {half, half, at > 0 ? 0 : far, at > 0 ? far : 0}));
  }
}

TEST(Unit_02_6, LogSoftmaxDoesNotSeeAConstant) {
  const Array x({3}, {-1, 0, 2});
  const Array moved({3}, {999, 1000, 1002});
  EXPECT_TRUE(near(log_softmax(moved).value(), {3}, plain_softmax(x, 0, true)));
}

TEST(Unit_02_6, LogSoftmaxPropagatesNaNWithinItsLine) {
  const auto inf = static_cast<Real>(infinity);
  const auto nan = static_cast<Real>(not_a_number);
  const Array x({5, 2}, {-inf, -inf, -inf, 0, nan, 1, 1, nan, inf, 0});
  const double n = not_a_number;
  EXPECT_TRUE(near(log_softmax(x).value(), {5, 2}, {n, n, -infinity, 0, n, n, n, n, n, n}));
  const Array lines({4, 1}, {-inf, inf, nan, 3});  // of one number
  EXPECT_TRUE(near(log_softmax(lines).value(), {4, 1}, {n, n, n, 0}));
}

TEST(Unit_02_6, LogSoftmaxOfNothingIsNothing) { expect_empty_stays_empty(log_softmax); }

TEST(Unit_02_6, LogSoftmaxRefusesAnAxisThatIsNotThere) {
  EXPECT_THROWS_WITH(log_softmax(Array({2, 3}), 2), IndexError, "2");
  EXPECT_THROWS_WITH(log_softmax(Array({2, 3}), -3), IndexError, "-3");
  EXPECT_THROWS_WITH(log_softmax(Array::scalar(1)), IndexError);
  expect_axes_checked_of_nothing(log_softmax);
}

TEST(Unit_02_6, LogSoftmaxHasAGraphAndLeavesItsInputAlone) {
  const Tensor x(uniform({3, 4}, 43, -2, 2), true);
  const Array before = x.value().clone();
  const Tensor y = log_softmax(x, 0);
  Tape(y, cotangent({3, 4}));
  EXPECT_TRUE(same_bits(x.value(), before));
  ASSERT_TRUE(y.requires_grad());
  EXPECT_FALSE(log_softmax(x.value()).requires_grad());
}

}  // namespace rushlight::test
