// 15.6: a text with memory gives what the model gives, computes what is new, and is never stale.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_15_6, CommonPrefix) {
  EXPECT_EQ(common_prefix({1, 2, 3}, {1, 2, 4}), 2);
  EXPECT_EQ(common_prefix({1, 2}, {1, 2, 4}), 2);
  EXPECT_EQ(common_prefix({1, 2, 4}, {1, 2}), 2);
  EXPECT_EQ(common_prefix({}, {1}), 0);
  EXPECT_EQ(common_prefix({1}, {}), 0);
  EXPECT_EQ(common_prefix({1, 5, 3}, {2, 5, 3}), 0);
}

// A model that counts the tokens that went through it.
struct CountingGPT {
  GPT gpt;
  std::int64_t tokens = 0;
  HookPointHandle handle;

  explicit CountingGPT(const GPTOptions& options)
      : gpt(audible(options)), handle(gpt.hook_embed.add_hook([this](const Tensor& x, HookPlace&) {
          tokens += x.dim(0) * x.dim(1);
          return Tensor();
        })) {}

  std::int64_t during(const std::function<void()>& work) {
    tokens = 0;
    work();
    return tokens;
  }
};

TEST(Unit_15_6, OnlyWhatIsNewRuns) {
  CountingGPT counting(tiny(Positions::learned, 2));
  MemoizedGPT memory(counting.gpt, {.block = 4});
  const Tokens text = some_text(12, 1);
  const auto ask = [&](std::int64_t length, std::int64_t count = 1) {
    const Tokens part(text.begin(), text.begin() + length);
    Array logits;
    const std::int64_t ran = counting.during([&] { logits = memory.logits(part, count); });
    EXPECT_LE(difference(logits, rows(whole(counting.gpt, part), length - count, length)), logits_tolerance)
        << "the last " << count << " of " << length;
    EXPECT_EQ(memory.remembered(), part);
    EXPECT_EQ(memory.cache().length(), length);
    return ran;
  };
  EXPECT_EQ(ask(5), 5);
  EXPECT_EQ(ask(6), 1);
  EXPECT_EQ(ask(9), 3);
  EXPECT_EQ(ask(9), 1) << "logits are not stored: the last token runs again";
  EXPECT_EQ(ask(9, 4), 4);
  EXPECT_EQ(ask(12, 2), 3);
  EXPECT_EQ(ask(7), 1);
  EXPECT_EQ(ask(7, 7), 7);
}

TEST(Unit_15_6, AnotherPromptIsAnotherText) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    CountingGPT counting(kind.options);
    MemoizedGPT memory(counting.gpt);
    memory.logits({1, 2, 3, 4, 5});
    for (const Tokens& text : {Tokens{9, 2, 3, 4, 5, 6}, Tokens{9, 2, 3, 8}, Tokens{4}, Tokens{4, 4, 4}}) {
      EXPECT_LE(difference(memory.logits(text), rows(whole(counting.gpt, text), text.size() - 1, text.size())),
                logits_tolerance);
    }
    EXPECT_EQ(counting.during([&] { memory.logits({4, 4, 1, 1}); }), 2);
    memory.clear();
    EXPECT_EQ(memory.cache().length(), 0);
    EXPECT_EQ(counting.during([&] { memory.logits({4, 4, 1, 1}); }), 4);
  }
}

TEST(Unit_15_6, ACopyGoesItsOwnWay) {
  GPT gpt = audible(tiny(Positions::rotary, 2));
  MemoizedGPT one(gpt, {.block = 4});
  one.logits(some_text(9, 2));
  MemoizedGPT other = one;
  Tokens mine = some_text(9, 2), theirs = mine;
  for (std::int32_t i = 0; i < 6; ++i) {
    mine.push_back(i);
    theirs.push_back(12 - i);
    const auto size = static_cast<std::int64_t>(mine.size());
    EXPECT_LE(difference(one.logits(mine), rows(whole(gpt, mine), size - 1, size)), logits_tolerance);
    EXPECT_LE(difference(other.logits(theirs), rows(whole(gpt, theirs), size - 1, size)), logits_tolerance);
  }
}

