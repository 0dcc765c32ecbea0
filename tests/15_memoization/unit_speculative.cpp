// 15.8 and 15.9: proposals change how often the large model runs, and nothing else.
#include <numeric>

#include "helpers.hpp"

namespace rushlight::test {
namespace {

using Doubles = std::vector<double>;

Array matrix(const std::vector<Doubles>& lines) {
  std::vector<Real> values;
  for (const Doubles& line : lines) values.insert(values.end(), line.begin(), line.end());
  return Array({static_cast<std::int64_t>(lines.size()), static_cast<std::int64_t>(lines[0].size())}, values);
}

// Pearson's sum over cells of (seen - expected)²/expected. A cell that cannot happen must not.
double chi_square(const std::vector<std::int64_t>& seen, const Doubles& probabilities) {
  const auto total = static_cast<double>(std::accumulate(seen.begin(), seen.end(), std::int64_t{0}));
  double sum = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const double expected = total * probabilities[i];
    if (expected == 0) {
      EXPECT_EQ(seen[i], 0) << "outcome " << i << " has probability 0";
      continue;
    }
    sum += (static_cast<double>(seen[i]) - expected) * (static_cast<double>(seen[i]) - expected) / expected;
  }
  return sum;
}

// Where a chi-square of n degrees of freedom lies above in one case of 10,000 (Wilson and Hilferty, 1931).
double limit(double n) { return n * std::pow(1 - 2 / (9 * n) + 3.719 * std::sqrt(2 / (9 * n)), 3); }

constexpr int draws = 100'000;

// --- 15.8 --------------------------------------------------------------------------------------------------------

// The next token and how many proposals stood, over many draws, against the law worked out by hand.
TEST(Unit_15_8, OneProposalByTheLaw) {
  const Doubles p{0.5, 0.3, 0.2, 0.0}, q{0.1, 0.6, 0.2, 0.1}, after{0.25, 0.25, 0.0, 0.5};
  std::vector<std::int64_t> seen(4, 0), then(4, 0);
  Generator generator(1);
  const Array draft = matrix({q}), target = matrix({p, after});
  std::int64_t accepted = 0;
  for (int i = 0; i < draws; ++i) {
    const std::int32_t x = sample(Array({4}, std::vector<Real>(q.begin(), q.end())), generator);
    const DraftVerdict verdict = verify_draft({x}, draft, target, generator);
    ASSERT_TRUE(verdict.accepted == 0 || verdict.accepted == 1);
    accepted += verdict.accepted;
    ++seen[static_cast<std::size_t>(verdict.accepted == 1 ? x : verdict.next)];
    if (verdict.accepted == 1) ++then[static_cast<std::size_t>(verdict.next)];
  }
  EXPECT_LT(chi_square(seen, p), limit(2)) << "the first token does not come from the target";
  EXPECT_LT(chi_square(then, after), limit(2)) << "the token after accepted ones comes from the last row";
  // Σ min(p, q) = 0.6; five deviations
  EXPECT_NEAR(static_cast<double>(accepted) / draws, 0.6, 5 * std::sqrt(0.6 * 0.4 / draws));
}

TEST(Unit_15_8, ByHand) {
  Generator g(1);
  // The target agrees: everything stands.
  const DraftVerdict all =
      verify_draft({1, 0}, matrix({{0, 1, 0}, {1, 0, 0}}), matrix({{0, 1, 0}, {1, 0, 0}, {0, 0, 1}}), g);
  EXPECT_EQ(all.accepted, 2);
  EXPECT_EQ(all.next, 2);
  // It never says what was proposed: the first falls, and what comes after it is not looked at.
  const DraftVerdict none =
      verify_draft({1, 0}, matrix({{0, 1, 0}, {1, 0, 0}}), matrix({{0, 0, 1}, {1, 0, 0}, {0, 0, 1}}), g);
  EXPECT_EQ(none.accepted, 0);
  EXPECT_EQ(none.next, 2);
  const DraftVerdict one =
      verify_draft({1, 0}, matrix({{0, 1, 0}, {1, 0, 0}}), matrix({{0, 1, 0}, {0, 1, 0}, {0, 0, 1}}), g);
  EXPECT_EQ(one.accepted, 1);
  EXPECT_EQ(one.next, 1);
  const DraftVerdict alone = verify_draft({}, Array({0, 3}), matrix({{0, 0, 1}}), g);
  EXPECT_EQ(alone.accepted, 0);
  EXPECT_EQ(alone.next, 2);
}

TEST(Unit_15_8, WhatTheTargetLikesBetterAlwaysStands) {
  Generator g(1);
  const Array draft = matrix({{0.2, 0.8}}), target = matrix({{0.7, 0.3}, {1, 0}});
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(verify_draft({0}, draft, target, g).accepted, 1);
    const DraftVerdict verdict = verify_draft({1}, draft, target, g);
    if (verdict.accepted == 1) continue;
    EXPECT_EQ(verdict.next, 0) << "only 0 is missing from what the draft proposes";
  }
}

