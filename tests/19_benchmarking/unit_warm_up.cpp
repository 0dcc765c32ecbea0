// Where a series becomes steady.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using bench::find_warm_up;

// `count` values that alternate a little around 1, after these.
Doubles after(Doubles first, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) first.push_back(1 + 0.01 * static_cast<double>(i % 3));
  return first;
}

void expect_warm_up(const Doubles& values, std::int64_t samples, bool steady, const char* what) {
  const bench::WarmUp found = find_warm_up(values);
  EXPECT_EQ(found.samples, samples) << what;
  EXPECT_EQ(found.steady, steady) << what;
}

TEST(Unit_19_3, SlowFirstSamples) {
  expect_warm_up(after({}, 30), 0, true, "nothing odd");
  expect_warm_up(after({9}, 29), 1, true, "one");
  expect_warm_up(after({9, 5, 3, 2, 1.5}, 25), 5, true, "five");
  expect_warm_up(after({9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, 15), 15, true, "just half of them");
}

TEST(Unit_19_3, AFastStartIsWarmUpToo) {
  expect_warm_up(after({0.5, 0.5, 0.6, 0.7}, 26), 4, true, "a processor that later gets hot");
}

TEST(Unit_19_3, ThreeInARow) {
  expect_warm_up(after({9, 1, 1.01, 9, 1, 9}, 24), 6, true, "two in a row are not enough");
  expect_warm_up(after({1, 1.01, 1.02, 9, 9}, 25), 0, true, "it was steady before; those two are outliers");
  expect_warm_up(after({1, 9}, 28), 2, true, "one usual value first");
}

TEST(Unit_19_3, WhatComesLateIsNoWarmUp) {
  Doubles values = after({}, 30);
  values.back() = 9;
  values[20] = 9;
  expect_warm_up(values, 0, true, "outliers in the second half");
}

TEST(Unit_19_3, NeverSteady) {
  Doubles values = after({9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, 10);
  expect_warm_up(values, 10, true, "places 10, 11 and 12 lie within");
  values[11] = 9;
  expect_warm_up(values, 10, false, "too late");
}

TEST(Unit_19_3, EqualValuesAreSteady) {
  expect_warm_up(Doubles(8, 2.0), 0, true, "fences that meet");
  Doubles values(21, 2.0);
  values[0] = values[1] = 2.5;
  expect_warm_up(values, 2, true, "an odd number of samples");
}

TEST(Unit_19_3, ADecayIsCutWhereItDrownsInTheNoise) {
  Doubles values = noisy(100, 3, 0.02);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += 2 * std::exp(-static_cast<double>(i) / 5);
  const bench::WarmUp found = find_warm_up(values);
  EXPECT_TRUE(found.steady);
  EXPECT_GE(found.samples, 14) << "there it is still 10 % slower, five deviations";
  EXPECT_LE(found.samples, 30);
}

bench::WarmUp plain_warm_up(const Doubles& values) {
  const std::size_t half = values.size() / 2;
  const Doubles later(values.begin() + static_cast<std::ptrdiff_t>(half), values.end());
  const double q1 = plain_quantile(later, 0.25), q3 = plain_quantile(later, 0.75);
  const auto usual = [&](double x) { return x >= q1 - 1.5 * (q3 - q1) && x <= q3 + 1.5 * (q3 - q1); };
  for (std::size_t i = 0; i <= half && i + 2 < values.size(); ++i) {
    if (usual(values[i]) && usual(values[i + 1]) && usual(values[i + 2])) return {static_cast<std::int64_t>(i), true};
  }
  return {static_cast<std::int64_t>(half), false};
}

TEST(Unit_19_3, RandomSeries) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Generator random(seed);
    Doubles values = noisy(8 + seed % 30, seed, 0.3);
    for (double& value : values) value *= random.uniform() < 0.15 ? 4 : 1;
    const bench::WarmUp expected = plain_warm_up(values), found = find_warm_up(values);
    ASSERT_EQ(found.samples, expected.samples) << "seed " << seed << ", " << values.size() << " samples";
    ASSERT_EQ(found.steady, expected.steady) << "seed " << seed << ", " << values.size() << " samples";
    for (const double unit : {0x1p-40, 0x1p40}) {
      Doubles scaled = values;
      for (double& value : scaled) value *= unit;
      ASSERT_EQ(find_warm_up(scaled).samples, expected.samples) << "in another unit, seed " << seed;
    }
  }
}

TEST(Unit_19_3, WhatIsLeft) {
  EXPECT_EQ(bench::without_warm_up(after({9, 5}, 28)), after({}, 28));
  EXPECT_EQ(bench::without_warm_up(after({}, 28)), after({}, 28));
  Doubles never = after({9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, 10);
  never[11] = 9;
  EXPECT_EQ(bench::without_warm_up(never), Doubles(never.begin() + 10, never.end())) << "half, if it is never steady";
}

TEST(Unit_19_3, Errors) {
  EXPECT_THROWS_WITH(find_warm_up(Doubles(7, 1.0)), ValueError, "7 samples", "8");
  EXPECT_THROWS_WITH(find_warm_up({1, 1, 1, infinity, 1, 1, 1, 1}), ValueError, "sample 3");
  EXPECT_THROWS_WITH(bench::without_warm_up({}), ValueError, "0 samples");
}

}  // namespace
}  // namespace rushlight::test
