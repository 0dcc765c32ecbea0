// Quantiles, their intervals, and how many samples they take.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using bench::interval_ranks;
using bench::median;
using bench::nearest_rank;
using bench::quantile;
using bench::samples_for_interval;
using bench::samples_for_margin;

const Doubles five{35, 15, 50, 20, 40};

TEST(Unit_19_2, QuantilesLieOnTheLineBetweenNeighbours) {
  EXPECT_NEAR(quantile(five, 0.4), 29, 1e-12) << "place 1.6 of 15 20 35 40 50";
  EXPECT_NEAR(quantile(five, 0.05), 16, 1e-12);
  EXPECT_EQ(quantile(five, 0.25), 20);
  EXPECT_EQ(quantile(five, 0), 15);
  EXPECT_EQ(quantile(five, 1), 50);
  EXPECT_EQ(quantile({7}, 0.3), 7);
}

TEST(Unit_19_2, NeighboursMayBeFarApart) {
  const Doubles ends{1.7e308, -1.7e308};
  EXPECT_EQ(quantile(ends, 0), -1.7e308);
  EXPECT_EQ(quantile(ends, 1), 1.7e308);
  EXPECT_EQ(median(ends), 0);
  EXPECT_NEAR(quantile(ends, 0.75) / 1.7e308, 0.5, 1e-12);
  EXPECT_NEAR(quantile({1.6e308, 1.7e308}, 0.5) / 1.7e308, 1.65 / 1.7, 1e-12);
}

TEST(Unit_19_2, MedianIsTheMiddle) {
  EXPECT_EQ(median(five), 35);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({1, 1, 1, 1, 1000}), 1) << "one slow sample moves a mean, and no median";
}

TEST(Unit_19_2, QuantilesOfRandomValues) {
  for (const std::size_t count : {2, 3, 10, 31, 100}) {
    const Doubles values = noisy(count, count);
    for (const double q : {0.0, 0.01, 0.25, 1.0 / 3, 0.5, 0.9, 0.99, 1.0}) {
      EXPECT_NEAR(quantile(values, q), plain_quantile(values, q), 1e-12) << "q " << q << " of " << count;
    }
  }
}

TEST(Unit_19_2, NearestRankIsOneOfTheValues) {
  EXPECT_EQ(nearest_rank(five, 0.05), 15);
  EXPECT_EQ(nearest_rank(five, 0.3), 20);
  EXPECT_EQ(nearest_rank(five, 0.4), 20) << "2 of 5 do not exceed 20";
  EXPECT_EQ(nearest_rank(five, 0.5), 35);
  EXPECT_EQ(nearest_rank(five, 1), 50);
  EXPECT_EQ(nearest_rank(five, 0), 15) << "at least number 1";
}

TEST(Unit_19_2, NearestRankDoesNotStumbleOverRounding) {
  Doubles values;
  for (int i = 100; i >= 1; --i) values.push_back(i);
  for (int percent = 1; percent <= 100; ++percent) {
    EXPECT_EQ(nearest_rank(values, percent / 100.0), percent) << "of the numbers 1 to 100";
  }
}

TEST(Unit_19_2, NearestRankForgivesNoMoreThanRounding) {
  Doubles values;
  for (int i = 1; i <= 100; ++i) values.push_back(i);
  EXPECT_EQ(nearest_rank(values, 0.5 + 5e-12), 50) << "q·n is 5e-10 above 50";
  EXPECT_EQ(nearest_rank(values, 0.5 + 2e-10), 51) << "2e-8 above";
}

// P(B = k), k = 0..n, by adding one toss after the other.
Doubles plain_binomial(std::int64_t n, double p) {
  Doubles probabilities{1};
  for (std::int64_t toss = 0; toss < n; ++toss) {
    Doubles next(probabilities.size() + 1, 0.0);
    for (std::size_t k = 0; k < probabilities.size(); ++k) {
      next[k] += probabilities[k] * (1 - p);
      next[k + 1] += probabilities[k] * p;
    }
    probabilities = next;
  }
  return probabilities;
}

TEST(Unit_19_2, RanksOfTheMedian) {
  const std::vector<std::array<std::int64_t, 3>> table{
      {6, 1, 6}, {8, 1, 8}, {9, 2, 8}, {10, 2, 9}, {15, 4, 12}, {20, 6, 15}, {30, 10, 21}, {50, 18, 33}, {100, 40, 61}};
  for (const auto& [count, low, high] : table) {
    const bench::Ranks found = interval_ranks(count, 0.5);
    EXPECT_EQ(found.low, low) << count << " values";
    EXPECT_EQ(found.high, high) << count << " values";
  }
}

