// Derivatives that are right, not merely there: every entry against finite differences, against numbers worked out by
// hand, and at the edges of the number line.
#include <cmath>

#include "02_activations/activation_checks.hpp"

namespace rushlight::test {
namespace {

// Random numbers that keep away from 0, where relu has a corner and a finite difference no meaning.
Array away_from_zero(const Shape& shape, std::uint64_t seed) {
  Array x = uniform(shape, seed, -2, 2);
  for (Real& value : x.mutable_data()) value += std::copysign(Real{0.1}, value);
  return x;
}

void expect_everywhere(const Activation& f, double floor = 1e-3) {
  std::uint64_t seed = 51;
  for (const Shape& shape : {Shape{}, Shape{9}, Shape{3, 5}, Shape{2, 3, 4}}) {
    expect_gradients([&](const Tensors& in) { return f(in[0]); }, {away_from_zero(shape, seed++)}, {.floor = floor});
  }
}

// One line's Jacobian in double precision: dy[i]/dx[j] = y[i] · ([i = j] - y[j]).
std::vector<double> jacobian_product(const std::vector<double>& y, const Array& c) {
  std::vector<double> dx(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    for (std::size_t j = 0; j < y.size(); ++j) dx[j] += c.data()[i] * y[i] * ((i == j ? 1.0 : 0.0) - y[j]);
  }
  return dx;
}

double largest(const Array& x) {
  double most = 0;
  for (const Real value : x.data()) most = std::max(most, std::abs(static_cast<double>(value)));
  return most;
}

Array gradient_at(const Activation& f, const Array& x, const Array& c) {
  const Tensor leaf(x, true);
  return Tape(f(leaf), c).grad(leaf);
}

void expect_every_axis(const std::function<Tensor(const Tensor&, int)>& f) {
  for (int axis = -3; axis < 3; ++axis) {
    SCOPED_TRACE(testing::Message() << "axis " << axis);
    expect_gradients([&](const Tensors& in) { return f(in[0], axis); }, {randn({2, 3, 4}, 61)}, {.floor = 1e-3});
  }
}

}  // namespace

TEST(GradientFlow_02_1, Relu) {
  expect_gradients([](const Tensors& in) { return relu(in[0]); }, {away_from_zero({4, 6}, 50)});
}

TEST(GradientFlow_02_1, ReluIsZeroAtZero) { expect_slopes(relu, {-1, 0, 1, -tiny, tiny}, {0, 0, 1, 0, 1}, exactly); }

TEST(GradientFlow_02_1, ReluAtTheEdges) {
  expect_slopes(relu, {-infinity, -1e4, 1e4, infinity}, {0, 0, 1, 1}, exactly);
}

// PyTorch lets the gradient through where x is NaN: a zero would hide the place where it went wrong.
TEST(GradientFlow_02_1, ReluDoesNotHideNaN) { expect_slopes(relu, {not_a_number}, {1}, exactly); }

// Where relu is shut, nothing gets through: a NaN that arrives from above is stopped too.
TEST(GradientFlow_02_1, ReluChoosesInsteadOfMultiplying) {
  const auto nan = static_cast<Real>(not_a_number);
  EXPECT_TRUE(near(gradient_at(relu, Array({2}, {-1, 1}), Array({2}, {nan, nan})), {2}, {0, not_a_number}));
}

TEST(GradientFlow_02_1, LeakyRelu) {
  expect_everywhere([](const Tensor& x) { return leaky_relu(x); });
  expect_everywhere([](const Tensor& x) { return leaky_relu(x, 0.3); });
}

TEST(GradientFlow_02_1, LeakyReluAtTheCorner) {
  const auto leaky = [](Real slope) { return [slope](const Tensor& x) { return leaky_relu(x, slope); }; };
  expect_slopes(leaky(0.25), {-1e4, -1, 0, 1, 1e4}, {0.25, 0.25, 0.25, 1, 1}, exactly);
  expect_slopes(leaky(-2), {-3, 0, 3}, {-2, -2, 1}, exactly);  // the output is positive on both sides
  // What holds for relu's NaN holds here: a slope of 0 would hide it.
  for (const double slope : {0.0, 0.25, -2.0, 3.0}) {
    expect_slopes(leaky(static_cast<Real>(slope)), {-infinity, not_a_number, infinity}, {slope, 1, 1}, exactly);
  }
}

TEST(GradientFlow_02_2, Sigmoid) { expect_everywhere(sigmoid); }

TEST(GradientFlow_02_2, Tanh) {
  expect_everywhere([](const Tensor& x) { return tanh(x); });
}

TEST(GradientFlow_02_2, SaturatedAtTheEdges) {
  const std::vector<double> x{-infinity, -1e4, 0, 1e4, infinity, not_a_number};
  expect_slopes(sigmoid, x, {0, 0, 0.25, 0, 0, not_a_number});
  expect_slopes([](const Tensor& t) { return tanh(t); }, x, {0, 0, 1, 0, 0, not_a_number});
}

TEST(GradientFlow_02_3, GeluExact) { expect_everywhere(gelu_none); }

TEST(GradientFlow_02_3, GeluApproximate) { expect_everywhere(gelu_tanh); }

TEST(GradientFlow_02_3, GeluAtTheEdges) {
  const std::vector<double> x{-1e4, -tiny, 0, tiny, 1e4, not_a_number};
  expect_slopes(gelu_none, x, {0, 0.5, 0.5, 0.5, 1, not_a_number});
  expect_slopes(gelu_tanh, x, {0, 0.5, 0.5, 0.5, 1, not_a_number});
}

// As in PyTorch: 0 · inf, which a guard would hide.
TEST(GradientFlow_02_3, GeluAtInfinity) {
  for (const Activation& f : {Activation(gelu_none), Activation(gelu_tanh)}) {
    expect_slopes(f, {-infinity, infinity}, {not_a_number, not_a_number});
  }
}

// From 1.8e19 on x² is infinite, and the slope that it is multiplied with 0.
TEST(GradientFlow_02_3, GeluWhereTheSquareOverflows) {
  const double large = 0.9 * std::numeric_limits<Real>::max();
  const std::vector<double> x{-large, -1e20, 1e20, large};
  expect_slopes(gelu_none, x, {0, 0, 1, 1});
  expect_slopes(gelu_tanh, x, {0, 0, 1, 1});
}

TEST(GradientFlow_02_4, Silu) { expect_everywhere(silu); }

TEST(GradientFlow_02_4, SiluAtTheEdges) {
  expect_slopes(silu, {-1e4, -tiny, 0, tiny, 1e4, not_a_number}, {0, 0.5, 0.5, 0.5, 1, not_a_number});
  expect_slopes(silu, {20000.25, 1e8}, {1, 1});
  const double large = 0.9 * std::numeric_limits<Real>::max();
  expect_slopes(silu, {-large, large}, {0, 1});
  expect_slopes(silu, {-infinity, infinity}, {not_a_number, not_a_number});  // as in PyTorch
}

TEST(GradientFlow_02_5, SoftmaxOnEveryAxis) { expect_every_axis(softmax); }

TEST(GradientFlow_02_5, SoftmaxGolden) {
  const nlohmann::json all = golden("activations_norms.json").at("softmax");
  const Array dx =
      gradient_at([](const Tensor& x) { return softmax(x); }, array_of(all.at("x")), array_of(all.at("w")));
  EXPECT_TRUE(near(dx, {2, 4}, values_of(all.at("grad_of_weighted_sum")), gradient_tolerance));
}

TEST(GradientFlow_02_5, SoftmaxIsItsJacobian) {
  const std::vector<double> y{0.1, 0.2, 0.3, 0.4};
  Array x(Shape{4});
  std::transform(y.begin(), y.end(), x.mutable_data().begin(), [](double p) { return std::log(p); });
  const Array c({4}, {1, -2, 0.5, 3});
  const Array dx = gradient_at([](const Tensor& in) { return softmax(in); }, x, c);
  EXPECT_TRUE(near(dx, {4}, jacobian_product(y, c), gradient_tolerance));
}

// Why this course never probes a gradient with a plain sum: a softmax adds up to 1 whatever x is, so the sum's gradient
// is zero, and a softmax without any gradient at all would pass. The second probe is the one that sees.
TEST(GradientFlow_02_5, PlainSumIsBlind) {
  const Array x = randn({3, 5}, 62);
  const auto f = [](const Tensor& in) { return softmax(in); };
  EXPECT_LT(largest(gradient_at(f, x, Array::full({3, 5}, 1))), 1e-6);
  EXPECT_GT(largest(gradient_at(f, x, cotangent({3, 5}))), 1e-2);
}

TEST(GradientFlow_02_5, SoftmaxGradientAddsUpToZero) {  // no gradient can push all logits of a line the same way
  const Array dx = gradient_at([](const Tensor& in) { return softmax(in, 0); }, randn({6, 2}, 63), cotangent({6, 2}));
  for (int column = 0; column < 2; ++column) {
    double total = 0;
    for (int row = 0; row < 6; ++row) total += dx.data()[row * 2 + column];
    EXPECT_NEAR(total, 0, 1e-6);
  }
}

TEST(GradientFlow_02_5, SoftmaxOfHugeNumbers) {
  const Array x({2, 2}, {1e4, -1e4, 1e4, 1e4});
  const Array dx = gradient_at([](const Tensor& in) { return softmax(in); }, x, Array({2, 2}, {1, 3, 1, 3}));
  EXPECT_TRUE(near(dx, {2, 2}, {0, 0, -0.5, 0.5}));
}

TEST(GradientFlow_02_5, SoftmaxSendsNothingToMinusInfinity) {
  const Array x({3}, {static_cast<Real>(-infinity), 2, 2});
  const Array dx = gradient_at([](const Tensor& in) { return softmax(in); }, x, Array({3}, {9, 1, 3}));
  EXPECT_TRUE(near(dx, {3}, {0, -0.5, 0.5}));
}

TEST(GradientFlow_02_5, SoftmaxReportsNaN) {
  const Array x({2, 2}, {static_cast<Real>(not_a_number), 1, 0, 0});
  const Array dx = gradient_at([](const Tensor& in) { return softmax(in); }, x, Array({2, 2}, {1, 3, 1, 3}));
  EXPECT_TRUE(near(dx, {2, 2}, {not_a_number, not_a_number, -0.5, 0.5}));
}

TEST(GradientFlow_02_6, LogSoftmaxOnEveryAxis) { expect_every_axis(log_softmax); }

TEST(GradientFlow_02_6, LogSoftmaxGolden) {
  const nlohmann::json all = golden("activations_norms.json").at("softmax");
  const Array dx =
      gradient_at([](const Tensor& x) { return log_softmax(x); }, array_of(all.at("x")), array_of(all.at("w")));
  EXPECT_TRUE(near(dx, {2, 4}, values_of(all.at("log_softmax_grad")), gradient_tolerance));
}

TEST(GradientFlow_02_6, LogSoftmaxOfHugeNumbers) {
  const Array x({2, 2}, {1e4, -1e4, 1e4, 1e4});
  const Array dx = gradient_at([](const Tensor& in) { return log_softmax(in); }, x, Array({2, 2}, {1, 3, 1, 3}));
  EXPECT_TRUE(near(dx, {2, 2}, {-3, 3, -1, 1}));
}

TEST(GradientFlow_02_6, LogSoftmaxReportsNaN) {
  const Array x({2, 2}, {static_cast<Real>(not_a_number), 1, 0, 0});
  const Array dx = gradient_at([](const Tensor& in) { return log_softmax(in); }, x, Array({2, 2}, {1, 3, 1, 3}));
  EXPECT_TRUE(near(dx, {2, 2}, {not_a_number, not_a_number, -1, 1}));
}

}  // namespace rushlight::test
