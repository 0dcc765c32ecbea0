// Choosing tokens: exact probabilities, and seeded draws counted against them.
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

// --- 13.8 -------------------------------------------------------------------------------------------------------

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
  EXPECT_TRUE(has(sampling_probabilities(logits, {.temperature = 1e-300}), {0, 0, 0, 1}));
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

// --- 13.9 -------------------------------------------------------------------------------------------------------

// After token i always comes i + 1, by far; of 5 tokens.
Array counts_up(const Tokens& tokens) {
  Array logits = zeros({5});
  logits.mutable_data()[(tokens.back() + 1) % 5] = 50;
  return logits;
}

TEST(Unit_13_9, TheLoop) {
  Generator g(1);
  EXPECT_EQ(generate(counts_up, {0, 3}, g, {.tokens = 4}), (Tokens{0, 3, 4, 0, 1, 2}));
  EXPECT_EQ(generate(counts_up, {2}, g, {.tokens = 0}), Tokens{2});
  std::vector<Tokens> seen;
  generate(
      [&](const Tokens& tokens) {
        seen.push_back(tokens);
        return counts_up(tokens);
      },
      {1}, g, {.tokens = 3});
  EXPECT_EQ(seen, (std::vector<Tokens>{{1}, {1, 2}, {1, 2, 3}})) << "every call sees all tokens so far";
}

TEST(Unit_13_9, StopTokens) {
  Generator g(1);
  EXPECT_EQ(generate(counts_up, {0}, g, {.tokens = 10, .stop = {3}}), (Tokens{0, 1, 2, 3}));
  EXPECT_EQ(generate(counts_up, {0}, g, {.tokens = 10, .stop = {4, 2}}), (Tokens{0, 1, 2}));
  EXPECT_EQ(generate(counts_up, {3, 0}, g, {.tokens = 3, .stop = {3}}), (Tokens{3, 0, 1, 2, 3}))
      << "one in the prompt does not stop";
  EXPECT_EQ(generate(counts_up, {0}, g, {.tokens = 2, .stop = {9}}), (Tokens{0, 1, 2}));
}

TEST(Unit_13_9, TemperatureZeroDrawsNothing) {
  Generator g(1);
  const Generator::State before = g.state();
  const auto tie = [](const Tokens&) { return Array({4}, {0, 2, 2, 1}); };
  EXPECT_EQ(generate(tie, {0}, g, {.tokens = 3, .sampling = {.temperature = 0}}), (Tokens{0, 1, 1, 1}));
  EXPECT_EQ(g.state(), before);
}

TEST(Unit_13_9, SeedsRepeat) {
  const auto flat = [](const Tokens&) { return zeros({100}); };
  const auto text = [&](std::uint64_t seed) {
    Generator g(seed);
    return generate(flat, {0}, g, {.tokens = 20});
  };
  EXPECT_EQ(text(5), text(5));
  EXPECT_NE(text(5), text(6));
}

TEST(Unit_13_9, SamplingOptionsArePassedOn) {
  Generator g(2);
  const auto flat = [](const Tokens&) { return Array({4}, {1, 4, 3, 2}); };
  const Tokens two = generate(flat, {0}, g, {.tokens = 200, .sampling = {.temperature = 5, .top_k = 2}});
  EXPECT_EQ(std::count(two.begin() + 1, two.end(), 1) + std::count(two.begin() + 1, two.end(), 2), 200);
  EXPECT_GT(std::count(two.begin(), two.end(), 2), 50);
  const Tokens one = generate(flat, {0}, g, {.tokens = 50, .sampling = {.top_p = 0.1}});
  EXPECT_EQ(std::count(one.begin() + 1, one.end(), 1), 50);
}

TEST(Unit_13_9, ErrorsOfTheLoop) {
  Generator g(1);
  EXPECT_THROWS_WITH(generate(counts_up, {}, g, {.tokens = 1}), ValueError, "prompt");
  EXPECT_THROWS_WITH(generate(counts_up, {1}, g, {.tokens = -1}), ValueError, "-1");
  EXPECT_THROWS_WITH(generate(counts_up, {1}, g, {.tokens = 1, .sampling = {.top_p = 0}}), ValueError, "top_p");
}

GPT small_gpt(double dropout = 0) {
  Generator g(3);
  return loud(GPT({.vocabulary = 6, .context = 4, .width = 8, .layers = 1, .heads = 2, .dropout = dropout}, g));
}

