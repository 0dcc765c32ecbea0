// rush_test.hpp: what every test includes. Comparisons are plain loops over double: no test uses the code under test
// to judge it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "01_tensor/random.hpp"
#include "01_tensor/tensor.hpp"
#include "support/compare.hpp"
#include "support/golden.hpp"
#include "support/gradients.hpp"
#include "support/tape.hpp"

namespace rushlight {

// How gtest shows a shape in a failure.
inline void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.str(); }

}  // namespace rushlight

namespace rushlight::test {

constexpr Device gpu = Device::cuda;

constexpr Real inf = std::numeric_limits<Real>::infinity();
constexpr Real nan = std::numeric_limits<Real>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// Seeded arrays, so that a failure repeats.
Array randn(const Shape& shape, std::uint64_t seed);
Array uniform(const Shape& shape, std::uint64_t seed, double low, double high);

}  // namespace rushlight::test

// The statement must throw `Type`, and the message must contain every given piece.
#define EXPECT_THROWS_WITH(statement, Type, ...)                                                \
  try {                                                                                         \
    statement;                                                                                  \
    ADD_FAILURE() << #statement " threw nothing; expected " #Type;                              \
  } catch (const Type& error) {                                                                 \
    for (const std::string& piece : std::initializer_list<std::string>{__VA_ARGS__}) {          \
      if (std::string(error.what()).find(piece) != std::string::npos) continue;                 \
      ADD_FAILURE() << "the message should mention '" << piece << "' but is: " << error.what(); \
    }                                                                                           \
  }