TEST(Unit_19_2, RanksAreAsCloseAsTheyMayBe) {
  for (const std::int64_t count : {1, 2, 3, 4, 5, 6, 7, 8, 12, 17, 45, 60, 101}) {
    for (const double q : {0.1, 0.3, 0.4, 0.5, 0.75, 0.9}) {
      const Doubles chance = plain_binomial(count, q);
      const auto sum = [&](std::int64_t from, std::int64_t to) {
        double total = 0;
        for (std::int64_t k = from; k <= to; ++k) total += chance[static_cast<std::size_t>(k)];
        return total;
      };
      for (const double level : {0.1, 0.2, 0.5, 0.625, 0.75, 0.875, 0.9, 0.95, 0.96875, 0.984375}) {
        const double tail = (1 - level) / 2 * (1 + 1e-9);
        if (sum(0, 0) > tail || sum(count, count) > tail) {
          EXPECT_THROWS_WITH(interval_ranks(count, q, level), ValueError);
          continue;
        }
        const auto [low, high] = interval_ranks(count, q, level);
        EXPECT_TRUE(sum(0, low - 1) <= tail && sum(0, low) > tail) << "low " << low << " of " << count << ", q " << q;
        EXPECT_TRUE(sum(high, count) <= tail && sum(high - 1, count) > tail)
            << "high " << high << " of " << count << ", q " << q;
      }
    }
  }
}

TEST(Unit_19_2, IntervalsAreValuesAtTheRanks) {
  Doubles values;
  for (int i = 15; i >= 1; --i) values.push_back(10 * i);
  const Interval middle = bench::median_interval(values);
  EXPECT_EQ(middle.low, 40);
  EXPECT_EQ(middle.estimate, 80);
  EXPECT_EQ(middle.high, 120);
  const Interval wide = bench::quantile_interval(values, 0.5, 0.99);
  EXPECT_TRUE(wide.low < middle.low && wide.high > middle.high) << "who wants to be surer must say less";
  const Interval surer = bench::median_interval(values, 0.99);
  EXPECT_EQ(surer.low, wide.low);
  EXPECT_EQ(surer.high, wide.high);
  Doubles many;
  for (int i = 1; i <= 400; ++i) many.push_back(i);
  const auto [low, high] = interval_ranks(400, 0.9);
  const Interval upper = bench::quantile_interval(many, 0.9);
  EXPECT_EQ(upper.low, low);
  EXPECT_NEAR(upper.estimate, 360.1, 1e-9);
  EXPECT_EQ(upper.high, high);
}

TEST(Unit_19_2, AnIntervalHoldsTheTruthAsOftenAsItSays) {
  int held = 0;
  constexpr int series = 2000;
  for (int i = 0; i < series; ++i) held += bench::median_interval(noisy(20, static_cast<std::uint64_t>(i))).holds(1);
  EXPECT_GT(held, 0.95 * series) << "the true median is 1; the level is 0.95, and 0.9586 is what 20 values can do";
  EXPECT_LT(held, 0.97 * series);
}

TEST(Unit_19_2, HowManySamplesAnIntervalTakes) {
  EXPECT_EQ(samples_for_interval(0.5), 6);
  EXPECT_EQ(samples_for_interval(0.9), 36);
  EXPECT_EQ(samples_for_interval(0.99), 368);
  EXPECT_EQ(samples_for_interval(0.999), 3688);
  EXPECT_EQ(samples_for_interval(0.01), 368) << "the fastest are as rare as the slowest";
  EXPECT_EQ(samples_for_interval(0.5, 0.99), 8);
}

TEST(Unit_19_2, JustAsRareIsRareEnough) {  // the level is that of n samples, and in double not quite
  for (const double q : {0.1, 0.25, 0.5, 0.6, 0.9, 0.99}) {
    for (const std::int64_t count : {2, 3, 5, 6, 7, 8, 10, 20, 40, 80}) {
      const double level = 1 - 2 * std::pow(std::max(q, 1 - q), count);
      if (level <= 0 || level > 0.9999) continue;
      EXPECT_EQ(samples_for_interval(q, level), count) << "q " << q << ", level " << level;
      const auto [low, high] = interval_ranks(count, q, level);
      EXPECT_EQ(q < 0.5 ? low : high, q < 0.5 ? 1 : count) << "q " << q << ", level " << level;
      EXPECT_TRUE(1 <= low && low < high && high <= count) << low << " and " << high << " of " << count;
    }
  }
}

