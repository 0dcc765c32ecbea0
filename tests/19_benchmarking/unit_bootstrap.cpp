// The bootstrap.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using bench::bootstrap;
using bench::bootstrap_ratio;

TEST(Unit_19_4, FirstDivideThenTakeTheMedian) {
  EXPECT_EQ(bench::ratio_of_rounds({2, 4, 9}, {1, 4, 3}), 2) << "of 2, 1, 3; the ratio of the medians is 4/3";
  EXPECT_EQ(bench::ratio_of_rounds({1, 2, 30}, {1, 1, 1}), 2) << "one interrupted round decides nothing";
  EXPECT_EQ(bench::ratio_of_rounds({1, 100, 1, 100}, {2, 200, 2, 200}), 0.5) << "slow rounds slow both";
}

TEST(Unit_19_4, TheEstimateIsThatOfAllRounds) {
  const Doubles a = noisy(21, 1), b = noisy(21, 2);
  const Interval found = bootstrap_ratio(a, b);
  EXPECT_NEAR(found.estimate, bench::ratio_of_rounds(a, b), 1e-15);
  EXPECT_LT(found.low, found.estimate);
  EXPECT_GT(found.high, found.estimate);
}

TEST(Unit_19_4, RoundsStayTogether) {
  Doubles a = noisy(20, 1, 1), b = a;
  for (double& value : b) value *= 2;
  const Interval found = bootstrap(
      a, b, [](const Doubles& x, const Doubles& y) { return plain_median(x) / plain_median(y); }, {.resamples = 200});
  EXPECT_NEAR(found.low, 0.5, 1e-12) << "in every round a took half of b's time";
  EXPECT_NEAR(found.high, 0.5, 1e-12);
}

TEST(Unit_19_4, AResampleIsDrawnWithRepetition) {
  Doubles a, b;
  for (int i = 1; i <= 50; ++i) a.push_back(i), b.push_back(i + 100);
  std::int64_t calls = 0;
  double distinct = 0;
  std::set<double> ever;
  const auto look = [&](const Doubles& x, const Doubles& y) {
    const std::set<double> values(x.begin(), x.end());
    EXPECT_EQ(x.size(), 50u);
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(y[i], x[i] + 100) << "a and b of one round";
    if (values.size() < 50) {  // not the estimate, of all rounds as they are
      ++calls;
      distinct += static_cast<double>(values.size()) / 50;
      ever.insert(values.begin(), values.end());
    }
    return mean_of(x);
  };
  bootstrap(a, b, look, {.resamples = 300});
  EXPECT_EQ(calls, 300);
  EXPECT_NEAR(distinct / static_cast<double>(calls), 0.636, 0.02) << "1 - (1 - 1/50)^50 of the rounds are in it";
  EXPECT_EQ(ever.size(), 50u) << "each round can be drawn";
}

TEST(Unit_19_4, ForAMeanItKnowsWhatTheFormulaKnows) {
  const Doubles a = noisy(100, 5, 0.2), b(100, 1.0);
  const auto mean_ratio = [](const Doubles& x, const Doubles& y) { return mean_of(x) / mean_of(y); };
  const Interval found = bootstrap(a, b, mean_ratio, {.resamples = 4000});
  double variance = 0;
  for (const double value : a) variance += std::pow(value - mean_of(a), 2) / 99;
  const double reach = 1.96 * std::sqrt(variance / 100);
  EXPECT_NEAR(found.low, mean_of(a) - reach, 0.15 * reach);
  EXPECT_NEAR(found.high, mean_of(a) + reach, 0.15 * reach);
  const Interval half = bootstrap(a, b, mean_ratio, {.resamples = 4000, .level = 0.5});
  EXPECT_NEAR((half.high - half.low) / (found.high - found.low), 0.6745 / 1.96, 0.03) << "the level decides";
}

TEST(Unit_19_4, TheSameSeedGivesTheSameInterval) {
  const Doubles a = noisy(30, 1), b = noisy(30, 2);
  const Interval first = bootstrap_ratio(a, b, {.seed = 7}), again = bootstrap_ratio(a, b, {.seed = 7});
  EXPECT_EQ(first.low, again.low);
  EXPECT_EQ(first.high, again.high);
  std::set<double> ends;
  for (std::uint64_t seed = 0; seed < 5; ++seed)
    ends.insert(bootstrap_ratio(a, b, {.resamples = 50, .seed = seed}).low);
  EXPECT_GT(ends.size(), 1u) << "and another seed may give another";
}

