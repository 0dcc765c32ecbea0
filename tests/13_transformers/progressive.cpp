// Modules 01 to 13 together: hooks, layers, a GPT that learns and one that writes. End to end: the file beside this
// one.
#include <cmath>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/sgd.hpp"
#include "13_transformers/sampling.hpp"
#include "plain.hpp"

namespace rushlight::test {
namespace {

// --- 13.1 to 13.5: with the engine and the optimizers ------------------------------------------------------------

TEST(Progressive_13_1, EngineAndTapeAgreeThroughHooks) {
  HookPoint point;
  const auto a = point.add_hook([](const Tensor& x, HookPlace&) { return x * x; });
  const auto b = point.add_gradient_hook([](const Array& g, HookPlace&) { return g * Real{3}; });
  const Tensor x(randn({2, 3}, 1), true);
  const Tensor y = point(x) + x;
  const Tape tape(y, cotangent({2, 3}));
  y.backward(cotangent({2, 3}));
  EXPECT_TRUE(near(x.grad(), tape.grad(x), gradient_tolerance));
}

TEST(Progressive_13_2, FrozenByHooks) {  // gradient hooks that stop everything: no layer before them moves
  Toy toy;
  const GradientHook stop = [](const Array& g, HookPlace&) { return g * Real{0}; };
  const auto handles = add_hooks(toy, {{.at = "blocks.1.hook_in", .backward = stop}});
  SGD optimizer(toy.parameters(), {.lr = 0.1});
  sum(toy(Tensor(ones({1})))).backward();
  optimizer.step();
  EXPECT_EQ(toy.first.weight.item(), 2);
  EXPECT_NE(toy.second.weight.item(), 3);
}

TEST(Progressive_13_3, CachedGradientsAreThoseOfGrad) {
  Toy toy;
  const Tensor x(randn({3}, 1), true);
  const CachedRun run = run_with_cache(toy, [&] { return mse_loss(toy(x), Tensor(ones({3}))); }, {.incl_bwd = true});
  EXPECT_TRUE(near(run.cache.at("blocks.0.hook_in_grad"), x.grad(), gradient_tolerance));
}

TEST(Progressive_13_4, ARegressionIsLearnt) {
  Generator g(2);
  FeedForward layer({.width = 3, .hidden = 16}, g);
  HookedLayerNorm norm({.width = 3});
  Tensors parameters = layer.parameters();
  for (const Tensor& each : norm.parameters()) parameters.push_back(each);
  Adam optimizer(parameters, {.lr = 0.02});
  const Tensor x(randn({16, 3}, 3)), target(randn({16, 3}, 4));
  double first = 0, last = 0;
  for (int step = 0; step < 150; ++step) {
    const Tensor loss = mse_loss(layer(norm(x)), target);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    (step == 0 ? first : last) = loss.item();
  }
  EXPECT_LT(last, 0.5 * first);
}

TEST(Progressive_13_5, EngineAndTapeAgree) {
  Generator g(3);
  HookedAttention layer = loud(HookedAttention({.width = 8, .heads = 4, .groups = 2, .rotary = true}, g));
  const Tensor y = layer.forward(Tensor(randn({1, 3, 8}, 5)), {.causal = true});
  const Tape tape(y, cotangent(y.shape()));
  y.backward(cotangent(y.shape()));
  for (const auto& [name, parameter] : layer.named_parameters()) {
    EXPECT_TRUE(near(parameter.grad(), tape.grad(parameter), layer_tolerance)) << name;
  }
}

// --- 13.7 -------------------------------------------------------------------------------------------------------

TEST(Progressive_13_7, FusedAndComposedNormsGiveTheSameGradients) {  // observers force the composed path
  Generator g(6);
  GPT gpt = loud(GPT({.vocabulary = 5, .context = 4, .width = 8, .layers = 2, .heads = 2}, g));
  const Indices ids({1, 4}, {0, 3, 1, 4}), targets({1, 4}, {3, 1, 4, 0});
  const auto gradients = [&] {
    gpt.zero_grad();
    cross_entropy(gpt(ids), targets).backward();
    Arrays all;
    for (const Tensor& parameter : gpt.parameters()) all.push_back(parameter.grad().clone());
    return all;
  };
  const Arrays plain = gradients();
  const HookScope scope(gpt, {{.at = {}, .forward = watch(), .backward = watch_gradient()}});
  const Arrays watched = gradients();
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_TRUE(near(watched[i], plain[i], double_precision ? Tolerance{1e-9, 1e-11} : Tolerance{2e-4, 2e-6}))
        << gpt.named_parameters()[i].first;
  }
}

TEST(Progressive_13_7, WithoutGradientsNothingIsRecorded) {
  Generator g(6);
  GPT gpt({.vocabulary = 5, .context = 4, .width = 8, .layers = 1, .heads = 2}, g);
  const NoGrad off;
  EXPECT_FALSE(gpt(Indices({1, 2}, {0, 1})).requires_grad());
}

// --- 13.8, 13.9 -------------------------------------------------------------------------------------------------

TEST(Progressive_13_8, ProbabilitiesOfAModelsLogits) {
  Generator g(6);
  GPT gpt = loud(GPT({.vocabulary = 5, .context = 4, .width = 8, .layers = 1, .heads = 2}, g));
  const Array logits = slice(gpt(Indices({1, 2}, {0, 1})).value(), 1, {1}).with_shape({5});
  double total = 0, expected_total = 0;
  const Array p = sampling_probabilities(logits);
  std::vector<double> expected;
  for (const Real logit : logits.data()) expected.push_back(std::exp(static_cast<double>(logit)));
  for (const double each : expected) expected_total += each;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(p.data()[i], expected[i] / expected_total, 1e-5);
    total += p.data()[i];
  }
  EXPECT_NEAR(total, 1, 1e-5);
}

TEST(Progressive_13_9, ATrainedModelContinues) {  // 0 1 2 3 4 0 1 2 ...
  Generator g(8);
  GPT gpt({.vocabulary = 5, .context = 8, .width = 16, .layers = 1, .heads = 2}, g);
  AdamW optimizer(gpt.parameters(), {.lr = 1e-2});
  const Indices ids({2, 8}, {0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0});
  const Indices targets({2, 8}, {1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1});
  for (int step = 0; step < 60; ++step) {
    optimizer.zero_grad();
    cross_entropy(gpt(ids), targets).backward();
    optimizer.step();
  }
  const std::vector<std::int32_t> text =
      generate(gpt, {3}, g, {.tokens = 20, .sampling = {.temperature = 0.5, .top_k = 2}});
  for (std::size_t i = 0; i < text.size(); ++i) EXPECT_EQ(text[i], (3 + static_cast<int>(i)) % 5) << i;
  EXPECT_EQ(generate(gpt, {3}, g, {.tokens = 20, .sampling = {.temperature = 0}, .stop = {0}}),
            (std::vector<std::int32_t>{3, 4, 0}));
}

}  // namespace
}  // namespace rushlight::test
