// Outliers and drift.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using bench::find_drift;
using bench::find_outliers;

// 1 to 9: quartiles 3 and 7, so the fences lie at -3 and 13, and at -9 and 19.
Doubles nine_and(const Doubles& more) {
  Doubles values{1, 2, 3, 4, 5, 6, 7, 8, 9};
  values.insert(values.end(), more.begin(), more.end());
  return values;
}

void expect_outliers(const Doubles& values, std::array<std::int64_t, 4> expected) {
  const bench::Outliers found = find_outliers(values);
  EXPECT_EQ(found.low_severe, expected[0]);
  EXPECT_EQ(found.low_mild, expected[1]);
  EXPECT_EQ(found.high_mild, expected[2]);
  EXPECT_EQ(found.high_severe, expected[3]);
}

TEST(Unit_19_5, Fences) {
  expect_outliers(nine_and({}), {0, 0, 0, 0});
  expect_outliers(nine_and({15, -5}), {0, 0, 0, 0});  // quartiles 2.5 and 7.5, fences -5 and 15: on the fence
  expect_outliers(nine_and({15.5, -5.5}), {0, 1, 1, 0});
  expect_outliers(nine_and({22.5, -12.5}), {0, 1, 1, 0});  // on the outer fences
  expect_outliers(nine_and({23, -13}), {1, 0, 0, 1});
}

TEST(Unit_19_5, ManyKindsAtOnce) {
  Doubles values;
  for (int i = 0; i < 101; ++i) values.push_back(i % 11);  // quartiles 2 and 8 of 0..10, with room for a few more
  values.insert(values.end(), {18, 19, 30, 31, 32, -8, -40});
  const double q1 = plain_quantile(values, 0.25), q3 = plain_quantile(values, 0.75), r = q3 - q1;
  std::array<std::int64_t, 4> expected{};
  for (const double x : values) {
    expected[0] += x < q1 - 3 * r;
    expected[1] += x < q1 - 1.5 * r && x >= q1 - 3 * r;
    expected[2] += x > q3 + 1.5 * r && x <= q3 + 3 * r;
    expected[3] += x > q3 + 3 * r;
  }
  EXPECT_EQ(expected, (std::array<std::int64_t, 4>{1, 1, 2, 3}));
  expect_outliers(values, expected);
  EXPECT_EQ(find_outliers(values).count(), 7);
}

bench::Drift plain_drift(const Doubles& x) {
  double s = 0, groups = 0;
  Doubles slopes;
  for (std::size_t j = 0; j < x.size(); ++j) {
    for (std::size_t i = 0; i < j; ++i) {
      s += x[i] < x[j] ? 1 : (x[i] > x[j] ? -1 : 0);
      slopes.push_back((x[j] - x[i]) / static_cast<double>(j - i));
    }
  }
  for (const double value : std::set<double>(x.begin(), x.end())) {
    const auto t = static_cast<double>(std::count(x.begin(), x.end(), value));
    groups += t * (t - 1) * (2 * t + 5);
  }
  const auto n = static_cast<double>(x.size());
  const double variance = (n * (n - 1) * (2 * n + 5) - groups) / 18;
  const double nearer = s > 0 ? s - 1 : (s < 0 ? s + 1 : 0);
  const double z = variance > 0 ? nearer / std::sqrt(variance) : 0;
  return {plain_median(slopes) * (n - 1) / plain_median(x), z, std::abs(z) > 2.5758293};
}

TEST(Unit_19_5, DriftByHand) {
  const bench::Drift up = find_drift({1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_NEAR(up.change, 7 / 4.5, 1e-12) << "a slope of 1, seven times, of a median of 4.5";
  EXPECT_NEAR(up.z, 27 / std::sqrt(8 * 7 * 21 / 18.0), 1e-12) << "all 28 pairs rise";
  EXPECT_TRUE(up.seen);
  const bench::Drift down = find_drift({8, 7, 6, 5, 4, 3, 2, 1});
  EXPECT_NEAR(down.change, -7 / 4.5, 1e-12);
  EXPECT_NEAR(down.z, -up.z, 1e-12);
  EXPECT_TRUE(down.seen);
}

TEST(Unit_19_5, NoTrend) {
  const bench::Drift flat = find_drift(Doubles(10, 3.0));
  EXPECT_EQ(flat.change, 0);
  EXPECT_EQ(flat.z, 0) << "all values are equal: there is no variance to divide by";
  EXPECT_FALSE(flat.seen);
  const bench::Drift mirrored = find_drift({1, 2, 3, 4, 4, 3, 2, 1});
  EXPECT_EQ(mirrored.z, 0) << "as many rise as fall";
  EXPECT_FALSE(mirrored.seen);
}

TEST(Unit_19_5, EqualValuesAreTies) {
  const Doubles values{1, 1, 2, 2, 2, 3, 3, 3, 3, 4};
  const bench::Drift found = find_drift(values), expected = plain_drift(values);
  EXPECT_NEAR(found.z, expected.z, 1e-12);
  EXPECT_NEAR(found.change, expected.change, 1e-12);
}

TEST(Unit_19_5, DriftOfRandomSeries) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Doubles values = noisy(8 + seed, seed);
    for (double& value : values) value = seed % 2 ? std::round(value * 50) / 50 : value;
    const bench::Drift found = find_drift(values), expected = plain_drift(values);
    ASSERT_NEAR(found.z, expected.z, 1e-9) << "seed " << seed;
    ASSERT_NEAR(found.change, expected.change, 1e-9) << "seed " << seed;
    ASSERT_EQ(found.seen, expected.seen) << "seed " << seed;
    for (const double unit : {0x1p-40, 0x1p40}) {
      Doubles scaled = values;
      for (double& value : scaled) value *= unit;
      ASSERT_EQ(find_drift(scaled).z, found.z) << "in another unit, seed " << seed;
      ASSERT_EQ(find_drift(scaled).change, found.change) << "in another unit, seed " << seed;
      ASSERT_EQ(find_outliers(scaled).count(), find_outliers(values).count()) << "in another unit, seed " << seed;
    }
  }
}

TEST(Unit_19_5, NoiseSeldomLooksLikeDrift) {
  int seen = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) seen += find_drift(noisy(30, seed)).seen;
  EXPECT_LE(seen, 20) << "of 1000 series without a trend";
}

TEST(Unit_19_5, OneOddSampleMovesNothing) {
  Doubles values = noisy(40, 9, 0.01);
  const bench::Drift before = find_drift(values);
  values.back() = 100;
  const bench::Drift after = find_drift(values);
  EXPECT_NEAR(after.change, before.change, 0.01);
  EXPECT_FALSE(after.seen);
}

TEST(Unit_19_5, Errors) {
  EXPECT_THROWS_WITH(find_outliers({1, 2, 3}), ValueError, "3 samples", "4");
  EXPECT_THROWS_WITH(find_outliers({1, 2, 3, not_a_number}), ValueError, "sample 3");
  EXPECT_THROWS_WITH(find_drift(Doubles(7, 1.0)), ValueError, "find_drift", "7 samples", "8");
  EXPECT_THROWS_WITH(find_drift({1, 1, 1, 1, 0, 1, 1, 1}), ValueError, "time 4 is 0");
}

}  // namespace
}  // namespace rushlight::test
