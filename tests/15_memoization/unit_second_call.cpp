// 15.6, 15.7 and 15.9: what one call leaves for the next, and that nobody records a graph.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

// While it lives: the tokens that went through a model, and whether some hook point saw a value with a history.
class Seen {
 public:
  explicit Seen(GPT& gpt)
      : first_(gpt.hook_embed.add_hook([this](const Tensor& x, HookPlace&) {
          tokens += x.dim(0) * x.dim(1);
          return look(x);
        })),
        last_(gpt.unembed.hook_out.add_hook([this](const Tensor& x, HookPlace&) { return look(x); })) {}
  Seen(const Seen&) = delete;
  Seen& operator=(const Seen&) = delete;

  std::int64_t tokens = 0;
  bool graph = false;

 private:
  Tensor look(const Tensor& x) {
    graph = graph || x.requires_grad();
    return Tensor();
  }
  HookPointHandle first_, last_;
};

const GenerateOptions greedy{.tokens = 6, .sampling = {.temperature = 0}};

TEST(Unit_15_6, WhatACallWroteTheNextContinues) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  MemoizedGPT memory(gpt, {.block = 4});
  Generator g(1);
  const Tokens first = generate(memory, {1, 2, 3}, g, greedy);
  Seen seen(gpt);
  generate(memory, first, g, greedy);
  EXPECT_EQ(seen.tokens, 6) << "the last token of the text, and five of the six new ones";
  seen.tokens = 0;
  generate(memory, {1, 2, 12}, g, {.tokens = 1});
  EXPECT_EQ(seen.tokens, 1) << "a common beginning of two tokens";
}

TEST(Unit_15_6, ACallThatIsRefusedForgetsNothing) {
  GPT gpt = audible(tiny(Positions::learned, 2, 8));
  MemoizedGPT memory(gpt);
  memory.logits({1, 2, 3});
  Generator g(1);
  EXPECT_THROW(memory.logits({1, 2}, 3), ValueError);
  EXPECT_THROW(memory.logits({4, 5}, 0), ValueError);
  EXPECT_THROW(generate(memory, {4}, g, {.tokens = 9}), ValueError);
  EXPECT_EQ(memory.remembered(), (Tokens{1, 2, 3}));
  EXPECT_EQ(memory.cache().length(), 3);
}

TEST(Unit_15_9, WhatACallWroteTheNextContinues) {
  GPT gpt = audible(tiny(Positions::learned, 2)), twin = audible(tiny(Positions::learned, 2));
  MemoizedGPT target(gpt), draft(twin);
  Generator g(1);
  const Tokens first = speculative_generate(target, draft, {1, 2, 3}, g, {.generate = greedy}).tokens;
  const Seen of_target(gpt), of_draft(twin);
  speculative_generate(target, draft, first, g, {.generate = greedy});
  EXPECT_EQ(of_target.tokens, 6) << "the last token of the text, and five of the six new ones";
  EXPECT_LE(of_draft.tokens, 8) << "the draft has its own memory: of the old text at most the end is new to it";
}

TEST(Unit_15_6, NoOpRecordsAGraph) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  MemoizedGPT memory(gpt);
  const Seen seen(gpt);
  memory.logits({1, 2, 3});
  EXPECT_FALSE(seen.graph);
}

TEST(Unit_15_7, NoOpRecordsAGraph) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  const Seen seen(gpt);
  Generator g(1);
  generate_batch(gpt, {{1, 2, 3}, {4}}, g, greedy);
  EXPECT_FALSE(seen.graph);
  EXPECT_TRUE(grad_enabled());
}

TEST(Unit_15_5, NoOpRecordsAGraph) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  const Seen seen(gpt);
  KVCache cache(gpt.options());
  cached_logits(gpt, row({1, 2, 3}), cache);
  EXPECT_FALSE(seen.graph);
}

}  // namespace
}  // namespace rushlight::test
