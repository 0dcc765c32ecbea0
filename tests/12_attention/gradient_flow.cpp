// Derivatives: of every input and parameter against central differences, exactly zero where a mask says so, and the one
// parameter whose true gradient is zero.
#include "05_autograd/autograd.hpp"
#include "11_embeddings/embeddings.hpp"
#include "oracle.hpp"
#include "support/module_checks.hpp"

namespace rushlight::test {
namespace {

double largest(const Array& x) {
  double most = 0;
  for (const Real value : x.data()) most = std::max(most, std::abs(static_cast<double>(value)));
  return most;
}

bool all_zero(const Array& x) { return x.defined() && largest(x) == 0; }

// --- 12.2 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_12_2, MaskedSoftmax) {
  std::uint64_t seed = 1;
  for (const Shape& shape : {Shape{3, 5}, Shape{5}, Shape{2, 3, 5}}) {
    const Mask mask = mask_of({5}, {1, 0, 1, 1, 0});
    expect_gradients([&](const Tensors& in) { return masked_softmax(in[0], mask); }, {randn(shape, seed++)},
                     {.floor = 1e-2});
  }
  const Mask whole = random_mask({2, 3, 4, 5}, 4);
  expect_gradients([&](const Tensors& in) { return masked_softmax(in[0], whole); }, {randn({2, 3, 4, 5}, 5)},
                   {.floor = 1e-2});
}

TEST(GradientFlow_12_2, ByHand) {  // p = 1/4, 0, 3/4: the mean of 4 and 8 is 7
  const Tensor x(Array({3}, {0, 5, static_cast<Real>(std::log(3.0))}), true);
  const Tape tape(masked_softmax(x, mask_of({3}, {1, 0, 1})), Array({3}, {4, 100, 8}));
  EXPECT_TRUE(near(tape.grad(x), {3}, {-0.75, 0, 0.75}, gradient_tolerance));
}

TEST(GradientFlow_12_2, MaskedPlacesGetExactlyZero) {
  const Mask mask = random_mask({6, 7}, 6);
  const Tensor x(randn({6, 7}, 7), true);
  const Array dx = Tape(masked_softmax(x, mask), randn({6, 7}, 8)).grad(x);
  int masked = 0;
  for (int i = 0; i < 42; ++i) {
    if (mask.data()[i]) continue;
    ++masked;
    EXPECT_EQ(dx.data()[i], 0) << "place " << i;
  }
  EXPECT_GT(masked, 5);
  EXPECT_GT(largest(dx), 1e-2);
}

TEST(GradientFlow_12_2, ARowThatSeesNothingGetsZeros) {
  const Tensor x(Array({2, 2}, {Real(1e4), static_cast<Real>(not_a_number), 1, 2}), true);
  const Array dx = Tape(masked_softmax(x, mask_of({2, 2}, {0, 0, 1, 1})), Array({2, 2}, {5, 6, 7, 9})).grad(x);
  EXPECT_EQ(dx.data()[0], 0);
  EXPECT_EQ(dx.data()[1], 0);
  EXPECT_LT(dx.data()[2], -0.1);
  EXPECT_GT(dx.data()[3], 0.1);
}

// --- 12.3 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_12_3, BothProducts) {
  for (const std::int64_t groups : {1, 2, 4}) {
    expect_gradients([](const Tensors& in) { return attention_scores(in[0], in[1], 0.7); },
                     {randn({2, 4, 3, 2}, 1), randn({2, groups, 5, 2}, 2)}, {.floor = 0.1});
    expect_gradients([](const Tensors& in) { return attention_output(in[0], in[1]); },
                     {randn({2, 4, 3, 5}, 3), randn({2, groups, 5, 2}, 4)}, {.floor = 0.1});
  }
}

TEST(GradientFlow_12_3, AGroupGetsTheSumOfItsHeads) {
  const Tensor q(Array({1, 2, 1, 1}, {3, 5}), true), k(Array({1, 1, 1, 1}, {7}), true);
  const Tape tape(attention_scores(q, k, 2), Array({1, 2, 1, 1}, {1, 10}));
  EXPECT_TRUE(near(tape.grad(k), {1, 1, 1, 1}, {2 * (3 + 50)}, gradient_tolerance));
  EXPECT_TRUE(near(tape.grad(q), {1, 2, 1, 1}, {14, 140}, gradient_tolerance));
}

// --- 12.4 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_12_4, ScoresAndBias) {
  const Mask mask = padding_mask(Indices({2}, {5, 3}), 5);
  for (const bool causal : {false, true}) {
    for (const Mask& each : {Mask(), mask}) {
      expect_gradients(
          [&](const Tensors& in) { return attention_pattern(in[0], {.mask = each, .bias = in[1], .causal = causal}); },
          {randn({2, 2, 5, 5}, 1), randn({2, 1, 5}, 2)}, {.floor = 1e-2});
    }
  }
}

