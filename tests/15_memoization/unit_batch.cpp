// 15.7: a batch of unequal texts is those texts.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_15_7, PadsAtTheLeft) {
  const PaddedBatch batch = pad_left({{5, 6}, {7, 8, 9}, {4}});
  EXPECT_TRUE(same(batch.ids, {3, 3}, {0, 5, 6, 7, 8, 9, 0, 0, 4}));
  EXPECT_EQ(batch.padding, (std::vector<std::int64_t>{1, 0, 2}));
  const PaddedBatch even = pad_left({{5, 6}, {7, 8}});
  EXPECT_TRUE(same(even.ids, {2, 2}, {5, 6, 7, 8}));
  EXPECT_EQ(even.padding, (std::vector<std::int64_t>{0, 0})) << "a number for each row, though nothing was padded";
  EXPECT_THROWS_WITH(pad_left({}), ValueError, "no text");
  EXPECT_THROWS_WITH(pad_left({{1}, {}}), ValueError, "empty");
}

const std::vector<Tokens> prompts{some_text(11, 1), some_text(3, 2), some_text(17, 3), some_text(8, 4)};

TEST(Unit_15_7, GreedyAsEachAlone) {
  for (const Kind& kind : kinds(220)) {
    GPT gpt = audible(kind.options);
    Generator a(1), b(1);
    const GenerateOptions options{.tokens = 200, .sampling = {.temperature = 0}};
    const std::vector<Tokens> texts = generate_batch(gpt, prompts, a, options);
    EXPECT_EQ(a.state(), b.state()) << "at temperature 0 nothing is drawn";
    ASSERT_EQ(texts.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) {
      const Array expected = whole(gpt, texts[i]);
      ASSERT_EQ(texts[i].size(), prompts[i].size() + 200);
      EXPECT_EQ(common_prefix(texts[i], prompts[i]), static_cast<std::int64_t>(prompts[i].size()));
      for (std::size_t t = prompts[i].size(); t < texts[i].size(); ++t) {
        const auto before = static_cast<std::int64_t>(t) - 1;
        ASSERT_EQ(texts[i][t], certain_choice(rows(expected, before, before + 1)))
            << kind.name << ", text " << i << ", place " << t;
      }
    }
  }
}

TEST(Unit_15_7, RowsDrawInTurn) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  const SamplingOptions sampling{.temperature = 1.5};
  Generator a(3), b(3);
  const std::vector<Tokens> texts = generate_batch(gpt, {{1, 2, 3}, {4}}, a, {.tokens = 12, .sampling = sampling});
  std::vector<Tokens> expected{{1, 2, 3}, {4}};
  for (int i = 0; i < 12; ++i) {
    for (Tokens& text : expected) {
      const auto size = static_cast<std::int64_t>(text.size());
      const Array logits = rows(whole(gpt, text), size - 1, size).with_shape({13});
      text.push_back(sample(sampling_probabilities(logits, sampling), b));
    }
  }
  EXPECT_EQ(texts, expected);
  EXPECT_EQ(a.state(), b.state());
}

TEST(Unit_15_7, EachRowEndsByItself) {
  GPT gpt = audible(tiny(Positions::rotary, 2));
  const GenerateOptions endless{.tokens = 20, .sampling = {.temperature = 0}};
  Generator g(1);
  const std::vector<Tokens> full = generate_batch(gpt, prompts, g, endless);
  for (std::size_t i = 0; i < 4; ++i) {
    GenerateOptions options = endless;
    options.stop = {full[i][prompts[i].size() + 4]};
    const std::vector<Tokens> texts = generate_batch(gpt, prompts, g, options);
    for (std::size_t row = 0; row < 4; ++row) {
      const auto begin = full[row].begin() + static_cast<std::ptrdiff_t>(prompts[row].size());
      const auto stop = std::find(begin, full[row].end(), options.stop[0]);
      EXPECT_EQ(texts[row], Tokens(full[row].begin(), stop == full[row].end() ? stop : stop + 1))
          << "text " << row << " where " << options.stop[0] << " ends it";
    }
  }
}

TEST(Unit_15_7, WhoHasEndedDrawsNoMore) {
  GPT gpt = audible(tiny(Positions::learned, 4));
  Tokens every;
  for (std::int32_t id = 0; id < 13; ++id) every.push_back(id);
  Generator a(3), b(3);
  const std::vector<Tokens> texts = generate_batch(gpt, {{1, 2}, {3}}, a, {.tokens = 9, .stop = every});
  EXPECT_EQ(texts[0].size(), 3u);
  EXPECT_EQ(texts[1].size(), 2u);
  b.uniform(), b.uniform();
  EXPECT_EQ(a.state(), b.state());
}