TEST(Unit_19_2, TheMedianLiesBetweenAsManyAsTheLevelAllows) {  // levels that are exact in double
  for (std::int64_t count = 2; count <= 20; ++count) {
    const Doubles chance = plain_binomial(count, 0.5);
    double below = 0;
    for (std::int64_t k = 0; 2 * k + 1 < count; ++k) {
      below += chance[static_cast<std::size_t>(k)];
      const auto [low, high] = interval_ranks(count, 0.5, 1 - 2 * below);
      EXPECT_EQ(low, k + 1) << "of " << count << ", level " << 1 - 2 * below;
      EXPECT_EQ(high, count - k) << "of " << count << ", level " << 1 - 2 * below;
    }
  }
}

TEST(Unit_19_2, TooFewSamplesAreRefused) {
  EXPECT_THROWS_WITH(interval_ranks(5, 0.5), ValueError, "5", "6");
  EXPECT_THROWS_WITH(interval_ranks(367, 0.99), ValueError, "367", "368");
  EXPECT_EQ(interval_ranks(368, 0.99).high, 368);
  EXPECT_THROWS_WITH(bench::median_interval({1, 2, 3, 4, 5}), ValueError, "6");
  EXPECT_THROWS_WITH(interval_ranks(7, 0.5, 0.99), ValueError, "7", "8");
  EXPECT_EQ(interval_ranks(4, 0.5, 0.8).high, 4) << "who is content with less needs fewer";
  EXPECT_THROWS_WITH(bench::quantile_interval({1, 2, 3, 4, 5, 6, 7}, 0.5, 0.99), ValueError, "8");
}

TEST(Unit_19_2, HowManySamplesAMarginTakes) {  // the table of MLPerf's inference rules
  EXPECT_EQ(samples_for_margin(0.90, 0.0050), 23886);
  EXPECT_EQ(samples_for_margin(0.95, 0.0025), 50426);
  EXPECT_EQ(samples_for_margin(0.97, 0.0015), 85812);
  EXPECT_EQ(samples_for_margin(0.99, 0.0005), 262742);
  EXPECT_EQ(samples_for_margin(0.5, 0.05, 0.95), 385);
  EXPECT_EQ(samples_for_margin(0.5, 1e-5, 0.95), 9603647052) << "more than an int holds";
}

TEST(Unit_19_2, Errors) {
  EXPECT_THROWS_WITH(quantile({}, 0.5), ValueError, "quantile", "0 samples");
  EXPECT_THROWS_WITH(quantile({1, not_a_number}, 0.5), ValueError, "sample 1");
  EXPECT_THROWS_WITH(quantile({1}, 1.5), ValueError, "q is 1.5");
  EXPECT_THROWS_WITH(nearest_rank({}, 0.5), ValueError, "nearest_rank", "0 samples");
  EXPECT_THROWS_WITH(nearest_rank({1}, -0.1), ValueError, "q is -0.1");
  EXPECT_THROWS_WITH(median({}), ValueError, "0 samples");
  EXPECT_THROWS_WITH(interval_ranks(100, 1), ValueError, "q is 1");
  EXPECT_THROWS_WITH(interval_ranks(100, 0.5, 1), ValueError, "level is 1");
  EXPECT_THROWS_WITH(samples_for_interval(0), ValueError, "q is 0");
  EXPECT_THROWS_WITH(samples_for_margin(0.9, 0), ValueError, "margin is 0");
  EXPECT_THROWS_WITH(samples_for_margin(0.9, 0.1, 2), ValueError, "level is 2");
  for (const double none : {not_a_number, infinity, -infinity, -0.1, 1.1}) {
    EXPECT_THROWS_WITH(quantile(five, none), ValueError, "q");
    EXPECT_THROWS_WITH(nearest_rank(five, none), ValueError, "q");
    EXPECT_THROWS_WITH(bench::quantile_interval(five, none, 0.5), ValueError, "q");
    EXPECT_THROWS_WITH(bench::median_interval(five, none), ValueError, "level");
    EXPECT_THROWS_WITH(interval_ranks(100, none), ValueError, "q");
    EXPECT_THROWS_WITH(interval_ranks(100, 0.5, none), ValueError, "level");
    EXPECT_THROWS_WITH(samples_for_interval(none), ValueError, "q");
    EXPECT_THROWS_WITH(samples_for_interval(0.5, none), ValueError, "level");
    EXPECT_THROWS_WITH(samples_for_margin(none, 0.1), ValueError, "q");
    EXPECT_THROWS_WITH(samples_for_margin(0.5, none), ValueError, "margin");
    EXPECT_THROWS_WITH(samples_for_margin(0.5, 0.1, none), ValueError, "level");
  }
}

}  // namespace
}  // namespace rushlight::test
