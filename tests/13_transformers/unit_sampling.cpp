// Choosing tokens: exact probabilities, and seeded draws counted against them.
#include <bit>
#include <numeric>

#include "13_transformers/sampling.hpp"
#include "plain.hpp"

namespace rushlight::test {
namespace {

using Tokens = std::vector<std::int32_t>;

Array logs(const std::vector<double>& probabilities) {
  Array logits({static_cast<std::int64_t>(probabilities.size())});
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    logits.mutable_data()[i] = static_cast<Real>(std::log(probabilities[i]));
  }
  return logits;
}

const Array minus_infinity = Array::scalar(static_cast<Real>(-infinity));

testing::AssertionResult has(const Array& p, const std::vector<double>& expected) {
  return near(p, {static_cast<std::int64_t>(expected.size())}, expected,
              double_precision ? Tolerance{1e-12, 1e-14} : Tolerance{2e-6, 1e-7});
}

TEST(Unit_13_8, PlainSoftmax) {
  EXPECT_TRUE(has(sampling_probabilities(logs({0.5, 0.2, 0.3})), {0.5, 0.2, 0.3}));
  EXPECT_TRUE(has(sampling_probabilities(Array({2}, {1000, 1000})), {0.5, 0.5})) << "no exp overflows";
  EXPECT_TRUE(has(sampling_probabilities(Array({1}, {-7})), {1}));
}

TEST(Unit_13_8, Temperature) {
  const Array logits = logs({0.1, 0.2, 0.3, 0.4});
  for (const double temperature : {0.25, 0.5, 2.0, 10.0}) {
    std::vector<double> expected;
    for (const double p : {0.1, 0.2, 0.3, 0.4}) expected.push_back(std::pow(p, 1 / temperature));
    const double total = std::accumulate(expected.begin(), expected.end(), 0.0);
    for (double& p : expected) p /= total;
    EXPECT_TRUE(near(sampling_probabilities(logits, {.temperature = temperature}), {4}, expected,
                     double_precision ? Tolerance{1e-12, 0} : Tolerance{1e-5, 1e-7}))
        << temperature;
  }
  for (const double tiny : {1e-300, 1e-310, std::numeric_limits<double>::denorm_min()}) {
    EXPECT_TRUE(has(sampling_probabilities(logits, {.temperature = tiny}), {0, 0, 0, 1})) << tiny;
    EXPECT_TRUE(has(sampling_probabilities(Array({3}, {7, -7, 7}), {.temperature = tiny}), {0.5, 0, 0.5})) << tiny;
  }
}

TEST(Unit_13_8, TemperatureZeroIsTheFirstOfTheLargest) {
  EXPECT_TRUE(has(sampling_probabilities(Array({4}, {1, 3, 3, 2}), {.temperature = 0}), {0, 1, 0, 0}));
  EXPECT_TRUE(has(sampling_probabilities(Array({4}, {1, 3, 3, 2}), {.temperature = 0, .top_k = 3, .top_p = 0.5}),
                  {0, 1, 0, 0}));
}

TEST(Unit_13_8, TopK) {
  const Array logits = logs({0.1, 0.4, 0.2, 0.3});
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_k = 1}), {0, 1, 0, 0}));
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_k = 2}), {0, 0.4 / 0.7, 0, 0.3 / 0.7}));
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_k = 3}), {0, 0.4 / 0.9, 0.2 / 0.9, 0.3 / 0.9}));
  for (const std::int64_t all : {0, 4, 5, 1000}) {
    EXPECT_TRUE(has(sampling_probabilities(logits, {.top_k = all}), {0.1, 0.4, 0.2, 0.3})) << all;
  }
}

TEST(Unit_13_8, TopKKeepsExactlyKOfEquals) {
  EXPECT_TRUE(has(sampling_probabilities(zeros({5}), {.top_k = 2}), {0.5, 0.5, 0, 0, 0}));
  EXPECT_TRUE(has(sampling_probabilities(Array({4}, {0, 1, 0, 0}), {.temperature = 1, .top_k = 3}),
                  {1 / (2 + std::exp(1.0)), std::exp(1.0) / (2 + std::exp(1.0)), 1 / (2 + std::exp(1.0)), 0}));
  std::vector<double> first_seven(50);
  std::fill_n(first_seven.begin(), 7, 1 / 7.0);
  EXPECT_TRUE(has(sampling_probabilities(zeros({50}), {.top_k = 7}), first_seven));
  EXPECT_TRUE(has(sampling_probabilities(zeros({50}), {.top_p = 0.139}), first_seven)) << "and of those top_p keeps";
}

TEST(Unit_13_8, TopP) {
  const Array logits = logs({0.1, 0.4, 0.2, 0.3});
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_p = 0.01}), {0, 1, 0, 0})) << "at least one";
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_p = 0.39}), {0, 1, 0, 0}));
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_p = 0.41}), {0, 0.4 / 0.7, 0, 0.3 / 0.7}));
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_p = 0.69}), {0, 0.4 / 0.7, 0, 0.3 / 0.7}));
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_p = 0.71}), {0, 0.4 / 0.9, 0.2 / 0.9, 0.3 / 0.9}));
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_p = 0.95}), {0.1, 0.4, 0.2, 0.3}));
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_p = 1}), {0.1, 0.4, 0.2, 0.3}));
  EXPECT_TRUE(has(sampling_probabilities(zeros({4}), {.top_p = 0.5}), {0.5, 0.5, 0, 0})) << "reaching p is enough";
}