TEST(Unit_19_4, AllOfASeedCounts) {
  const Doubles a = noisy(30, 1), b = noisy(30, 2);
  const Interval small = bootstrap_ratio(a, b, {.resamples = 50, .seed = 7}),
                 large = bootstrap_ratio(a, b, {.resamples = 50, .seed = 7 + (std::uint64_t{1} << 32)});
  EXPECT_TRUE(small.low != large.low || small.high != large.high);
}

TEST(Unit_19_4, TheRatioTakesItsOptionsAlong) {
  const Doubles a = noisy(30, 1), b = noisy(30, 2);
  for (const bench::BootstrapOptions& options :
       {bench::BootstrapOptions{.resamples = 3}, bench::BootstrapOptions{.level = 0.5, .seed = 9}}) {
    const Interval found = bootstrap_ratio(a, b, options), expected = bootstrap(a, b, bench::ratio_of_rounds, options);
    EXPECT_EQ(found.low, expected.low);
    EXPECT_EQ(found.high, expected.high);
  }
}

TEST(Unit_19_4, ItHoldsTheTruthMostOfTheTime) {
  int held = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    Doubles a = noisy(40, 2 * i), b = noisy(40, 2 * i + 1);
    for (double& value : a) value *= 1.3;
    held += bootstrap_ratio(a, b, {.resamples = 300}).holds(1.3);
  }
  EXPECT_GE(held, 264) << "of 300 intervals of level 0.95";
}

TEST(Unit_19_4, TheEstimateIsNeverOutside) {  // a statistic that resamples never reach
  const Doubles a{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, b(20, 1.0);
  const auto distinct = [](const Doubles& x, const Doubles&) {
    return static_cast<double>(std::set<double>(x.begin(), x.end()).size());
  };
  const Interval found = bootstrap(a, b, distinct, {.resamples = 100});
  EXPECT_EQ(found.estimate, 20);
  EXPECT_EQ(found.high, 20);
  EXPECT_LT(found.low, 17);
  const Interval below =
      bootstrap(a, b, [&](const Doubles& x, const Doubles& y) { return -distinct(x, y); }, {.resamples = 100});
  EXPECT_EQ(below.low, -20);
}

TEST(Unit_19_4, SixRoundsAndOneResampleAreEnough) {
  const Doubles a{1, 2, 3, 4, 5, 6}, b(6, 2.0);
  const Interval found = bootstrap_ratio(a, b, {.resamples = 1});
  EXPECT_EQ(found.estimate, 1.75);
  EXPECT_TRUE(found.low == found.estimate || found.high == found.estimate) << "the other end is the one resample's";
  EXPECT_EQ(bench::ratio_of_rounds({3}, {2}), 1.5);
}

TEST(Unit_19_4, Errors) {
  const Doubles six(6, 1.0), five(5, 1.0);
  EXPECT_THROWS_WITH(bootstrap_ratio(six, five), ValueError, "6", "5");
  EXPECT_THROWS_WITH(bootstrap_ratio(five, five), ValueError, "bootstrap", "5 samples", "6");
  EXPECT_THROWS_WITH(bootstrap_ratio({1, 1, 0, 1, 1, 1}, six), ValueError, "time 2 is 0");
  EXPECT_THROWS_WITH(bootstrap_ratio(six, {1, 1, 1, -1, 1, 1}), ValueError, "time 3 is -1");
  EXPECT_THROWS_WITH(bootstrap_ratio(six, six, {.resamples = 0}), ValueError, "resamples is 0");
  EXPECT_THROWS_WITH(bootstrap_ratio(six, six, {.level = 1}), ValueError, "level is 1");
  EXPECT_THROWS_WITH(bootstrap_ratio(six, six, {.level = not_a_number}), ValueError, "level");
  EXPECT_THROWS_WITH(bench::ratio_of_rounds({1}, {1, 2}), ValueError, "1", "2");
  EXPECT_THROWS_WITH(bench::ratio_of_rounds({}, {}), ValueError, "0 samples");
  EXPECT_THROWS_WITH(bench::ratio_of_rounds({1, 1}, {1, 0}), ValueError, "time 1 is 0");
}

}  // namespace
}  // namespace rushlight::test