TEST(Unit_15_8, HoweverLittleIsMissingItComesNext) {
  Generator g(1);
  for (const double missing : {0.1, 1e-2, 1e-3, 1e-4, 1e-5}) {  // p says 0 a little more often, and never 2
    const Array draft = matrix({{0.5 - missing, 0.5, missing}}), target = matrix({{0.5, 0.5, 0}, {0, 1, 0}});
    for (int i = 0; i < 20; ++i) {
      const DraftVerdict verdict = verify_draft({2}, draft, target, g);
      ASSERT_EQ(verdict.accepted, 0);
      ASSERT_EQ(verdict.next, 0) << missing << " is missing there, and nowhere else";
    }
  }
}

TEST(Unit_15_8, RoundingLeavesNoHole) {  // p and q are the same but for one proposal that cannot be: next comes from p
  Generator g(1);
  const Array both = matrix({{0.5, 0.5, 0.0}}), target = matrix({{0.5, 0.5, 0.0}, {1, 0, 0}});
  for (int i = 0; i < 20; ++i) {
    const DraftVerdict verdict = verify_draft({2}, both, target, g);
    EXPECT_EQ(verdict.accepted, 0);
    EXPECT_TRUE(verdict.next == 0 || verdict.next == 1);
  }
}

TEST(Unit_15_8, Errors) {
  Generator g(1);
  const Array row_3 = matrix({{0, 1, 0}});
  EXPECT_EQ(verify_draft({1}, row_3, matrix({{0, 1, 0}, {1, 0, 0}}), g).next, 0);
  EXPECT_THROWS_WITH(verify_draft({1}, row_3, row_3, g), ShapeError, "(1, 3)");
  EXPECT_THROWS_WITH(verify_draft({1}, row_3, matrix({{0, 1}, {1, 0}}), g), ShapeError, "(2, 2)");
  EXPECT_THROWS_WITH(verify_draft({3}, row_3, matrix({{0, 1, 0}, {1, 0, 0}}), g), IndexError, "3");
}

// --- 15.9 --------------------------------------------------------------------------------------------------------

// A toy language: what follows depends on the last token, and a little on how long the text is.
struct Toy {
  std::vector<Doubles> follow;  // (V, V): probabilities
  int calls = 0;

  Doubles after(const Tokens& text) const {
    Doubles p = follow[static_cast<std::size_t>(text.back())];
    if (text.size() % 2 == 0) std::rotate(p.begin(), p.begin() + 1, p.end());
    return p;
  }
  Array logits(const Tokens& tokens, std::int64_t count) {
    ++calls;
    Arrays lines;
    for (std::int64_t i = count - 1; i >= 0; --i) {
      const Doubles p = after({tokens.begin(), tokens.end() - i});
      Array line({1, static_cast<std::int64_t>(p.size())});
      for (std::size_t v = 0; v < p.size(); ++v) line.mutable_data()[v] = static_cast<Real>(std::log(p[v]));
      lines.push_back(line);
    }
    return concat(lines, 0);
  }
  LogitsOfLast function() {
    return [this](const Tokens& tokens, std::int64_t count) { return logits(tokens, count); };
  }
};

const std::vector<Doubles> large{
    {0.1, 0.5, 0.4, 0.0}, {0.3, 0.1, 0.1, 0.5}, {0.25, 0.25, 0.25, 0.25}, {0.7, 0.1, 0.1, 0.1}};
const std::vector<Doubles> small{
    {0.4, 0.2, 0.2, 0.2}, {0.1, 0.4, 0.4, 0.1}, {0.7, 0.0, 0.2, 0.1}, {0.25, 0.25, 0.3, 0.2}};