TEST(Unit_13_8, MoreThanAllIsAll) {
  const std::vector<double> all{0.1, 0.4, 0.2, 0.3};
  constexpr std::int64_t beyond_32_bits = std::int64_t{1} << 32, most = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t k : {std::int64_t{4}, std::int64_t{5}, beyond_32_bits, beyond_32_bits + 1, most}) {
    EXPECT_TRUE(has(sampling_probabilities(logs(all), {.top_k = k}), all)) << k;
    EXPECT_TRUE(has(sampling_probabilities(logs(all), {.top_k = k, .top_p = 0.3}), {0, 1, 0, 0})) << k;
  }
}

TEST(Unit_13_8, TemperatureThenTopKThenTopP) {
  const Array logits = logs({0.1, 0.4, 0.2, 0.3});
  // Of the two largest, 0.4/0.7 = 0.571 and 0.429: 0.56 is reached by the first alone, and 0.58 is not.
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_k = 2, .top_p = 0.56}), {0, 1, 0, 0}));
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_k = 2, .top_p = 0.58}), {0, 0.4 / 0.7, 0, 0.3 / 0.7}));
  // At temperature 1/2 the squares count: 16, 9, 4, 1 of 30.
  EXPECT_TRUE(has(sampling_probabilities(logits, {.temperature = 0.5, .top_p = 0.53}), {0, 1, 0, 0}));
  EXPECT_TRUE(has(sampling_probabilities(logits, {.temperature = 0.5, .top_p = 0.55}), {0, 16 / 25.0, 0, 9 / 25.0}));
}

TEST(Unit_13_8, MinusInfinityIsNeverChosen) {
  const Array logits({3}, {0, 0, static_cast<Real>(-infinity)});
  EXPECT_TRUE(has(sampling_probabilities(logits), {0.5, 0.5, 0}));
  EXPECT_TRUE(has(sampling_probabilities(logits, {.temperature = 100}), {0.5, 0.5, 0}));
  EXPECT_TRUE(has(sampling_probabilities(logits, {.top_k = 3, .top_p = 0.999}), {0.5, 0.5, 0}));
}

TEST(Unit_13_8, PropertiesOverRandomLogits) {
  Generator g(1);
  for (int round = 0; round < 200; ++round) {
    const std::int64_t size = 1 + g.below(40);
    const Array logits = rushlight::randn({size}, g, 0, 3), before = logits.clone();
    const SamplingOptions options{
        .temperature = 0.2 + g.uniform() * 2, .top_k = g.below(size + 2), .top_p = 0.05 + 0.95 * g.uniform()};
    const Array p = sampling_probabilities(logits, options);
    ASSERT_TRUE(same_bits(logits, before));
    double total = 0, smallest_kept = infinity, largest_left_out = -infinity;
    std::int64_t kept = 0;
    for (std::int64_t i = 0; i < size; ++i) {
      const double value = p.data()[i], logit = logits.data()[i];
      ASSERT_GE(value, 0);
      total += value;
      kept += value > 0;
      if (value > 0) smallest_kept = std::min(smallest_kept, logit);
      if (value == 0) largest_left_out = std::max(largest_left_out, logit);
    }
    EXPECT_NEAR(total, 1, 1e-5);
    EXPECT_GE(kept, 1);
    if (options.top_k > 0) EXPECT_LE(kept, options.top_k);
    EXPECT_GE(smallest_kept, largest_left_out);
  }
}

TEST(Unit_13_8, ErrorsOfProbabilities) {
  const Array logits = zeros({3});
  const double nan = not_a_number;
  EXPECT_THROWS_WITH(sampling_probabilities(zeros({1, 3})), ShapeError, "(1, 3)");
  EXPECT_THROWS_WITH(sampling_probabilities(zeros({0})), ShapeError, "(0,)");
  EXPECT_THROWS_WITH(sampling_probabilities(logits, {.temperature = -1}), ValueError, "temperature", "-1");
  EXPECT_THROWS_WITH(sampling_probabilities(logits, {.temperature = infinity}), ValueError, "temperature");
  EXPECT_THROWS_WITH(sampling_probabilities(logits, {.temperature = nan}), ValueError, "temperature");
  EXPECT_THROWS_WITH(sampling_probabilities(logits, {.top_k = -1}), ValueError, "top_k", "-1");
  for (const double p : {0.0, -0.5, 1.5, nan}) {
    EXPECT_THROWS_WITH(sampling_probabilities(logits, {.top_p = p}), ValueError, "top_p");
  }
  EXPECT_THROWS_WITH(sampling_probabilities(Array({2}, {1, static_cast<Real>(nan)})), ValueError, "token 1");
  EXPECT_THROWS_WITH(sampling_probabilities(Array({2}, {static_cast<Real>(infinity), 1})), ValueError, "token 0");
  EXPECT_THROWS_WITH(sampling_probabilities(broadcast_to(minus_infinity, {2})), ValueError, "-inf");
}

