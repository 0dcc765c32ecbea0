#include "activation_checks.hpp"

#include <cmath>
#include <string_view>

namespace rushlight::test {
namespace {

Array array_from(const std::vector<double>& values) {
  return Array({static_cast<std::int64_t>(values.size())}, std::vector<Real>(values.begin(), values.end()));
}

using Evaluate = std::function<Array(const Array&)>;

// All points in one array, then each as a scalar of rank 0.
void expect_points(const char* what, const Evaluate& f, const std::vector<double>& x,
                   const std::vector<double>& expected, Tolerance tolerance) {
  ASSERT_EQ(x.size(), expected.size());
  EXPECT_TRUE(near(f(array_from(x)), {static_cast<std::int64_t>(x.size())}, expected, tolerance))
      << what << " at x = " << testing::PrintToString(x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_TRUE(near(f(Array::scalar(static_cast<Real>(x[i]))), Shape{}, {expected[i]}, tolerance))
        << what << " at x = " << x[i];
  }
}

Evaluate value_of(const Activation& f) {
  return [f](const Array& x) { return f(x).value(); };
}

Evaluate slope_of(const Activation& f) {
  return [f](const Array& x) { return derivative(f, x); };
}

std::vector<double> mapped(const Formula& formula, const Array& x) {
  std::vector<double> result;
  for (const Real value : x.data()) result.push_back(formula(value));
  return result;
}

void expect_shape(const Activation& f, const Shape& shape, const Array& x) {
  EXPECT_EQ(f(x).shape(), shape) << "value, for x of shape " << shape.str();
  EXPECT_EQ(derivative(f, x).shape(), shape) << "gradient, for x of shape " << shape.str();
}

}  // namespace

Array derivative(const Activation& f, const Array& x) {
  const Tensor leaf(x, true);
  const Tensor y = f(leaf);
  return Tape(y, Array::full(y.shape(), 1)).grad(leaf);
}

void expect_golden(const std::string& name, const Activation& f) {
  const nlohmann::json all = golden("activations_norms.json").at("elementwise");
  const std::vector<double> x = values_of(all.at("x"));
  expect_values(f, x, values_of(all.at(name).at("y")));
  expect_slopes(f, x, values_of(all.at(name).at("dydx")));
}

void expect_formula(const Activation& f, const Formula& value, const Formula& slope, double range) {
  std::uint64_t seed = 1;
  for (const Shape& shape : {Shape{37}, Shape{5, 7}, Shape{2, 3, 4, 5}}) {
    const Array x = uniform(shape, seed++, -range, range);
    EXPECT_TRUE(near(f(x).value(), shape, mapped(value, x), gradient_tolerance));
    EXPECT_TRUE(near(derivative(f, x), shape, mapped(slope, x), gradient_tolerance)) << "(the derivative)";
  }
}

void expect_values(const Activation& f, const std::vector<double>& x, const std::vector<double>& y,
                   Tolerance tolerance) {
  expect_points("the value", value_of(f), x, y, tolerance);
}

void expect_slopes(const Activation& f, const std::vector<double>& x, const std::vector<double>& slope,
                   Tolerance tolerance) {
  expect_points("the derivative", slope_of(f), x, slope, tolerance);
}

void expect_manners(const char* op, const Activation& f) {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{0}, Shape{2, 0, 3}, Shape{3, 4}, Shape{2, 1, 3, 5}}) {
    expect_shape(f, shape, uniform(shape, 3, -2, 2));
  }
  const Array x = uniform({4, 5}, 4, -2, 2);
  const Array before = x.clone();
  const std::uint64_t version = x.version();
  const Tensor leaf(x, true);
  const Tensor y = f(leaf);
  Tape(y, cotangent(y.shape()));
  EXPECT_TRUE(same_bits(x, before)) << op << " changed its input";
  EXPECT_EQ(x.version(), version) << op << " opened its input for writing";
  ASSERT_TRUE(y.requires_grad()) << op << " lost the graph: its output should require a gradient when its input does";
  if (y.node()->op == std::string_view(op)) {  // else it is composed of other ops, which keep what they need
    EXPECT_TRUE(y.node()->save == Save::inputs || y.node()->save == Save::output)
        << op << " should keep its input or its output, not both: see what record() is told to save";
    EXPECT_EQ(y.node()->inputs.at(0).node, leaf.node());
  }
  EXPECT_FALSE(f(Tensor(x)).requires_grad()) << op << " made a graph that nobody asked for";
  Array changed = x;
  changed.mutable_data()[0] = 1;
  const Array again = f(x).value(), slope = derivative(f, x);
  EXPECT_TRUE(same_bits(again, f(x.clone()).value())) << op << " remembers what this Array held before";
  EXPECT_TRUE(same_bits(slope, derivative(f, x.clone()))) << op << "'s rule remembers what this Array held before";
}

}  // namespace rushlight::test