TEST(GradientFlow_12_4, DropoutIsAConstant) {
  expect_gradients(
      [](const Tensors& in) {
        Generator g(3);  // the same mask at every call
        return attention_pattern(in[0], {.causal = true, .dropout = 0.4, .generator = &g});
      },
      {randn({1, 2, 4, 4}, 3)}, {.floor = 1e-2});
}

TEST(GradientFlow_12_4, ThroughBothHooks) {
  expect_gradients(
      [](const Tensors& in) {
        return attention_pattern(in[0], {.causal = true,
                                         .on_scores = [](const Tensor& x) { return x * Real{2}; },
                                         .on_pattern = [](const Tensor& x) { return x * x; }});
      },
      {randn({1, 2, 4, 4}, 4)}, {.floor = 1e-2});
}

TEST(GradientFlow_12_4, WhatAHookSeesHasItsGradient) {
  Tensor scores, pattern;
  const auto keep = [](Tensor& seen) {
    return [&seen](const Tensor& x) {
      seen = x;
      return x;
    };
  };
  const Tensor x(randn({1, 2, 4, 4}, 5), true);
  const Tensor y = attention_pattern(x, {.causal = true, .on_scores = keep(scores), .on_pattern = keep(pattern)});
  const Array seed = randn({1, 2, 4, 4}, 6);
  const Tape tape(y, seed);
  EXPECT_TRUE(near(tape.grad(pattern), seed, exactly));
  ASSERT_TRUE(grad_ok(tape.grad(scores), {1, 2, 4, 4}, 1e-2)) << "finite, although some scores are -inf";
  for (int i = 0; i < 32; ++i) {
    if (i % 4 > i / 4 % 4) EXPECT_EQ(tape.grad(scores).data()[i], 0) << "masked score " << i;
  }
  EXPECT_TRUE(near(tape.grad(x), tape.grad(scores), exactly));
}

TEST(GradientFlow_12_4, AReplacedPatternCutsTheScoresOff) {
  const Tensor x(randn({1, 1, 2, 2}, 7), true);
  const auto replace = [](const Tensor& p) { return Tensor(Array::full(p.shape(), Real(0.5))); };
  EXPECT_FALSE(attention_pattern(x, {.on_pattern = replace}).requires_grad());
}

TEST(GradientFlow_12_4, AnAdditiveMaskGivesExactZeros) {
  const Tensor x(randn({1, 1, 2, 3}, 8), true);
  const Real hidden = static_cast<Real>(-infinity);
  const Tensor bias(Array({2, 3}, {0, hidden, 0, hidden, hidden, hidden}), true);
  const Tape tape(attention_pattern(x, {.bias = bias}), randn({1, 1, 2, 3}, 9));
  for (const Array& gradient : {tape.grad(x), tape.grad(bias)}) {
    EXPECT_GT(std::abs(gradient.data()[0]), 1e-3);
    for (const int masked : {1, 3, 4, 5}) EXPECT_EQ(gradient.data()[masked], 0) << masked;
  }
}

// --- 12.5 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_12_5, QueriesKeysAndValues) {
  const Mask mask = padding_mask(Indices({2}, {4, 2}), 4);
  for (const std::int64_t groups : {1, 2, 4}) {
    const Arrays inputs{randn({2, 4, 3, 2}, 1), randn({2, groups, 4, 2}, 2), randn({2, groups, 4, 3}, 3)};
    for (const AttentionOptions& options :
         {AttentionOptions{}, AttentionOptions{.mask = mask}, AttentionOptions{.mask = mask, .causal = true}}) {
      expect_gradients([&](const Tensors& in) { return scaled_dot_product_attention(in[0], in[1], in[2], options); },
                       inputs, {.floor = 1e-3});
    }
  }
}

TEST(GradientFlow_12_5, BiasAndDropout) {
  expect_gradients(
      [](const Tensors& in) {
        Generator g(4);
        return scaled_dot_product_attention(in[0], in[1], in[2],
                                            {.bias = in[3], .causal = true, .dropout = 0.3, .generator = &g});
      },
      {randn({1, 2, 4, 2}, 4), randn({1, 2, 4, 2}, 5), randn({1, 2, 4, 2}, 6), randn({2, 1, 4}, 7)}, {.floor = 1e-3});
}

