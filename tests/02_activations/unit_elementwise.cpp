#include <cmath>

#include "02_activations/activation_checks.hpp"

namespace rushlight::test {
namespace {

const std::vector<double> edges{-infinity, -1e4, -tiny, 0, tiny, 1e4, infinity, not_a_number};

Activation leaky(Real slope) {
  return [slope](const Tensor& x) { return leaky_relu(x, slope); };
}

Tensor plain_leaky_relu(const Tensor& x) { return leaky_relu(x); }

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double bell(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * M_PI); }
double cumulative(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }

// f(x) - f(-x) = x, for relu, gelu and silu alike: each is x times something that adds up to 1 with its mirror image.
void expect_odd_part_is_identity(const Activation& f) {
  const Array x = uniform({6, 11}, 21, -6, 6);
  const Array mirrored = f(Array(x.shape(),
                                 [&] {
                                   std::vector<Real> values(x.data().begin(), x.data().end());
                                   for (Real& value : values) value = -value;
                                   return values;
                                 }()))
                             .value();
  const Array y = f(x).value();
  std::vector<double> difference;
  for (std::int64_t i = 0; i < x.size(); ++i) {
    difference.push_back(static_cast<double>(y.data()[i]) - mirrored.data()[i]);
  }
  EXPECT_TRUE(near(x, x.shape(), difference, gradient_tolerance));
}

}  // namespace

// --- relu

TEST(Unit_02_1, ReluByHand) { expect_values(relu, {-2, -0.5, 0, 0.5, 2}, {0, 0, 0, 0.5, 2}, exactly); }

TEST(Unit_02_1, ReluGolden) { expect_golden("relu", relu); }

TEST(Unit_02_1, ReluAtTheEdges) {
  expect_values(relu, edges, {0, 0, 0, 0, tiny, 1e4, infinity, not_a_number}, exactly);
}

TEST(Unit_02_1, ReluOddPartIsIdentity) { expect_odd_part_is_identity(relu); }

TEST(Unit_02_1, ReluManners) { expect_manners("relu", relu); }

TEST(Unit_02_1, LeakyReluByHand) {
  expect_values(plain_leaky_relu, {-200, -1, 0, 3}, {-2, -0.01, 0, 3}, value_tolerance);
  expect_values(leaky(0.5), {-4, 0, 4}, {-2, 0, 4}, exactly);
  expect_values(leaky(-1), {-4, 0, 4}, {4, 0, 4}, exactly);  // |x|
  expect_values(leaky(2), {-4, 0, 4}, {-8, 0, 4}, exactly);  // steeper on the left
}

TEST(Unit_02_1, LeakyReluGolden) { expect_golden("leaky_relu_0p01", plain_leaky_relu); }

TEST(Unit_02_1, LeakyReluAtTheEdges) {
  expect_values(leaky(0.5), edges, {-infinity, -5e3, -tiny / 2, 0, tiny, 1e4, infinity, not_a_number}, exactly);
}

TEST(Unit_02_1, LeakyReluManners) { expect_manners("leaky_relu", leaky(0.2)); }

// --- sigmoid and tanh

TEST(Unit_02_2, SigmoidByHand) { expect_values(sigmoid, {0, std::log(3.0), -std::log(3.0)}, {0.5, 0.75, 0.25}); }

TEST(Unit_02_2, SigmoidGolden) { expect_golden("sigmoid", sigmoid); }

TEST(Unit_02_2, SigmoidAgreesWithDoublePrecision) {
  expect_formula(
      sigmoid, logistic, [](double x) { return logistic(x) * logistic(-x); }, 20);
}

TEST(Unit_02_2, SigmoidAtTheEdges) { expect_values(sigmoid, edges, {0, 0, 0.5, 0.5, 0.5, 1, 1, not_a_number}); }

// Far out on the left the sigmoid is eˣ, and every digit of it counts: 0 would be wrong.
TEST(Unit_02_2, SigmoidKeepsItsDigitsFarOut) {
  expect_values(sigmoid, {-30, -60, -80}, {std::exp(-30.0), std::exp(-60.0), std::exp(-80.0)}, {2e-5, 0});
  const double last_digit = std::numeric_limits<Real>::denorm_min();  // e⁻ˣ overflows here, eˣ does not
  expect_values(sigmoid, {-90, -100}, {std::exp(-90.0), std::exp(-100.0)}, {2e-5, last_digit});
}

TEST(Unit_02_2, SigmoidManners) { expect_manners("sigmoid", sigmoid); }

TEST(Unit_02_2, TanhGolden) {
  expect_golden("tanh", [](const Tensor& x) { return tanh(x); });
}

TEST(Unit_02_2, TanhAgreesWithDoublePrecision) {
  expect_formula([](const Tensor& x) { return tanh(x); }, [](double x) { return std::tanh(x); },
                 [](double x) { return 1 / (std::cosh(x) * std::cosh(x)); }, 6);
}

TEST(Unit_02_2, TanhAtTheEdges) {
  expect_values([](const Tensor& x) { return tanh(x); }, edges, {-1, -1, -tiny, 0, tiny, 1, 1, not_a_number});
}