TEST(Unit_13_9, NextLogitsAreTheLastOnes) {
  GPT gpt = small_gpt();
  const Array all = gpt(Indices({1, 3}, {5, 0, 2})).value();
  EXPECT_TRUE(near(next_logits(gpt, {5, 0, 2}).value(), slice(all, 1, {2}).with_shape({6}), layer_tolerance));
  EXPECT_TRUE(near(next_logits(gpt, {1, 1, 3, 5, 0, 2}).value(), next_logits(gpt, {3, 5, 0, 2}).value(), exactly))
      << "only the last `context` tokens are seen";
  EXPECT_FALSE(near(next_logits(gpt, {1, 5, 0, 2}).value(), next_logits(gpt, {3, 5, 0, 2}).value(), {1e-3, 1e-3}))
      << "but all of those";
  EXPECT_TRUE(next_logits(gpt, {1}).requires_grad());
}

TEST(Unit_13_9, TheHeadIsAskedAboutOnePlaceOnly) {
  GPT gpt = small_gpt();
  const ActivationCache cache = run_with_cache(gpt, [&] { return next_logits(gpt, {5, 0, 2}); }).cache;
  EXPECT_EQ(cache.at("unembed.hook_out").size(), 6) << "the scores of one place, of six tokens";
}

TEST(Unit_13_9, GreedyIsTheArgmaxOfTheModel) {
  GPT gpt = small_gpt();
  Generator g(1);
  const Tokens text = generate(gpt, {2}, g, {.tokens = 9, .sampling = {.temperature = 0}});
  ASSERT_EQ(text.size(), 10u);
  for (std::size_t i = 1; i < text.size(); ++i) {
    const std::size_t from = i > 4 ? i - 4 : 0;
    const Tokens seen(text.begin() + static_cast<std::ptrdiff_t>(from), text.begin() + static_cast<std::ptrdiff_t>(i));
    const Array logits = gpt(Indices({1, static_cast<std::int64_t>(seen.size())}, seen)).value();
    const auto last = logits.data().subspan(logits.size() - 6);
    const auto best = static_cast<std::int32_t>(std::max_element(last.begin(), last.end()) - last.begin());
    EXPECT_EQ(text[i], best) << "token " << i;
  }
}

TEST(Unit_13_9, WithoutDropoutAndWithoutGraph) {
  GPT gpt = small_gpt(0.5);
  gpt.blocks[0].attn.eval();
  const auto greedy = [&] {
    Generator g(1);
    return generate(gpt, {2}, g, {.tokens = 8, .sampling = {.temperature = 0}});
  };
  bool graph = false, training = false;
  const auto handle = gpt.unembed.hook_out.add_hook(watch([&](const Tensor& x) {
    graph = graph || x.requires_grad();
    training = training || gpt.blocks[0].training();
  }));
  EXPECT_EQ(greedy(), greedy());
  EXPECT_FALSE(graph);
  EXPECT_FALSE(training);
  EXPECT_TRUE(gpt.training());
  EXPECT_TRUE(gpt.blocks[0].mlp.training());
  EXPECT_FALSE(gpt.blocks[0].attn.training()) << "what was in evaluation stays there";
  EXPECT_TRUE(grad_enabled());
  const auto fail = gpt.unembed.hook_in.add_hook(watch([](const Tensor&) { throw ValueError("on purpose"); }));
  EXPECT_THROWS_WITH(greedy(), ValueError, "on purpose");
  EXPECT_TRUE(gpt.training());
  EXPECT_TRUE(grad_enabled());
}

TEST(Unit_13_9, DrawsFollowTheModel) {
  GPT gpt = small_gpt();
  gpt.eval();
  const Array p = sampling_probabilities(next_logits(gpt, {2}).value(), {.temperature = 3});
  Generator g(5);
  std::vector<int> counts(6);
  for (int i = 0; i < 600; ++i) {
    ++counts.at(generate(gpt, {2}, g, {.tokens = 1, .sampling = {.temperature = 3}}).back());
  }
  for (int i = 0; i < 6; ++i) {
    const double expected = 600.0 * p.data()[i];
    EXPECT_NEAR(counts[i], expected, 5 * std::sqrt(expected) + 1) << i;
  }
}

TEST(Unit_13_9, ErrorsOfTheModel) {
  GPT gpt = small_gpt();
  Generator g(1);
  EXPECT_THROWS_WITH(generate(gpt, {1, 6}, g, {.tokens = 1}), IndexError, "6", "0..5");
  EXPECT_THROWS_WITH(generate(gpt, {-1, 1, 1, 1, 1, 1}, g, {.tokens = 1}), IndexError, "-1", "token 0");
  EXPECT_THROWS_WITH(generate(gpt, {}, g, {.tokens = 1}), ValueError, "prompt");
  EXPECT_TRUE(gpt.training());
}

}  // namespace
}  // namespace rushlight::test
