#include <limits>

#include "01_tensor/oracles.hpp"

namespace rushlight::test {
namespace {

using Limits = std::numeric_limits<Real>;

using MapOf = std::function<Array(const Array&)>;
using Plain = std::function<double(double)>;

// A few units in the last place, with subnormal results compared absolutely.
const Tolerance few_ulp{4 * Limits::epsilon(), 4 * Limits::denorm_min()};

// f over the whole array, against the same function of the standard library in double, rounded to Real. Arrays of 19
// take the vector path and the rest; each value alone takes the rest only.
void expect_maps(const MapOf& f, const Plain& plain, const std::vector<Real>& values) {
  Doubles expected;
  for (const Real value : values) expected.push_back(static_cast<Real>(plain(value)));
  const Array x({static_cast<std::int64_t>(values.size())}, values);
  const Array before = x.clone();
  EXPECT_TRUE(near(f(x), x.shape(), expected, few_ulp));
  EXPECT_TRUE(same_bits(x, before)) << "an op must not change its operand";
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_TRUE(near(f(Array::full({19}, values[i])), {19}, Doubles(19, expected[i]), few_ulp)) << "at " << values[i];
    EXPECT_TRUE(near(f(Array::scalar(values[i])), Shape{}, {expected[i]}, few_ulp)) << "at " << values[i];
  }
  EXPECT_TRUE(near(f(Array(Shape{0, 3})), {0, 3}, {}));
}

std::vector<Real> spread(double low, double high, int count) {
  std::vector<Real> values;
  for (int i = 0; i < count; ++i) values.push_back(static_cast<Real>(low + (high - low) * i / (count - 1)));
  return values;
}

std::vector<Real> with_extremes(std::vector<Real> values) {
  const std::vector<Real> extremes = {0,
                                      1,
                                      -1,
                                      Real{1e4},
                                      Real{-1e4},
                                      inf,
                                      -inf,
                                      nan,
                                      Limits::min(),
                                      -Limits::min(),
                                      Limits::denorm_min(),
                                      -Limits::denorm_min(),
                                      Limits::min() / 4,
                                      Limits::max(),
                                      Limits::lowest(),
                                      Limits::epsilon()};
  values.insert(values.end(), extremes.begin(), extremes.end());
  return values;
}

TEST(Unit_01_2, Neg) {
  expect_maps([](const Array& x) { return neg(x); }, [](double v) { return -v; }, with_extremes(spread(-3, 3, 41)));
  EXPECT_TRUE(std::signbit(neg(Array::scalar(0)).item())) << "-(+0) is -0: 0 - x would give +0";
}

TEST(Unit_01_2, Exp) {
  expect_maps([](const Array& x) { return exp(x); }, [](double v) { return std::exp(v); },
              with_extremes(spread(-20, 20, 101)));
}

// float reaches e^88.72, and e^-103.27 through the subnormals; fast approximations stop before.
TEST(Unit_01_2, ExpReachesBothEndsOfTheRange) {
  expect_maps([](const Array& x) { return exp(x); }, [](double v) { return std::exp(v); }, spread(85, 90, 101));
  expect_maps([](const Array& x) { return exp(x); }, [](double v) { return std::exp(v); }, spread(-106, -85, 101));
}

TEST(Unit_01_2, Log) {
  expect_maps([](const Array& x) { return log(x); }, [](double v) { return std::log(v); },
              with_extremes(spread(0.01, 30, 101)));
}

TEST(Unit_01_2, Sqrt) {
  expect_maps([](const Array& x) { return sqrt(x); }, [](double v) { return std::sqrt(v); },
              with_extremes(spread(0, 30, 101)));
}

TEST(Unit_01_2, Tanh) {
  expect_maps([](const Array& x) { return tanh(x); }, [](double v) { return std::tanh(v); },
              with_extremes(spread(-12, 12, 101)));
}

TEST(Unit_01_2, Erf) {
  expect_maps([](const Array& x) { return erf(x); }, [](double v) { return std::erf(v); },
              with_extremes(spread(-5, 5, 101)));
}

TEST(Unit_01_2, Abs) {
  expect_maps([](const Array& x) { return abs(x); }, [](double v) { return std::abs(v); },
              with_extremes(spread(-3, 3, 41)));
  EXPECT_TRUE(same_bits(abs(Array::full({19}, -Real{0})), zeros({19}))) << "|-0| is +0: 1 / |x| is never -inf";
}

TEST(Unit_01_2, PowWithCommonExponents) {
  for (const double exponent : {0.0, 1.0, 2.0, 3.0, 0.5, -1.0, -2.0, 1.7}) {
    SCOPED_TRACE(exponent);
    const auto e = static_cast<Real>(exponent);
    expect_maps([e](const Array& x) { return pow(x, e); }, [e](double v) { return std::pow(v, double{e}); },
                with_extremes(spread(-3, 3, 41)));
  }
}

TEST(Unit_01_2, PowAtZero) {
  const Array zero = Array::scalar(0);
  EXPECT_EQ(pow(zero, 0).item(), 1);
  EXPECT_EQ(pow(zero, 2).item(), 0);
  EXPECT_EQ(pow(zero, -1).item(), inf);
  EXPECT_EQ(pow(Array::scalar(nan), 0).item(), 1) << "IEEE: anything to the power 0 is 1";
  EXPECT_TRUE(std::isnan(pow(Array::scalar(-2), Real{0.5}).item()));
}

}  // namespace
}  // namespace rushlight::test
