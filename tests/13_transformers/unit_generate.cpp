// Writing on: the loop, and what it asks a model for.
#include "13_transformers/sampling.hpp"
#include "plain.hpp"

namespace rushlight::test {
namespace {

using Tokens = std::vector<std::int32_t>;

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
  EXPECT_EQ(generate(counts_up, {0, 3}, g, {.tokens = 9, .stop = {3}}), (Tokens{0, 3, 4, 0, 1, 2, 3}))
      << "not even at its end";
  EXPECT_EQ(generate(counts_up, {0}, g, {.tokens = std::int64_t{1} << 32, .stop = {3}}), (Tokens{0, 1, 2, 3}));
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
  Generator g(5), counted(5);
  generate(flat, {0}, g, {.tokens = 20});
  for (int i = 0; i < 20; ++i) counted.uniform();
  EXPECT_EQ(g.state(), counted.state()) << "one draw a token";
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
  for (const double temperature : {0.0, 1.0}) {
    const auto with = [&](Real logit, SamplingOptions sampling = {}) {
      sampling.temperature = temperature;
      return generate(
          [&](const Tokens&) {
            return Array({2}, {logit, logit});
          },
          {1}, g, {.tokens = 1, .sampling = sampling});
    };
    EXPECT_THROWS_WITH(with(0, {.top_p = 0}), ValueError, "top_p");
    EXPECT_THROWS_WITH(with(0, {.top_k = -1}), ValueError, "top_k");
    EXPECT_THROWS_WITH(with(static_cast<Real>(not_a_number)), ValueError, "token 0");
    EXPECT_THROWS_WITH(with(static_cast<Real>(-infinity)), ValueError, "-inf");
  }
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