TEST(GradientFlow_12_5, Golden) {
  const nlohmann::json all = golden("hooks.json");
  const auto heads_first = [&](const char* part, const std::string& name) {
    return permute(array_of(all.at(part).at("blocks.0.attn." + name)), {0, 2, 1, 3});
  };
  const Tensor q(heads_first("activations", "hook_q"), true), k(heads_first("activations", "hook_k"), true),
      v(heads_first("activations", "hook_v"), true);
  Tensor scores, pattern;
  const Tensor z = scaled_dot_product_attention(q, k, v,
                                                {.causal = true,
                                                 .on_scores = [&](const Tensor& x) { return scores = x; },
                                                 .on_pattern = [&](const Tensor& x) { return pattern = x; }});
  const Tape tape(z, heads_first("grads", "hook_z"));
  EXPECT_TRUE(near(tape.grad(q), heads_first("grads", "hook_q"), gradient_tolerance));
  EXPECT_TRUE(near(tape.grad(k), heads_first("grads", "hook_k"), gradient_tolerance));
  EXPECT_TRUE(near(tape.grad(v), heads_first("grads", "hook_v"), gradient_tolerance));
  const auto expected = [&](const char* name) { return values_of(all.at("grads").at(name)); };
  EXPECT_TRUE(near(tape.grad(scores), {1, 2, 3, 3}, expected("blocks.0.attn.hook_attn_scores"), gradient_tolerance));
  EXPECT_TRUE(near(tape.grad(pattern), {1, 2, 3, 3}, expected("blocks.0.attn.hook_pattern"), gradient_tolerance));
}

TEST(GradientFlow_12_5, PaddedKeysAndValuesGetExactlyZero) {
  const Tensor q(randn({1, 2, 3, 2}, 8), true), k(randn({1, 2, 4, 2}, 9), true), v(randn({1, 2, 4, 2}, 10), true);
  const Mask mask = padding_mask(Indices({1}, {2}), 4);
  const Tape tape(scaled_dot_product_attention(q, k, v, {.mask = mask}), randn({1, 2, 3, 2}, 11));
  for (const Array& gradient : {tape.grad(k), tape.grad(v)}) {
    EXPECT_TRUE(all_zero(slice(gradient, 2, {2})));
    EXPECT_GT(largest(slice(gradient, 2, {0, 2})), 1e-3);
  }
}

TEST(GradientFlow_12_5, TheFutureGetsExactlyZero) {
  const Tensor q(randn({1, 1, 4, 2}, 12), true), k(randn({1, 1, 4, 2}, 13), true), v(randn({1, 1, 4, 2}, 14), true);
  Array seed = zeros({1, 1, 4, 2});
  seed.mutable_data()[4] = 1;  // only query 2 is asked
  seed.mutable_data()[5] = -2;
  const Tape tape(scaled_dot_product_attention(q, k, v, {.causal = true}), seed);
  for (const Array& gradient : {tape.grad(k), tape.grad(v)}) {
    EXPECT_TRUE(all_zero(slice(gradient, 2, {3})));
    for (int s = 0; s < 3; ++s) EXPECT_GT(largest(slice(gradient, 2, {s, s + 1})), 1e-4) << "key " << s;
  }
}

TEST(GradientFlow_12_5, AQueryThatSeesNothingGetsAndSendsZeros) {
  const Tensor q(randn({1, 1, 2, 2}, 15), true), k(randn({1, 1, 3, 2}, 16), true), v(randn({1, 1, 3, 2}, 17), true);
  const Tensor out = scaled_dot_product_attention(q, k, v, {.mask = mask_of({2, 1}, {0, 1})});
  EXPECT_TRUE(all_zero(slice(out.value(), 2, {0, 1})));
  const Tape tape(out, randn({1, 1, 2, 2}, 18));
  EXPECT_TRUE(all_zero(slice(tape.grad(q), 2, {0, 1})));
  EXPECT_TRUE(grad_ok(tape.grad(q), q.shape(), 1e-3));
  const Tensor blind = scaled_dot_product_attention(q, k, v, {.mask = mask_of({1}, {0})});
  const Tape nothing(blind, randn({1, 1, 2, 2}, 19));
  for (const Tensor& each : {q, k, v}) EXPECT_TRUE(all_zero(nothing.grad(each)));
}

// --- 12.6 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_12_6, SplitAndMerge) {
  expect_gradients([](const Tensors& in) { return split_heads(in[0], 3); }, {randn({2, 4, 6}, 1)}, {.floor = 0.1});
  expect_gradients([](const Tensors& in) { return merge_heads(in[0]); }, {randn({2, 3, 4, 2}, 2)}, {.floor = 0.1});
}

// --- 12.7 -------------------------------------------------------------------------------------------------------

// Self-attention with options, cross-attention: as modules of one Tensor, which is what the checks examine.
struct WithOptions : Module {
  MultiHeadAttention attention;
  AttentionOptions options;
  Tensor context;
  WithOptions(MultiHeadAttention a, AttentionOptions o, Tensor c)
      : attention(std::move(a)), options(std::move(o)), context(std::move(c)) {}
  Tensor forward(const Tensor& x) override {
    return context.defined() ? attention.forward(x, context, options) : attention.forward(x, options);
  }
  void members(Members& m) override { m("attn", attention); }
};