TEST(Unit_15_9, ThreeTokensByTheLawOfTheLargeModel) {
  for (const auto& [proposals, times] : {std::pair{2, draws}, {1, draws / 5}, {4, draws / 5}}) {
    SCOPED_TRACE(fmt::format("{} proposals", proposals));
    Toy target{large}, draft{small};
    Generator generator(7);
    std::vector<std::int64_t> seen(64, 0);
    for (int i = 0; i < times; ++i) {
      const SpeculativeText text = speculative_generate(target.function(), draft.function(), {0}, generator,
                                                        {.generate = {.tokens = 3}, .proposals = proposals});
      ASSERT_EQ(text.tokens.size(), 4u);
      ++seen[static_cast<std::size_t>(16 * text.tokens[1] + 4 * text.tokens[2] + text.tokens[3])];
    }
    Doubles law;
    double possible = 0;
    for (std::int32_t a = 0; a < 4; ++a) {
      for (std::int32_t b = 0; b < 4; ++b) {
        for (std::int32_t c = 0; c < 4; ++c) {
          law.push_back(target.after({0})[a] * target.after({0, a})[b] * target.after({0, a, b})[c]);
          possible += law.back() > 0;
        }
      }
    }
    EXPECT_LT(chi_square(seen, law), limit(possible - 1));
  }
}

TEST(Unit_15_9, TheSameOptionsForBoth) {  // top_k and temperature shape the target's law, and the draft's proposals
  const SamplingOptions sampling{.temperature = 0.5, .top_k = 2};
  Toy target{large}, draft{small};
  const Array p = sampling_probabilities(target.logits({1}, 1).with_shape({4}), sampling);
  Generator generator(3);
  std::vector<std::int64_t> seen(4, 0);
  for (int i = 0; i < 20'000; ++i) {
    const SpeculativeText text = speculative_generate(target.function(), draft.function(), {1}, generator,
                                                      {.generate = {.tokens = 2, .sampling = sampling}});
    ++seen[static_cast<std::size_t>(text.tokens[1])];
  }
  EXPECT_LT(chi_square(seen, to_doubles(p)), limit(1));
  Toy twin{large};
  const SpeculativeText text = speculative_generate(target.function(), twin.function(), {1}, generator,
                                                    {.generate = {.tokens = 40, .sampling = sampling}});
  EXPECT_EQ(text.accepted, text.proposed) << "a draft that is the target draws from the same law, and is always right";
}

TEST(Unit_15_9, ADraftThatIsTheTargetIsAlwaysRight) {
  Toy target{large}, draft{large};
  Generator generator(1);
  const SpeculativeText text = speculative_generate(target.function(), draft.function(), {0}, generator,
                                                    {.generate = {.tokens = 12}, .proposals = 3});
  EXPECT_EQ(text.tokens.size(), 13u);
  EXPECT_EQ(text.rounds, 3) << "four tokens a round";
  EXPECT_EQ(text.proposed, 9);
  EXPECT_EQ(text.accepted, 9);
  EXPECT_EQ(target.calls, 3);
  EXPECT_EQ(draft.calls, 9);
}

TEST(Unit_15_9, ADraftThatIsAlwaysWrongCostsARoundAToken) {
  Toy target{{{0, 1, 0}, {0, 0, 1}, {1, 0, 0}}}, draft{{{0, 0, 1}, {1, 0, 0}, {0, 1, 0}}};
  Generator generator(1);
  const SpeculativeText text = speculative_generate(target.function(), draft.function(), {0}, generator,
                                                    {.generate = {.tokens = 5}, .proposals = 2});
  EXPECT_EQ(text.rounds, 5);
  EXPECT_EQ(text.accepted, 0);
  EXPECT_EQ(text.proposed, 2 + 2 + 2 + 1 + 0) << "never more than can still be used";
  EXPECT_EQ(text.tokens.size(), 6u);
}

TEST(Unit_15_9, AStopTokenEndsIt) {
  Toy target{large};
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Toy draft{seed % 2 == 0 ? large : small};
    Generator generator(seed);
    const SpeculativeText text = speculative_generate(target.function(), draft.function(), {0}, generator,
                                                      {.generate = {.tokens = 30, .stop = {3}}, .proposals = 5});
    const auto stop = std::find(text.tokens.begin(), text.tokens.end(), 3);
    EXPECT_LE(text.tokens.size(), 31u);
    EXPECT_TRUE(stop == text.tokens.end() ? text.tokens.size() == 31u : stop + 1 == text.tokens.end())
        << "something stands behind the stop token, seed " << seed;
  }
}