// 40000 seeded draws: every count within 5 of its deviations, and Pearson's χ² below what one in a million exceeds.
void expect_distribution(const std::vector<double>& p) {
  constexpr int draws = 40000;
  Generator g(7);
  Array probabilities({static_cast<std::int64_t>(p.size())}, std::vector<Real>(p.begin(), p.end()));
  std::vector<int> counts(p.size());
  for (int i = 0; i < draws; ++i) ++counts.at(static_cast<std::size_t>(sample(probabilities, g)));
  double chi_squared = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] == 0) {
      EXPECT_EQ(counts[i], 0) << "token " << i << " has probability 0";
      continue;
    }
    const double expected = draws * p[i];
    EXPECT_NEAR(counts[i], expected, 5 * std::sqrt(expected)) << "token " << i;
    chi_squared += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  EXPECT_LT(chi_squared, 35.0);  // with at most 4 degrees of freedom
}

TEST(Unit_13_8, DrawsFollowTheProbabilities) {
  expect_distribution({0.5, 0.25, 0.125, 0.0625, 0.0625});
  expect_distribution({0, 0.9, 0, 0.1, 0});
  expect_distribution({0.2, 0.2, 0.2, 0.2, 0.2});
  expect_distribution({0, 0, 1});
  expect_distribution({0.001, 0.999});
}

TEST(Unit_13_8, OneDrawPerTokenAndSeeded) {
  Generator a(3), b(3), counted(3);
  const Array p({3}, {Real(0.25), Real(0.25), Real(0.5)});
  for (int i = 0; i < 50; ++i) {
    const double u = counted.uniform();
    const std::int32_t expected = u < 0.25 ? 0 : u < 0.5 ? 1 : 2;
    EXPECT_EQ(sample(p, a), expected);
    EXPECT_EQ(sample(p, b), expected);
  }
  EXPECT_EQ(a.state(), counted.state());
}

// A generator that draws `u` next: xoshiro256** gives rotl(5·s₁, 7)·9, and both factors have an inverse mod 2⁶⁴.
Generator that_draws(double u) {
  const std::uint64_t bits = static_cast<std::uint64_t>(u * 0x1p53) << 11;
  Generator g;
  g.set_state({1, std::rotr(bits * 0x8E38E38E38E38E39, 7) * 0xCCCCCCCCCCCCCCCD, 0, 0});
  return g;
}

TEST(Unit_13_8, TheRunningSumMustExceedWhatWasDrawn) {
  ASSERT_EQ(that_draws(0.5).uniform(), 0.5);
  const auto drawn = [](const Array& p, double u) {
    Generator g = that_draws(u);
    return sample(p, g);
  };
  const Array quarters({4}, {Real(0.25), Real(0.25), Real(0.25), Real(0.25)});
  for (const int below : {0, 1, 2, 3}) {
    EXPECT_EQ(drawn(quarters, 0.25 * below), below) << "a border belongs to the id above it";
    EXPECT_EQ(drawn(quarters, 0.25 * below + 0.2), below);
  }
  EXPECT_EQ(drawn(Array({3}, {0, 1, 0}), 0), 1) << "what has probability 0 is not drawn, not even by 0";
}

TEST(Unit_13_8, WhatIsDrawnIsAPartOfTheSumThatIsThere) {
  for (const double sum : {0.9992, 1.0, 1.0008}) {
    const Array p({3}, {static_cast<Real>(sum / 2), 0, static_cast<Real>(sum / 2)});
    for (const auto& [u, expected] : {std::pair{0.4999, 0}, std::pair{0.5001, 2}}) {
      Generator g = that_draws(u);
      EXPECT_EQ(sample(p, g), expected) << u << " of " << sum;
    }
  }
}

TEST(Unit_13_8, RoundedSumsAreForgiven) {
  Generator g(4);
  const Array p({3}, {Real(0.3333), Real(0.6662), 0});
  for (int i = 0; i < 5000; ++i) EXPECT_LT(sample(p, g), 2);
}

TEST(Unit_13_8, ErrorsOfSample) {
  Generator g(1);
  EXPECT_THROWS_WITH(sample(ones({1, 1}), g), ShapeError, "(1, 1)");
  EXPECT_THROWS_WITH(sample(zeros({0}), g), ShapeError, "(0,)");
  EXPECT_THROWS_WITH(sample(Array({2}, {Real(1.5), Real(-0.5)}), g), ValueError, "probabilities");
  EXPECT_THROWS_WITH(sample(Array({2}, {1, 1}), g), ValueError, "2");
  EXPECT_THROWS_WITH(sample(Array({2}, {1, static_cast<Real>(not_a_number)}), g), ValueError, "probabilities");
  EXPECT_THROWS_WITH(sample(zeros({2}), g), ValueError, "0");
}

}  // namespace
}  // namespace rushlight::test
