// Memory and gradients: a backward pass through a cache says that there is none, and nobody else's gradient changes.
#include "04_losses/losses.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

std::map<std::string, Array> gradients_after(GPT& gpt, const std::function<void()>& between) {
  gpt.zero_grad();
  const Tensor loss = cross_entropy(gpt(row({1, 2, 3, 4})), Indices({1, 4}, {2, 3, 4, 5}));
  between();
  loss.backward();
  std::map<std::string, Array> gradients;
  for (const auto& [name, parameter] : gpt.named_parameters()) gradients[name] = parameter.grad().clone();
  return gradients;
}

TEST(GradientFlow_15_5, BackwardThroughACacheSaysWhyNot) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  KVCache cache(gpt.options());
  const Tensor logits = cached_logits(gpt, row({1, 2, 3}), cache);
  EXPECT_TRUE(logits.requires_grad()) << "a result without a graph would let gradients end here in silence";
  EXPECT_THROWS_WITH(sum(logits).backward(), GraphError, "cache");
  const Tensor features = cached_features(gpt, row({4}), cache);
  EXPECT_THROWS_WITH(sum(features * features).backward(), GraphError, "cache");
  for (const auto& [name, parameter] : gpt.named_parameters()) EXPECT_FALSE(parameter.grad().defined()) << name;
}

TEST(GradientFlow_15_5, WithoutRecordingThereIsNothingToSay) {
  GPT gpt = audible(tiny(Positions::rotary, 2));
  KVCache cache(gpt.options());
  const NoGrad no_grad;
  EXPECT_FALSE(cached_logits(gpt, row({1, 2, 3}), cache).requires_grad());
  EXPECT_FALSE(cached_features(gpt, row({4}), cache).requires_grad());
}

TEST(GradientFlow_15_5, RecordingIsAsItWas) {
  GPT gpt = audible(tiny(Positions::rotary, 2));
  KVCache cache(gpt.options());
  cached_logits(gpt, row({1, 2, 3}), cache);
  EXPECT_TRUE(grad_enabled());
  const NoGrad no_grad;
  cached_logits(gpt, row({1, 2, 3}), cache);
  EXPECT_FALSE(grad_enabled());
}

// GF-15: the gradients of a step are bit for bit those of a step in whose middle somebody generated.
TEST(GradientFlow_15_6, GF15_GeneratingChangesNoGradient) {
  for (const Kind& kind : kinds()) {
    GPTOptions options = kind.options;
    options.dropout = 0;
    GPT gpt = audible(options);
    const auto alone = gradients_after(gpt, [] {});
    const auto beside = gradients_after(gpt, [&] {
      MemoizedGPT memory(gpt);
      Generator g(1);
      generate(memory, {1, 2}, g, {.tokens = 10});
    });
    for (const auto& [name, gradient] : alone) {
      ASSERT_TRUE(grad_ok(gradient, gradient.shape(), 0)) << name;
      EXPECT_TRUE(same_bits(beside.at(name), gradient)) << kind.name << ": " << name;
    }
  }
}

TEST(GradientFlow_15_6, GF15_NoDropoutIsDrawn) {  // the next step's masks are those it would have had
  GPT one = audible(tiny(Positions::learned, 2)), two = audible(tiny(Positions::learned, 2));
  MemoizedGPT memory(two);
  Generator g(1);
  generate(memory, {1, 2}, g, {.tokens = 10});
  EXPECT_TRUE(two.training());
  const auto first = gradients_after(one, [] {}), second = gradients_after(two, [] {});
  for (const auto& [name, gradient] : first) EXPECT_TRUE(same_bits(second.at(name), gradient)) << name;
}

}  // namespace
}  // namespace rushlight::test
