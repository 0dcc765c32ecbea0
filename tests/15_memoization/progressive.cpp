// Modules 01 to 15 together: a GPT that has learnt something, and writes it with memory.
#include "04_losses/losses.hpp"
#include "06_optimizers/adam.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

// The text 0 1 2 ... 6 0 1 2 ..., learnt until it is certain.
GPT counting_gpt(const GPTOptions& options, int steps) {
  Generator g(3);
  GPT gpt(options, g);
  Adam optimizer(gpt.parameters(), {.lr = 0.01});
  for (int step = 0; step < steps; ++step) {
    std::vector<std::int32_t> ids, next;
    for (int r = 0; r < 4; ++r) {
      const auto begin = static_cast<std::int32_t>(g.below(7));
      for (std::int32_t t = 0; t < 12; ++t) ids.push_back((begin + t) % 7), next.push_back((begin + t + 1) % 7);
    }
    const Tensor loss = cross_entropy(gpt(Indices({4, 12}, ids)), Indices({4, 12}, next));
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  }
  return gpt;
}

const GPTOptions learner{
    .vocabulary = 8, .context = 12, .width = 16, .layers = 1, .heads = 2, .positions = Positions::rotary};

TEST(Progressive_15_6, WhatWasLearntIsWrittenWithMemory) {
  GPT gpt = counting_gpt(learner, 60);
  MemoizedGPT memory(gpt);
  Generator g(1);
  EXPECT_EQ(generate(memory, {4, 5}, g, {.tokens = 9, .sampling = {.temperature = 0}}),
            (Tokens{4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0}));
}

TEST(Progressive_15_6, BeyondTheContextWithAWindow) {
  GPT gpt = counting_gpt(learner, 60);
  MemoizedGPT memory(gpt, {.block = 4, .window = 8});
  Generator g(1);
  const Tokens text = generate(memory, {2, 3, 4, 5}, g, {.tokens = 60, .sampling = {.temperature = 0}});
  for (std::size_t i = 0; i < text.size(); ++i) EXPECT_EQ(text[i], static_cast<std::int32_t>((2 + i) % 7)) << i;
}

TEST(Progressive_15_6, AStepMakesWhatIsRememberedStale) {  // and clear() is what helps
  GPT gpt = counting_gpt(learner, 2);
  MemoizedGPT memory(gpt);
  memory.logits({1, 2, 3});
  for (auto& parameter : gpt.parameters()) parameter.set_value(parameter.value() * Real(1.5));
  memory.clear();
  EXPECT_LE(difference(memory.logits({1, 2, 3, 4}), rows(whole(gpt, {1, 2, 3, 4}), 3, 4)), logits_tolerance);
}

TEST(Progressive_15_7, ABatchOfLearntTexts) {
  GPT gpt = counting_gpt(learner, 60);
  Generator g(1);
  const std::vector<Tokens> texts =
      generate_batch(gpt, {{4, 5, 6}, {1, 2}}, g, {.tokens = 5, .sampling = {.temperature = 0}});
  EXPECT_EQ(texts, (std::vector<Tokens>{{4, 5, 6, 0, 1, 2, 3, 4}, {1, 2, 3, 4, 5, 6, 0}}));
}

TEST(Progressive_15_9, ASmallModelThatHasLearntTheSameSavesRounds) {
  GPTOptions narrow = learner;
  narrow.width = 8;
  GPT large = counting_gpt(learner, 60), small = counting_gpt(narrow, 120);
  MemoizedGPT target(large), draft(small);
  Generator g(1);
  const SpeculativeText text = speculative_generate(
      target, draft, {1, 2, 3}, g, {.generate = {.tokens = 9, .sampling = {.temperature = 0}}, .proposals = 2});
  EXPECT_EQ(text.tokens, (Tokens{1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(text.rounds, 3);
}

}  // namespace
}  // namespace rushlight::test
