// activation_checks.hpp: what every elementwise activation is asked.
#pragma once

#include <functional>
#include <string>

#include "02_activations/activations.hpp"
#include "support/installed.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

using Activation = std::function<Tensor(const Tensor&)>;
using Formula = std::function<double(double)>;

inline Tensor gelu_none(const Tensor& x) { return gelu(x); }
inline Tensor gelu_tanh(const Tensor& x) { return gelu(x, GeluApproximation::tanh); }

// dy/dx at every element, for a function that works element by element.
Array derivative(const Activation& f, const Array& x);

// Value and derivative at the points of activations_norms.json, all at once and each one alone (vector instructions
// handle blocks of elements, ordinary code what is left over: both are judged).
void expect_golden(const std::string& name, const Activation& f);

// Value and derivative on seeded random arrays in -range..range against formulas in double precision.
void expect_formula(const Activation& f, const Formula& value, const Formula& slope, double range);

// Value at each of the given points, alone and among others. NaN is expected as NaN.
void expect_values(const Activation& f, const std::vector<double>& x, const std::vector<double>& y,
                   Tolerance tolerance = value_tolerance);
void expect_slopes(const Activation& f, const std::vector<double>& x, const std::vector<double>& slope,
                   Tolerance tolerance = gradient_tolerance);

// Shapes of rank 0 to 4, empty ones too; a node of that name when x wants a gradient and none otherwise; x unharmed.
void expect_manners(const char* op, const Activation& f);

constexpr double tiny = std::numeric_limits<Real>::denorm_min() * 64;  // subnormal

}  // namespace rushlight::test