ModuleCase attention_case(const std::string& name, MultiHeadOptions options, const AttentionOptions& call = {},
                          const Array& context = {}) {
  const std::int64_t d = options.width, kv = d / options.heads * (options.groups == 0 ? options.heads : options.groups);
  return {name,
          "MultiHeadAttention",
          [=]() -> std::unique_ptr<Module> {
            Generator g(1);
            return std::make_unique<WithOptions>(MultiHeadAttention(options, g), call,
                                                 context.defined() ? Tensor(context) : Tensor());
          },
          {2, 3, d},
          {{"attn.q.weight", {d, d}},
           {"attn.q.bias", {d}},
           {"attn.k.weight", {kv, d}},
           {"attn.k.bias", {kv}},
           {"attn.v.weight", {kv, d}},
           {"attn.v.bias", {kv}},
           {"attn.out.weight", {d, d}},
           {"attn.out.bias", {d}}},
          {},
          {"attn.k.bias"}};
}

TEST(GradientFlow_12_7, Module) {
  ModuleCase plain = attention_case("MultiHeadAttention", {.width = 4, .heads = 2});
  plain.make = [] {
    Generator g(1);
    return std::make_unique<MultiHeadAttention>(MultiHeadOptions{.width = 4, .heads = 2}, g);
  };
  for (auto& [name, shape] : plain.parameters) name = name.substr(5);
  plain.structural_zeros = {"k.bias"};
  expect_module(plain);
}

TEST(GradientFlow_12_7, ModuleCausal) {
  expect_module(attention_case("MultiHeadAttentionCausal", {.width = 4, .heads = 2}, {.causal = true}));
}

TEST(GradientFlow_12_7, ModuleWithGroups) {
  expect_module(attention_case("MultiHeadAttentionWithGroups", {.width = 8, .heads = 4, .groups = 2}));
}

TEST(GradientFlow_12_7, ModuleWithDropout) {
  expect_module(attention_case("MultiHeadAttentionWithDropout", {.width = 4, .heads = 2, .dropout = 0.3}));
}

TEST(GradientFlow_12_7, ModuleAcross) {
  expect_module(attention_case("MultiHeadAttentionAcross", {.width = 4, .heads = 2},
                               {.mask = padding_mask(Indices({2}, {5, 3}), 5)}, randn({2, 5, 4}, 3)));
}

TEST(GradientFlow_12_7, TheContextGetsOne) {
  Generator g(2);
  MultiHeadAttention attention({.width = 4, .heads = 2}, g);
  expect_gradients([&](const Tensors& in) { return attention.forward(in[0], in[1], {}); },
                   {randn({2, 3, 4}, 4), randn({2, 5, 4}, 5)}, {.floor = 1e-3});
}

// q·b for one and the same b is added to all scores of a query, and softmax does not see it. So the true gradient of
// k.bias is zero, and what arrives is rounding. An optimizer that divides by the gradient's size (Adam) will still move
// it. Nobody may conclude from its zero that the graph is cut: k.bias must be reached.
TEST(GradientFlow_12_7, TheKeysBiasIsConnectedAndItsGradientIsZero) {
  Generator g(3);
  MultiHeadAttention attention({.width = 8, .heads = 2}, g);
  for (const bool causal : {false, true}) {
    const Tensor y = attention(randn({2, 5, 8}, 6), {.causal = causal});
    const Tape tape(y, cotangent(y.shape()));
    EXPECT_TRUE(tape.reached(attention.k.bias));
    EXPECT_GT(largest(tape.grad(attention.q.bias)), 1e-2);
    EXPECT_LT(largest(tape.grad(attention.k.bias)), 1e-5 * largest(tape.grad(attention.q.bias)));
    EXPECT_GT(largest(tape.grad(attention.k.weight)), 1e-2);
  }
}

// The negative control. With rotary positions each key turns the bias by its own angle: the numbers added to a query's
// scores differ, and the gradient is there.
TEST(GradientFlow_12_7, WithRotaryPositionsTheKeysBiasLearns) {
  Generator g(3);
  MultiHeadAttention attention({.width = 8, .heads = 2}, g);
  const Tensor x = randn({2, 5, 8}, 6);
  const Tensor y = merge_heads(scaled_dot_product_attention(
      rotary(split_heads(attention.q(x), 2)), rotary(split_heads(attention.k(x), 2)), split_heads(attention.v(x), 2)));
  const Tape tape(y, cotangent(y.shape()));
  EXPECT_GT(largest(tape.grad(attention.k.bias)), 1e-2);
}

}  // namespace
}  // namespace rushlight::test