TEST(Unit_15_7, TheOthersDrawAsIfTheRowWereGone) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  const GenerateOptions options{.tokens = 12, .sampling = {.temperature = 1.5}, .stop = {2, 5, 8}};
  Generator a(3), b(3);
  const std::vector<Tokens> beginnings{{1, 2, 3}, {4}, {6, 6}};
  const std::vector<Tokens> texts = generate_batch(gpt, beginnings, a, options);
  std::vector<Tokens> expected = beginnings;
  std::vector<bool> ended(3, false);
  for (int i = 0; i < 12; ++i) {
    for (std::size_t at = 0; at < 3; ++at) {
      Tokens& text = expected[at];
      if (ended[at]) continue;
      const auto size = static_cast<std::int64_t>(text.size());
      const Array logits = rows(whole(gpt, text), size - 1, size).with_shape({13});
      text.push_back(sample(sampling_probabilities(logits, options.sampling), b));
      ended[at] = std::count(options.stop.begin(), options.stop.end(), text.back()) > 0;
    }
  }
  EXPECT_EQ(texts, expected);
  EXPECT_EQ(a.state(), b.state());
}

TEST(Unit_15_7, BatchAndPaddingAreItsOwnBusiness) {  // options of another batch, of the same size and of another
  GPT gpt = audible(tiny(Positions::learned, 2));
  const auto texts = [&](const KVCacheOptions& cache_options) {
    Generator g(5);
    return generate_batch(gpt, prompts, g, {.tokens = 20, .sampling = {.temperature = 2}}, cache_options);
  };
  const std::vector<Tokens> expected = texts({});
  EXPECT_EQ(texts({.batch = 4, .padding = {16, 16, 16, 16}}), expected);
  EXPECT_EQ(texts({.batch = 4, .padding = {0, 0, 0, 0}}), expected);
  EXPECT_EQ(texts({.batch = 7}), expected);
}

TEST(Unit_15_7, OnePassARound) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  std::vector<std::int64_t> passes, heads;  // tokens that went in, and rows that came out
  const auto handle = gpt.hook_embed.add_hook([&](const Tensor& x, HookPlace&) {
    passes.push_back(x.size() / 16);
    return Tensor();
  });
  const auto head = gpt.unembed.hook_out.add_hook([&](const Tensor& x, HookPlace&) {
    heads.push_back(x.size() / 13);
    return Tensor();
  });
  Generator g(1);
  generate_batch(gpt, {{1, 2, 3}, {4}}, g, {.tokens = 3});
  EXPECT_EQ(passes, (std::vector<std::int64_t>{6, 2, 2}));
  EXPECT_EQ(heads, (std::vector<std::int64_t>{2, 2, 2})) << "the head is asked about one column";
}

TEST(Unit_15_7, WithAWindow) {
  GPT gpt = audible(tiny(Positions::rotary, 2));
  Generator g(1);
  const std::vector<Tokens> texts =
      generate_batch(gpt, prompts, g, {.tokens = 20, .sampling = {.temperature = 0}}, {.block = 3, .window = 6});
  for (std::size_t i = 0; i < 4; ++i) {
    const Array expected = whole_with_window(gpt, texts[i], 6);
    for (std::size_t t = prompts[i].size(); t < texts[i].size(); ++t) {
      const auto before = static_cast<std::int64_t>(t) - 1;
      ASSERT_EQ(texts[i][t], certain_choice(rows(expected, before, before + 1))) << "text " << i << ", place " << t;
    }
  }
}

TEST(Unit_15_7, Errors) {
  GPT gpt = audible(tiny(Positions::learned, 2, 8));
  Generator g(1);
  const WatchedOps watched;
  EXPECT_THROWS_WITH(generate_batch(gpt, {{1}, {1, 2, 3}}, g, {.tokens = 7}), ValueError, "context has 8");
  EXPECT_TRUE(watched.calls.empty()) << "the longest prompt does not fit: that is known before anything runs";
  EXPECT_THROWS_WITH(generate_batch(gpt, {{1}}, g, {.tokens = -1}), ValueError, "-1");
  EXPECT_EQ(generate_batch(gpt, {{1}, {1, 2, 3}}, g, {.tokens = 0}), (std::vector<Tokens>{{1}, {1, 2, 3}}));
  EXPECT_EQ(generate_batch(gpt, {{1}, {1, 2, 3}}, g, {.tokens = 6})[1].size(), 9u);
}

}  // namespace
}  // namespace rushlight::test