TEST(Unit_02_2, TanhKeepsItsDigitsNearZero) {
  expect_values([](const Tensor& x) { return tanh(x); }, {1e-6, -1e-9, 1e-20}, {1e-6, -1e-9, 1e-20}, {1e-6, 0});
}

TEST(Unit_02_2, TanhManners) {
  expect_manners("tanh", [](const Tensor& x) { return tanh(x); });
}

// --- gelu

TEST(Unit_02_3, GeluErfGolden) { expect_golden("gelu_erf", gelu_none); }

TEST(Unit_02_3, GeluTanhGolden) { expect_golden("gelu_tanh", gelu_tanh); }

TEST(Unit_02_3, GeluExactIsTheDefault) {
  expect_values(gelu_none, {2}, {1.954499736103642});
  expect_values(gelu_tanh, {2}, {1.954597694087775});
}

TEST(Unit_02_3, GeluAgreesWithDoublePrecision) {
  expect_formula(
      gelu_none, [](double x) { return x * cumulative(x); }, [](double x) { return cumulative(x) + x * bell(x); }, 6);
}

TEST(Unit_02_3, GeluAtTheEdges) {
  const std::vector<double> expected{not_a_number, 0, -tiny / 2, 0, tiny / 2, 1e4, infinity, not_a_number};
  expect_values(gelu_none, edges, expected);
  expect_values(gelu_tanh, edges, expected);
  const double large = 0.9 * std::numeric_limits<Real>::max();
  expect_values(gelu_none, {large}, {large});
  expect_values(gelu_tanh, {large}, {large});
}

TEST(Unit_02_3, GeluOddPartIsIdentity) {
  expect_odd_part_is_identity(gelu_none);
  expect_odd_part_is_identity(gelu_tanh);
}

TEST(Unit_02_3, GeluManners) {
  expect_manners("gelu", gelu_none);
  expect_manners("gelu", gelu_tanh);
}

// A kernel that nobody could confuse with gelu. KernelSlot holds function pointers, so it counts in globals.
int fake_calls = 0;

Array fake_forward(const Array& x, GeluApproximation approximation) {
  ++fake_calls;
  return Array::full(x.shape(), approximation == GeluApproximation::tanh ? 7 : 5);
}

Array fake_backward(const Array& grad, const Array& x, GeluApproximation approximation) {
  ++fake_calls;
  EXPECT_EQ(grad.shape(), x.shape());
  return Array::full(x.shape(), approximation == GeluApproximation::tanh ? 70 : 50);
}

TEST(Unit_02_3, GeluUsesAnInstalledKernel) {
  fake_calls = 0;
  const Tensor x(Array({2}, {1, 2}), true);
  Tensor y;
  {
    const Installed<GeluKernel> installed(gelu_slot, {fake_forward, fake_backward});
    y = gelu(x, GeluApproximation::tanh);
    EXPECT_TRUE(near(y.value(), {2}, {7, 7}, exactly));
    EXPECT_TRUE(near(gelu(Array({2}, {1, 2})).value(), {2}, {5, 5}, exactly));
  }
  EXPECT_TRUE(near(Tape(y, cotangent({2})).grad(x), {2}, {70, 70}, exactly)) << "the pair of the forward";
  EXPECT_EQ(fake_calls, 3);
  expect_values(gelu_none, {2}, {1.954499736103642});  // the slot is empty again
}

TEST(Unit_02_3, GeluKernelsStandAlone) {
  const Array x({3}, {-1, 0, 1});
  EXPECT_TRUE(near(gelu_forward(x, GeluApproximation::none), {3}, {-0.15865525393145707, 0, 0.8413447460685429}));
  EXPECT_TRUE(near(gelu_backward(Array({3}, {2, 2, 2}), x, GeluApproximation::none), {3},
                   {-0.16663094117537338, 1, 2.1666309411753734}, gradient_tolerance));
  for (const GeluApproximation each : {GeluApproximation::tanh, GeluApproximation::none}) {  // of this x, after another
    const Array y = gelu_forward(x, each), dx = gelu_backward(ones({3}), x, each);
    EXPECT_TRUE(same_bits(y, gelu_forward(x.clone(), each)));
    EXPECT_TRUE(same_bits(dx, gelu_backward(ones({3}), x.clone(), each)));
  }
}

// --- silu

TEST(Unit_02_4, SiluGolden) { expect_golden("silu", silu); }

TEST(Unit_02_4, SiluAgreesWithDoublePrecision) {
  expect_formula(
      silu, [](double x) { return x * logistic(x); }, [](double x) { return logistic(x) * (1 + x * logistic(-x)); },
      20);
}

TEST(Unit_02_4, SiluAtTheEdges) {
  expect_values(silu, edges, {not_a_number, 0, -tiny / 2, 0, tiny / 2, 1e4, infinity, not_a_number});
}

TEST(Unit_02_4, SiluOddPartIsIdentity) { expect_odd_part_is_identity(silu); }

TEST(Unit_02_4, SiluManners) { expect_manners("silu", silu); }

}  // namespace rushlight::test
