// Times that no machine can reach.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using bench::checked_ratio;
using bench::floor_seconds;

const bench::Roof roof{.flops_per_second = 100e9, .bytes_per_second = 10e9};

TEST(Unit_19_8, WhateverTakesLongerCounts) {
  EXPECT_NEAR(floor_seconds({.flops = 200e9, .bytes = 1e9}, roof), 2, 1e-12) << "computing";
  EXPECT_NEAR(floor_seconds({.flops = 1e9, .bytes = 30e9}, roof), 3, 1e-12) << "moving";
  EXPECT_EQ(floor_seconds({}, roof), 0);
}

TEST(Unit_19_8, AProductByHand) {  // 1000 x 1000 times 1000 x 1000, float
  const double n = 1000;
  EXPECT_NEAR(floor_seconds({.flops = 2 * n * n * n, .bytes = 3 * n * n * 4}, roof), 0.02, 1e-12);
  EXPECT_NEAR(floor_seconds({.flops = 2 * n * n, .bytes = n * n * 4}, roof), 4e-4, 1e-12) << "a row times a matrix";
}

TEST(Unit_19_8, ARatioThatCanBe) {
  EXPECT_NEAR(checked_ratio("product", 3, 4, {.flops = 200e9}, roof), 0.75, 1e-12);
  EXPECT_NEAR(checked_ratio("product", 1.95, 3.9, {.flops = 200e9}, roof), 0.5, 1e-12) << "within the slack of 5 %";
  EXPECT_NEAR(checked_ratio("product", 1, 1, {.flops = 200e9}, roof, 0.5), 1, 1e-12) << "with more slack";
}

TEST(Unit_19_8, ARatioThatCannotBeIsAMistake) {
  EXPECT_THROWS_WITH(checked_ratio("product", 1, 4, {.flops = 200e9}, roof), ValueError, "product", "1 s", "2 s");
  EXPECT_THROWS_WITH(checked_ratio("product", 1.89, 4, {.flops = 200e9}, roof), ValueError, "1.89");
  EXPECT_THROWS_WITH(checked_ratio("copy", 3, 0.5, {.bytes = 20e9}, roof), ValueError, "copy", "0.5 s", "2 s");
  EXPECT_THROWS_WITH(checked_ratio("product", 1.99, 4, {.flops = 200e9}, roof, 0), ValueError, "1.99");
}

TEST(Unit_19_8, Errors) {
  EXPECT_THROWS_WITH(floor_seconds({.flops = -1}, roof), ValueError, "floor_seconds", "flops is -1");
  EXPECT_THROWS_WITH(floor_seconds({.bytes = not_a_number}, roof), ValueError, "bytes");
  EXPECT_THROWS_WITH(floor_seconds({}, {.flops_per_second = 1}), ValueError, "bytes_per_second is 0");
  EXPECT_THROWS_WITH(floor_seconds({}, {.bytes_per_second = 1}), ValueError, "flops_per_second is 0");
  EXPECT_THROWS_WITH(checked_ratio("x", 0, 1, {}, roof), ValueError, "seconds is 0");
  EXPECT_THROWS_WITH(checked_ratio("x", 1, not_a_number, {}, roof), ValueError, "baseline");
  for (const double none : {1.0, 1.5, -0.01, not_a_number, infinity}) {
    EXPECT_THROWS_WITH(checked_ratio("x", 1, 1, {}, roof, none), ValueError, "slack");
  }
  for (const double none : {0.0, -1.0, not_a_number, infinity}) {
    EXPECT_THROWS_WITH(checked_ratio("x", none, 1, {}, roof), ValueError, "seconds");
    EXPECT_THROWS_WITH(checked_ratio("x", 1, none, {}, roof), ValueError, "baseline");
  }
}

}  // namespace
}  // namespace rushlight::test