TEST(Unit_15_6, BehindAWindowItBeginsAnew) {
  GPT gpt = audible(tiny(Positions::rotary, 2));
  MemoizedGPT memory(gpt, {.block = 2, .window = 5});
  const Tokens text = some_text(20, 3);
  for (const std::int64_t length : {12, 20, 19, 17, 14, 3, 20, 1}) {  // 17: its columns are held, its window is not
    const Tokens part(text.begin(), text.begin() + length);
    EXPECT_LE(difference(memory.logits(part), rows(whole_with_window(gpt, part, 5), length - 1, length)),
              logits_tolerance)
        << "length " << length;
  }
}

TEST(Unit_15_6, AHookThatThrewLeavesNoLie) {
  GPT gpt = audible(tiny(Positions::learned, 4));
  MemoizedGPT memory(gpt);
  memory.logits({1, 2, 3});
  for (const char* at : {"blocks.1.hook_resid_mid", "unembed.hook_in"}) {
    const auto fail = [](const Tensor&, HookPlace&) -> Tensor { throw ValueError("no more", {}); };
    {
      const HookScope scope(gpt, {{.at = at, .forward = fail}});
      EXPECT_THROWS_WITH(memory.logits({1, 2, 7, 7, 7}), ValueError, "no more");
    }
    EXPECT_LE(difference(memory.logits({1, 2, 7, 8}), rows(whole(gpt, {1, 2, 7, 8}), 3, 4)), logits_tolerance) << at;
  }
}

TEST(Unit_15_6, WhatIsRememberedAfterAnErrorIsHeld) {
  GPT gpt = audible(tiny(Positions::learned, 4));
  const Tokens asked{1, 2, 7, 7, 7};
  for (const char* at : {"hook_embed", "blocks.1.hook_resid_mid", "unembed.hook_in"}) {
    MemoizedGPT memory(gpt);
    memory.logits({1, 2, 3});
    const auto fail = [](const Tensor&, HookPlace&) -> Tensor { throw ValueError("no more", {}); };
    const HookScope scope(gpt, {{.at = at, .forward = fail}});
    EXPECT_THROWS_WITH(memory.logits(asked), ValueError, "no more");
    const auto size = static_cast<std::int64_t>(memory.remembered().size());
    EXPECT_EQ(common_prefix(memory.remembered(), asked), size) << at;
    EXPECT_LE(size, memory.cache().length()) << at;
  }
}

TEST(Unit_15_6, TheHeadSeesWhatWasAskedFor) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  std::vector<std::int64_t> heads;  // rows that came out
  const auto handle = gpt.unembed.hook_out.add_hook([&](const Tensor& x, HookPlace&) {
    heads.push_back(x.size() / 13);
    return Tensor();
  });
  MemoizedGPT memory(gpt);
  memory.logits(some_text(12, 1));
  memory.logits(some_text(12, 2), 3);
  EXPECT_EQ(heads, (std::vector<std::int64_t>{1, 3}));
}

TEST(Unit_15_6, TheTextBeforeAnErrorIsNoLongerRemembered) {
  GPT gpt = audible(tiny(Positions::learned, 4));
  MemoizedGPT memory(gpt);
  memory.logits({1, 2, 3});
  {
    const auto fail = [](const Tensor&, HookPlace&) -> Tensor { throw ValueError("no more", {}); };
    const HookScope scope(gpt, {{.at = "unembed.hook_in", .forward = fail}});
    EXPECT_THROWS_WITH(memory.logits({1, 2, 7, 7, 7}), ValueError, "no more");
  }
  EXPECT_LE(difference(memory.logits({1, 2, 3, 8}), rows(whole(gpt, {1, 2, 3, 8}), 3, 4)), logits_tolerance);
}

// --- generate ----------------------------------------------------------------------------------------------------

