// 14.7: the roof over sums made by hand.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

constexpr Machine machine{.flops_per_s = 100e9, .bytes_per_s = 20e9};  // the ridge is at 5

TEST(Unit_14_7, TheRoofIsTheLowerOfTwoLimits) {
  EXPECT_DOUBLE_EQ(attainable(machine, 0.25), 5e9);
  EXPECT_DOUBLE_EQ(attainable(machine, 5), 100e9);
  EXPECT_DOUBLE_EQ(attainable(machine, 50), 100e9);
  EXPECT_DOUBLE_EQ(ridge(machine), 5);
  EXPECT_DOUBLE_EQ(ridge({.flops_per_s = 30, .bytes_per_s = 60}), 0.5);
}

OpRow row(std::int64_t ns, std::int64_t flops, std::int64_t bytes, std::int64_t no_flops = 0,
          std::int64_t no_bytes = 0) {
  OpRow made{.op = "op" + std::to_string(ns), .phase = Phase::backward, .calls = 2, .ns = ns};
  made.cost = {.flops = flops, .bytes = bytes, .unknown_flops = no_flops, .unknown_bytes = no_bytes};
  return made;
}

TEST(Unit_14_7, APointHasItsIntensityAndItsSpeed) {
  const std::vector<RooflinePoint> points = roofline({row(1000, 50000, 1000), row(2000, 8000, 16000)}, machine);
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0].op, "op1000");
  EXPECT_EQ(points[0].phase, Phase::backward);
  EXPECT_DOUBLE_EQ(points[0].intensity, 50);
  EXPECT_NEAR(points[0].flops_per_s, 50e9, 1);
  EXPECT_NEAR(points[0].of_attainable, 0.5, 1e-9);
  EXPECT_FALSE(points[0].memory_bound);
  EXPECT_DOUBLE_EQ(points[1].intensity, 0.5);
  EXPECT_NEAR(points[1].flops_per_s, 4e9, 1);
  EXPECT_NEAR(points[1].of_attainable, 0.4, 1e-9) << "of 10 GFLOP/s, which is what memory allows";
  EXPECT_TRUE(points[1].memory_bound);
  EXPECT_FALSE(points[0].above_roof || points[1].above_roof);
}

TEST(Unit_14_7, FasterThanTheRoofIsMarked) {
  const std::vector<RooflinePoint> points =
      roofline({row(1000, 10500, 2100), row(1000, 120000, 100), row(1000, 24000, 12000)}, machine);
  ASSERT_EQ(points.size(), 3U);
  EXPECT_FALSE(points[0].above_roof);
  EXPECT_FALSE(points[0].memory_bound) << "at the ridge itself memory is fast enough";
  EXPECT_TRUE(points[1].above_roof) << "1.2 times the peak";
  EXPECT_FALSE(points[2].above_roof) << "24 GFLOP/s of 40";
  EXPECT_FALSE(roofline({row(1000, 105000, 100)}, machine)[0].above_roof) << "within a tenth";
  EXPECT_TRUE(roofline({row(1000, 24000, 24000)}, machine)[0].above_roof) << "1.2 times what memory allows";
}

TEST(Unit_14_7, WhatIsNotKnownIsNoPoint) {
  EXPECT_TRUE(roofline({row(1000, 500, 100, 1, 0), row(1000, 500, 100, 0, 1), row(1000, 0, 100), row(1000, 500, 0),
                        row(0, 500, 100)},
                       machine)
                  .empty());
}

}  // namespace
}  // namespace rushlight::test
