// Derivatives: every module entry by entry, every hook point against a difference of the loss, and golden values.
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "plain.hpp"

namespace rushlight::test {
namespace {

void expect_module_named(const std::string& name) {
  for (const ModuleCase& each : transformer_module_cases()) {
    if (each.name == name) return expect_module(each);
  }
  FAIL() << "no case is called " << name;
}

// --- 13.1 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_13_1, Module) { expect_module_named("HookPoint"); }

TEST(GradientFlow_13_1, ThroughHooks) {
  HookPoint point;
  const auto square = point.add_hook([](const Tensor& x, HookPlace&) { return x * x; });
  const auto look = point.add_gradient_hook(watch_gradient());
  expect_gradients([&](const Tensors& in) { return point(in[0]); }, {randn({2, 3}, 1)}, {.floor = 0.1});
}

// --- 13.4 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_13_4, Norm) { expect_module_named("HookedLayerNorm"); }

TEST(GradientFlow_13_4, NormWithHooks) {  // the composed path
  for (const bool normalized : {false, true}) {
    ModuleCase hooked = transformer_module_cases()[1];
    ASSERT_EQ(hooked.type, "HookedLayerNorm");
    hooked.name = "HookedLayerNormWithHooks";
    hooked.make = [normalized] {
      auto norm = std::make_unique<HookedLayerNorm>(loud(HookedLayerNorm({.width = 4})));
      (normalized ? norm->hook_normalized : norm->hook_scale).add_hook(watch()).keep();
      return norm;
    };
    expect_module(hooked);
  }
}

TEST(GradientFlow_13_4, BothPathsOfTheNormGiveTheSameGradients) {
  HookedLayerNorm norm = loud(HookedLayerNorm({.width = 6}));
  const Tensor x(randn({3, 6}, 1), true);
  const auto gradients = [&] {
    const Tape tape(norm(x), cotangent({3, 6}));
    return Arrays{tape.grad(x), tape.grad(norm.weight), tape.grad(norm.bias)};
  };
  const Arrays fast = gradients();
  const auto handle = norm.hook_scale.add_hook(watch());
  const Arrays composed = gradients();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(near(composed[i], fast[i], layer_tolerance)) << i;
}

TEST(GradientFlow_13_4, FeedForward) { expect_module_named("FeedForward"); }

// --- 13.5 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_13_5, Attention) { expect_module_named("HookedAttention"); }
TEST(GradientFlow_13_5, AttentionRotaryGroups) { expect_module_named("HookedAttentionRotaryGroups"); }

TEST(GradientFlow_13_5, AttentionWithEveryHook) {
  Generator g(2);
  HookedAttention layer = loud(HookedAttention({.width = 4, .heads = 2, .rotary = true}, g));
  layer.use_attn_result = true;
  const HookScope scope(layer, {{.at = {}, .forward = watch(), .backward = watch_gradient()}});
  expect_gradients([&](const Tensors& in) { return layer.forward(in[0], in[1], in[2], {.causal = true}); },
                   {randn({1, 3, 4}, 1), randn({1, 3, 4}, 2), randn({1, 3, 4}, 3)}, {.floor = 1e-2});
}

TEST(GradientFlow_13_5, EveryCopyGetsItsOwn) {
  Generator g(2);
  HookedAttention layer = loud(HookedAttention({.width = 4, .heads = 2, .groups = 1}, g));
  expect_gradients([&](const Tensors& in) { return layer.forward(in[0], in[1], in[2], {}); },
                   {randn({1, 3, 2, 4}, 1), randn({1, 3, 1, 4}, 2), randn({1, 3, 1, 4}, 3)}, {.floor = 1e-2});
}

// q·b for one and the same b is added to all scores of a query, and softmax does not see it: the true gradient of
// k.bias is zero, and what arrives is rounding. It must be reached all the same. Rotary positions turn b by a different
// angle for every key: that is the negative control.
TEST(GradientFlow_13_5, TheKeysBiasIsConnected) {
  for (const bool rotary : {false, true}) {
    Generator g(3);
    HookedAttention layer = loud(HookedAttention({.width = 8, .heads = 2, .rotary = rotary}, g));
    const Tensor y = layer(randn({2, 5, 8}, 6));
    const Tape tape(y, cotangent(y.shape()));
    EXPECT_TRUE(tape.reached(layer.k.bias));
    EXPECT_GT(largest(tape.grad(layer.q.bias)), 1e-2);
    EXPECT_GT(largest(tape.grad(layer.k.weight)), 1e-2);
    if (rotary) {
      EXPECT_GT(largest(tape.grad(layer.k.bias)), 1e-2);
    } else {
      EXPECT_LT(largest(tape.grad(layer.k.bias)), 1e-5 * largest(tape.grad(layer.q.bias)));
    }
  }
}

// --- 13.6 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_13_6, Block) { expect_module_named("TransformerBlock"); }
TEST(GradientFlow_13_6, EncoderOfTwo) { expect_module_named("Encoder"); }
TEST(GradientFlow_13_6, Decoder) { expect_module_named("DecoderLayer"); }
TEST(GradientFlow_13_6, DecoderWithDropout) { expect_module_named("DecoderLayerWithDropout"); }

TEST(GradientFlow_13_6, MemoryGetsOne) {
  Generator g(4);
  DecoderLayer layer = loud(DecoderLayer({.width = 4, .heads = 2, .hidden = 3}, g));
  expect_gradients([&](const Tensors& in) { return layer.forward(in[0], in[1]); },
                   {randn({1, 3, 4}, 7), randn({1, 2, 4}, 8)}, {.floor = 1e-2});
}

// What lies before the GELU of the decoder's feed-forward layer, and what lies after: a leaf in the middle would starve
// the first and spare the second.
TEST(GradientFlow_13_6, DecoderFfn) {
  Generator g(4);
  DecoderLayer layer = loud(DecoderLayer({.width = 4, .heads = 2, .hidden = 3}, g));
  const Tensor y = layer.forward(Tensor(randn({2, 3, 4}, 7)), Tensor(randn({2, 5, 4}, 8)));
  const Tape tape(y, cotangent(y.shape()));
  for (const Tensor& upstream : {layer.mlp.fc1.weight, layer.mlp.fc1.bias, layer.ln3.weight, layer.ln3.bias}) {
    EXPECT_TRUE(grad_ok(tape.grad(upstream), upstream.shape(), 1e-2));
  }
  EXPECT_TRUE(grad_ok(tape.grad(layer.mlp.fc2.weight), layer.mlp.fc2.weight.shape(), 1e-2));
}

TEST(GradientFlow_13_6, FlagsChangeNoGradient) {
  Generator g(3);
  TransformerBlock layer = loud(TransformerBlock({.width = 4, .heads = 2, .hidden = 3}, g));
  const Tensor x(randn({2, 3, 4}, 9), true);
  const auto gradients = [&] {
    const Tape tape(layer.forward(x, {.causal = true}), cotangent({2, 3, 4}));
    Arrays all{tape.grad(x)};
    for (const Tensor& parameter : layer.parameters()) all.push_back(tape.grad(parameter));
    return all;
  };
  const Arrays plain = gradients();
  for (const HookFlags& flags : {HookFlags{.use_attn_result = true}, HookFlags{.use_split_qkv_input = true},
                                 HookFlags{.use_attn_in = true}, HookFlags{.use_hook_mlp_in = true}}) {
    layer.set_hook_flags(flags);
    const Arrays flagged = gradients();
    for (std::size_t i = 0; i < plain.size(); ++i) EXPECT_TRUE(near(flagged[i], plain[i], layer_tolerance)) << i;
  }
}

// --- 13.7 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_13_7, Head) { expect_module_named("Unembed"); }
TEST(GradientFlow_13_7, Gpt) { expect_module_named("GPT"); }
TEST(GradientFlow_13_7, GptRotaryUntied) { expect_module_named("GPTRotaryUntied"); }

// The weights of hooks.json. Its matrices are (in, out), and each head's stand apart.
GPT golden_gpt(const nlohmann::json& all) {
  const nlohmann::json& dims = all.at("dims");
  const std::int64_t heads = dims.at("n_heads"), width = dims.at("d_model"), head_width = dims.at("d_head");
  Generator g(1);
  GPT gpt({.vocabulary = dims.at("d_vocab"),
           .context = dims.at("n_ctx"),
           .width = width,
           .layers = 1,
           .heads = heads,
           .hidden = dims.at("d_mlp"),
           .tied = false,
           .head_bias = true},
          g);
  const auto value = [&](const std::string& name) { return array_of(all.at("params").at(name)); };
  const auto in_block = [&](const std::string& name) { return value("blocks.0." + name); };
  TransformerBlock& block = gpt.blocks[0];
  gpt.embed.weight.set_value(value("embed.W_E"));
  gpt.pos_embed->weight.set_value(value("pos_embed.W_pos"));
  block.ln1.weight.set_value(in_block("ln1.w")), block.ln1.bias.set_value(in_block("ln1.b"));
  block.ln2.weight.set_value(in_block("ln2.w")), block.ln2.bias.set_value(in_block("ln2.b"));
  const std::pair<Linear*, std::string> projections[] = {
      {&block.attn.q, "Q"}, {&block.attn.k, "K"}, {&block.attn.v, "V"}};
  for (const auto& [layer, letter] : projections) {
    layer->weight.set_value(permute(in_block("attn.W_" + letter), {0, 2, 1}).with_shape({heads * head_width, width}));
    layer->bias.set_value(in_block("attn.b_" + letter).with_shape({heads * head_width}));
  }
  block.attn.out.weight.set_value(permute(in_block("attn.W_O"), {2, 0, 1}).with_shape({width, heads * head_width}));
  block.attn.out.bias.set_value(in_block("attn.b_O"));
  block.mlp.fc1.weight.set_value(transpose(in_block("mlp.W_in"), 0, 1));
  block.mlp.fc1.bias.set_value(in_block("mlp.b_in"));
  block.mlp.fc2.weight.set_value(transpose(in_block("mlp.W_out"), 0, 1));
  block.mlp.fc2.bias.set_value(in_block("mlp.b_out"));
  gpt.ln_final.weight.set_value(value("ln_final.w")), gpt.ln_final.bias.set_value(value("ln_final.b"));
  gpt.unembed.weight.set_value(transpose(value("unembed.W_U"), 0, 1));
  gpt.unembed.bias.set_value(value("unembed.b_U"));
  return gpt;
}

// The sum of the logits after the last token.
Tensor golden_loss(GPT& gpt, const Indices& ids) { return sum(slice(gpt(ids), 1, {.start = -1})); }

const Indices golden_ids({1, 3}, {1, 4, 2});

constexpr Tolerance golden_tolerance = double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{2e-5, 2e-6};

// null stands for a masked score.
std::vector<double> with_masked(const nlohmann::json& nested) {
  if (nested.is_null()) return {-infinity};
  if (!nested.is_array()) return {nested.get<double>()};
  std::vector<double> values;
  for (const nlohmann::json& part : nested) {
    const std::vector<double> inner = with_masked(part);
    values.insert(values.end(), inner.begin(), inner.end());
  }
  return values;
}

TEST(GradientFlow_13_7, GoldenBlockActivationsAndGradients) {
  const nlohmann::json all = golden("hooks.json");
  GPT gpt = golden_gpt(all);
  gpt.set_hook_flags({.use_attn_result = true});
  const CachedRun run = run_with_cache(gpt, [&] { return golden_loss(gpt, golden_ids); }, {.incl_bwd = true});
  EXPECT_NEAR(run.out.item(), all.at("loss").get<double>(), double_precision ? 1e-12 : 2e-6);
  ASSERT_EQ(all.at("activations").size(), 24u);
  ASSERT_EQ(run.cache.size(), 48u);
  for (const auto& [name, expected] : all.at("activations").items()) {
    ASSERT_EQ(run.cache.count(name), 1u) << name;
    EXPECT_TRUE(near(run.cache.at(name), shape_of(all.at("grads").at(name)), with_masked(expected), golden_tolerance))
        << name;
  }
  for (const auto& [name, expected] : all.at("grads").items()) {
    ASSERT_EQ(run.cache.count(name + "_grad"), 1u) << name;
    EXPECT_TRUE(near(run.cache.at(name + "_grad"), shape_of(expected), values_of(expected), golden_tolerance)) << name;
  }
  const Array scores = run.cache.at("blocks.0.attn.hook_attn_scores_grad");
  for (int i = 0; i < 18; ++i) {
    if (i % 3 > i / 3 % 3) EXPECT_EQ(scores.data()[i], 0) << "masked score " << i;
  }
}

TEST(GradientFlow_13_7, GoldenParameters) {
  const nlohmann::json all = golden("hooks.json");
  for (const bool watched : {false, true}) {
    GPT gpt = golden_gpt(all);
    const HookScope scope(
        gpt, watched ? HookRequests{{.at = {}, .forward = watch(), .backward = watch_gradient()}} : HookRequests{});
    golden_loss(gpt, golden_ids).backward();
    TransformerBlock& block = gpt.blocks[0];
    const auto matches = [&](const Array& gradient, const std::string& name) {
      const nlohmann::json& expected = all.at("param_grads").at(name);
      EXPECT_TRUE(near(gradient, shape_of(expected), values_of(expected), golden_tolerance)) << name;
    };
    const auto heads_in_front = [](const Array& g) { return permute(g.with_shape({2, 2, 4}), {0, 2, 1}); };
    matches(gpt.embed.weight.grad(), "embed.W_E");
    matches(gpt.pos_embed->weight.grad(), "pos_embed.W_pos");
    matches(block.ln1.weight.grad(), "blocks.0.ln1.w");
    matches(block.ln1.bias.grad(), "blocks.0.ln1.b");
    matches(block.ln2.weight.grad(), "blocks.0.ln2.w");
    matches(block.ln2.bias.grad(), "blocks.0.ln2.b");
    matches(heads_in_front(block.attn.q.weight.grad()), "blocks.0.attn.W_Q");
    matches(heads_in_front(block.attn.k.weight.grad()), "blocks.0.attn.W_K");
    matches(heads_in_front(block.attn.v.weight.grad()), "blocks.0.attn.W_V");
    matches(block.attn.q.bias.grad().with_shape({2, 2}), "blocks.0.attn.b_Q");
    matches(block.attn.k.bias.grad().with_shape({2, 2}), "blocks.0.attn.b_K");
    matches(block.attn.v.bias.grad().with_shape({2, 2}), "blocks.0.attn.b_V");
    matches(permute(block.attn.out.weight.grad().with_shape({4, 2, 2}), {1, 2, 0}), "blocks.0.attn.W_O");
    matches(block.attn.out.bias.grad(), "blocks.0.attn.b_O");
    matches(transpose(block.mlp.fc1.weight.grad(), 0, 1), "blocks.0.mlp.W_in");
    matches(block.mlp.fc1.bias.grad(), "blocks.0.mlp.b_in");
    matches(transpose(block.mlp.fc2.weight.grad(), 0, 1), "blocks.0.mlp.W_out");
    matches(block.mlp.fc2.bias.grad(), "blocks.0.mlp.b_out");
    matches(gpt.ln_final.weight.grad(), "ln_final.w");
    matches(gpt.ln_final.bias.grad(), "ln_final.b");
    matches(transpose(gpt.unembed.weight.grad(), 0, 1), "unembed.W_U");
    matches(gpt.unembed.bias.grad(), "unembed.b_U");
  }
}

// What a backward hook sees is dL/d(output of its hook point): push the output, entry by entry, and look at the loss.
void expect_hook_gradient(GPT& gpt, const Indices& ids, const std::string& name) {
  const auto loss = [&] {
    const Tensor logits = gpt(ids);
    return sum(logits * Tensor(cotangent(logits.shape())));
  };
  const CachedRun run = run_with_cache(gpt, loss, {.names = name, .incl_bwd = true});
  ASSERT_EQ(run.cache.size(), 2u) << name << " did not fire";
  const Array& gradient = run.cache.at(name + "_grad");
  const double step = double_precision ? 1e-6 : 1e-3, tolerance = double_precision ? 1e-7 : 2e-2;
  Array delta = zeros(gradient.shape());
  const HookScope scope(gpt, {{.at = name, .forward = [&](const Tensor& x, HookPlace&) { return x + Tensor(delta); }}});
  const NoGrad off;
  for (std::int64_t i = 0; i < delta.size(); ++i) {
    delta = zeros(gradient.shape());
    delta.mutable_data()[i] = static_cast<Real>(step);
    const double up = loss().item();
    delta = zeros(gradient.shape());
    delta.mutable_data()[i] = static_cast<Real>(-step);
    const double down = loss().item(), numeric = (up - down) / (2 * step), analytic = gradient.data()[i];
    ASSERT_NEAR(analytic, numeric, tolerance * std::max({std::abs(analytic), std::abs(numeric), 1.0}))
        << name << ", entry " << i;
  }
  EXPECT_GT(largest(gradient), 1e-3) << name;
}

TEST(GradientFlow_13_7, AHooksGradientIsThatOfTheLoss) {
  const Indices ids({1, 3}, {1, 4, 2});
  for (const Positions positions : {Positions::learned, Positions::rotary}) {
    Generator g(6);
    GPT gpt = loud(GPT({.vocabulary = 5,
                        .context = 3,
                        .width = 4,
                        .layers = 1,
                        .heads = 2,
                        .hidden = 3,
                        .tied = false,
                        .positions = positions},
                       g));
    for (const HookFlags& flags : {HookFlags{.use_attn_result = true, .use_hook_mlp_in = true},
                                   HookFlags{.use_attn_in = true}, HookFlags{.use_split_qkv_input = true}}) {
      gpt.set_hook_flags(flags);
      for (const auto& [name, point] : hook_points(gpt)) {
        const bool input = name.ends_with("_input"), attn_in = name.ends_with("hook_attn_in");
        const bool needs_others = input != flags.use_split_qkv_input || attn_in != flags.use_attn_in;
        const bool seen_before = positions == Positions::rotary && name.find("rot") == std::string::npos;
        if (needs_others || seen_before) continue;
        if (flags.use_attn_result || input || attn_in) expect_hook_gradient(gpt, ids, name);
      }
    }
  }
}

TEST(GradientFlow_13_7, ReplacingGradientsReachesWhatLiesBefore) {
  const nlohmann::json all = golden("hooks.json");
  const auto embedding_gradient = [&](const HookRequests& requests) {
    GPT gpt = golden_gpt(all);
    const HookScope scope(gpt, requests);
    golden_loss(gpt, golden_ids).backward();
    return std::pair(gpt.embed.weight.grad(), gpt.unembed.weight.grad());
  };
  const GradientHook twice = [](const Array& g, HookPlace&) { return g * Real{2}; };
  const auto [plain, plain_head] = embedding_gradient({});
  const auto [doubled, same_head] = embedding_gradient({{.at = "blocks.0.hook_resid_post", .backward = twice}});
  EXPECT_TRUE(near(doubled, plain * Real{2}, golden_tolerance));
  EXPECT_TRUE(near(same_head, plain_head, exactly)) << "what comes after is not touched";
}

// A severed branch, made on purpose: its parameters get nothing, and those of the other branch still do.
TEST(GradientFlow_13_7, ADetachedBranchWouldBeSeen) {
  GPT gpt = golden_gpt(golden("hooks.json"));
  const auto handle = gpt.blocks[0].hook_mlp_out.add_hook([](const Tensor& x, HookPlace&) { return x.detach(); });
  golden_loss(gpt, golden_ids).backward();
  EXPECT_FALSE(gpt.blocks[0].mlp.fc1.weight.grad().defined());
  EXPECT_FALSE(gpt.blocks[0].ln2.weight.grad().defined());
  EXPECT_TRUE(grad_ok(gpt.blocks[0].attn.out.weight.grad(), {4, 4}, 1e-3));
}

// A tied weight is used twice, and its gradient is the sum.
TEST(GradientFlow_13_7, ATiedWeightGetsBothShares) {
  Generator g(7), h(7);
  const GPTOptions tied{.vocabulary = 5, .context = 3, .width = 4, .layers = 1, .heads = 2, .hidden = 3};
  GPTOptions untied = tied;
  untied.tied = false;
  GPT one = loud(GPT(tied, g)), two = GPT(untied, h);
  StateDict state = one.state_dict();
  two.load_state_dict(state);
  const Indices ids({1, 3}, {1, 4, 2}), targets({1, 3}, {4, 2, 0});
  cross_entropy(one(ids), targets).backward();
  cross_entropy(two(ids), targets).backward();
  EXPECT_TRUE(near(one.embed.weight.grad(), plus(two.embed.weight.grad(), two.unembed.weight.grad()), layer_tolerance));
  EXPECT_GT(largest(two.embed.weight.grad()), 1e-3);
  EXPECT_GT(largest(two.unembed.weight.grad()), 1e-3);
}

}  // namespace
}  // namespace rushlight::test