TEST(Unit_15_6, GreedyAsWithoutMemory) {
  for (const Kind& kind : kinds(80)) {
    SCOPED_TRACE(kind.name);
    GPT gpt = audible(kind.options);
    MemoizedGPT memory(gpt);
    Generator a(1), b(1);
    const GenerateOptions options{.tokens = 70, .sampling = {.temperature = 0}};
    EXPECT_EQ(generate(memory, {3, 1, 4}, a, options), generate(gpt, {3, 1, 4}, b, options));
    EXPECT_EQ(a.state(), b.state());
  }
}

TEST(Unit_15_6, SampledAsWithoutMemory) {
  GPT gpt = audible(tiny(Positions::rotary, 2));
  for (const SamplingOptions& sampling : {SamplingOptions{}, SamplingOptions{.temperature = 2, .top_k = 5}}) {
    MemoizedGPT memory(gpt, {.block = 8});
    Generator a(4), b(4);
    const GenerateOptions options{.tokens = 30, .sampling = sampling};
    for (const Tokens& prompt : {Tokens{1, 2}, Tokens{1, 2}, Tokens{5, 2, 2}}) {  // one memory for all
      EXPECT_EQ(generate(memory, prompt, a, options), generate(gpt, prompt, b, options));
    }
    EXPECT_EQ(a.state(), b.state());
  }
}

TEST(Unit_15_6, EveryTokenRunsOnce) {
  CountingGPT counting(tiny(Positions::learned, 2));
  MemoizedGPT memory(counting.gpt);
  Generator g(1);
  EXPECT_EQ(counting.during([&] {
    generate(memory, {1, 2, 3}, g, {.tokens = 20});
  }),
            22)
      << "3 of the prompt and 19 new ones; nobody asks what comes after the last";
}

TEST(Unit_15_6, ItEndsAsItShould) {
  GPT gpt = audible(tiny(Positions::learned, 2, 8));
  MemoizedGPT memory(gpt);
  Generator g(1);
  const Tokens greedy = generate(memory, {1, 2}, g, {.tokens = 7, .sampling = {.temperature = 0}});
  EXPECT_EQ(greedy.size(), 9u) << "the last token needs no place in the context";
  const Tokens stopped =
      generate(memory, {1, 2}, g, {.tokens = 7, .sampling = {.temperature = 0}, .stop = {greedy[2]}});
  EXPECT_EQ(stopped, Tokens(greedy.begin(), greedy.begin() + 3));
  EXPECT_EQ(generate(memory, {1, 2}, g, {.tokens = 0}), (Tokens{1, 2}));
  EXPECT_THROWS_WITH(generate(memory, {1, 2}, g, {.tokens = 8}), ValueError, "context has 8");
  EXPECT_THROWS_WITH(generate(memory, {}, g, {.tokens = 1}), ValueError, "empty");
  EXPECT_THROWS_WITH(generate(memory, {1}, g, {.tokens = -1}), ValueError, "-1");
  EXPECT_THROWS_WITH(memory.logits({1, 2}, 3), ValueError, "3");
  EXPECT_THROWS_WITH(memory.logits({1, 2}, 0), ValueError, "0");
  EXPECT_THROWS_WITH(MemoizedGPT(gpt, {.batch = 2}), ValueError, "batch of 2");
  EXPECT_THROW(MemoizedGPT(gpt, {.padding = {1}}), ValueError);
}

TEST(Unit_15_6, WithAWindowItNeedNotEnd) {
  GPT gpt = audible(tiny(Positions::rotary, 2, 8));
  MemoizedGPT memory(gpt, {.block = 4, .window = 8});
  Generator g(1);
  EXPECT_EQ(generate(memory, {1, 2}, g, {.tokens = 100}).size(), 102u);
  EXPECT_LE(memory.cache().bytes(), 2 * 2 * 2 * 4 * 12 * static_cast<std::int64_t>(sizeof(Real)));
}

TEST(Unit_15_6, NoGraphIsLeft) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  MemoizedGPT memory(gpt);
  ASSERT_TRUE(grad_enabled());
  memory.logits({1, 2, 3});
  EXPECT_TRUE(grad_enabled());
  EXPECT_FALSE(gpt.embed.weight.grad().defined());
}

}  // namespace
}  // namespace rushlight::test