TEST(Unit_15_9, Errors) {
  Toy target{large}, draft{small};
  Generator g(1);
  const auto write = [&](const Tokens& prompt, std::int64_t tokens, std::int64_t proposals) {
    return speculative_generate(target.function(), draft.function(), prompt, g,
                                {.generate = {.tokens = tokens}, .proposals = proposals})
        .tokens;
  };
  EXPECT_EQ(write({0, 1}, 1, 1).size(), 3u);
  EXPECT_EQ(write({0, 1}, 0, 1), (Tokens{0, 1}));
  EXPECT_THROWS_WITH(write({}, 1, 1), ValueError, "empty");
  EXPECT_THROWS_WITH(write({0}, -1, 1), ValueError, "-1");
  EXPECT_THROWS_WITH(write({0}, 1, 0), ValueError, "0 proposals");
  Toy other{{{0.5, 0.5}, {0.5, 0.5}}};
  EXPECT_THROWS_WITH(speculative_generate(target.function(), other.function(), {0}, g, {.generate = {.tokens = 3}}),
                     ShapeError, "(2, 2)");
  const int asked = other.calls;
  speculative_generate(target.function(), other.function(), {0}, g, {.generate = {.tokens = 1}});
  EXPECT_EQ(other.calls, asked) << "one token can use no proposal";
}

TEST(Unit_15_9, TwoModelsGreedily) {
  std::int64_t proposed = 0, accepted = 0;
  for (const Kind& kind : kinds(64)) {
    SCOPED_TRACE(kind.name);
    GPT large_gpt = audible(kind.options, 1), small_gpt = audible(kind.options, 2);
    for (auto& [name, parameter] : small_gpt.named_parameters()) {  // near the large one: some proposals stand
      parameter.set_value(large_gpt.state_dict().at(name) + parameter.value() * Real(0.2));
    }
    MemoizedGPT target(large_gpt, {.block = 8}), draft(small_gpt, {.block = 8}), alone(large_gpt);
    Generator g(1);
    const GenerateOptions options{.tokens = 50, .sampling = {.temperature = 0}};
    const SpeculativeText text = speculative_generate(target, draft, {3, 1, 4}, g, {.generate = options});
    EXPECT_EQ(text.tokens, generate(alone, {3, 1, 4}, g, options));
    EXPECT_EQ(text.tokens.size(), static_cast<std::size_t>(3 + text.rounds + text.accepted));
    proposed += text.proposed;
    accepted += text.accepted;
  }
  EXPECT_GT(accepted, 0) << "these models are near each other: if no proposal ever stands, nothing was tested";
  EXPECT_LT(accepted, proposed) << "nor if every one does";
}

TEST(Unit_15_9, TheLargeModelSeesEachTokenAboutOnce) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  std::int64_t tokens = 0;
  const auto handle = gpt.hook_embed.add_hook([&](const Tensor& x, HookPlace&) {
    tokens += x.dim(1);
    return Tensor();
  });
  GPT twin = audible(tiny(Positions::learned, 2));
  MemoizedGPT target(gpt), draft(twin);
  Generator g(1);
  speculative_generate(target, draft, {1, 2, 3}, g, {.generate = {.tokens = 20}, .proposals = 3});
  EXPECT_EQ(tokens, 22) << "the prompt, and each new token but the last";
}

TEST(Unit_15_9, BothContextsMustDo) {
  GPT roomy = audible(tiny(Positions::learned, 2, 40)), tight = audible(tiny(Positions::learned, 2, 8));
  MemoizedGPT a(roomy), b(tight);
  Generator g(1);
  EXPECT_EQ(speculative_generate(a, b, {1, 2}, g, {.generate = {.tokens = 7}}).tokens.size(), 9u);
  EXPECT_THROWS_WITH(speculative_generate(a, b, {1, 2}, g, {.generate = {.tokens = 8}}), ValueError, "context has 8");
  EXPECT_THROWS_WITH(speculative_generate(b, a, {1, 2}, g, {.generate = {.tokens = 8}}), ValueError, "context has 8");
}

}  // namespace
}  // namespace rushlight::test
