// compare.hpp: arrays against expected numbers, with failures that teach.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "01_tensor/array.hpp"

namespace rushlight::test {

// Equal when |actual - expected| <= atol + rtol * |expected|; NaN equals NaN, an infinity equals itself.
struct Tolerance {
  double rtol;
  double atol;
};

constexpr bool double_precision = sizeof(Real) == 8;
constexpr Tolerance exactly{0, 0};
constexpr Tolerance value_tolerance = double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{2e-6, 1e-7};
constexpr Tolerance gradient_tolerance = double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{2e-5, 1e-6};

// Shape and every element. The failure names the first bad index, shows its neighbourhood and says what the
// difference looks like: transposed, doubled, negated, never written, summed instead of averaged.
testing::AssertionResult near(const Array& actual, const Shape& shape, const std::vector<double>& expected,
                              Tolerance tolerance = value_tolerance);
testing::AssertionResult near(const Array& actual, const Array& expected, Tolerance tolerance = value_tolerance);
testing::AssertionResult same_bits(const Array& actual, const Array& expected);  // memcmp: -0 differs from 0
testing::AssertionResult same(const Indices& actual, const Shape& shape, const std::vector<std::int32_t>& expected);
testing::AssertionResult same(const Mask& actual, const Shape& shape, const std::vector<int>& expected);

// A gradient that is there: defined, the given shape, finite, and somewhere above the floor.
testing::AssertionResult grad_ok(const Array& grad, const Shape& shape, double floor = 1e-8);

std::vector<double> to_doubles(const Array& array);

// What an elementwise mistake usually looks like; empty when nothing fits.
std::string diagnose(const Shape& shape, const std::vector<double>& actual, const std::vector<double>& expected,
                     Tolerance tolerance);

}  // namespace rushlight::test
