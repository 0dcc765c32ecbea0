// Blocks, against plain loops.
#include "05_autograd/autograd.hpp"
#include "plain.hpp"
#include "support/stand_ins.hpp"

namespace rushlight::test {
namespace {

using Names = std::vector<std::string>;

TransformerBlock block(BlockOptions options, std::uint64_t seed = 1) {
  Generator g(seed);
  return loud(TransformerBlock(options, g));
}

TEST(Unit_13_6, BlockInPlainLoops) {
  TransformerBlock plain = block({.width = 4, .heads = 2, .hidden = 5});
  const Array x = randn({2, 3, 4}, 1);
  EXPECT_TRUE(near(plain(x).value(), plain_block(plain, x), layer_tolerance));
  EXPECT_TRUE(near(plain.forward(x, {.causal = true}).value(), plain_block(plain, x, plain_causal()), layer_tolerance));
  TransformerBlock turning = block({.width = 8, .heads = 4, .groups = 2, .rotary = true});
  const Array wide = randn({1, 4, 8}, 2);
  EXPECT_TRUE(near(turning(wide).value(), plain_block(turning, wide, {}, true), layer_tolerance));
  EXPECT_EQ(turning.mlp.fc1.weight.shape(), (Shape{32, 8})) << "hidden is 4·width unless told otherwise";
}

TEST(Unit_13_6, BlockLeavesItsInputAlone) {
  TransformerBlock layer = block({.width = 4, .heads = 2});
  const Array x = randn({2, 3, 4}, 1), before = x.clone();
  layer(x);
  EXPECT_TRUE(same_bits(x, before));
}

TEST(Unit_13_6, SixteenParametersInOrder) {
  TransformerBlock layer = block({.width = 4, .heads = 2, .groups = 1, .hidden = 3});
  NamedShapes listed;
  for (const auto& [name, parameter] : layer.named_parameters()) listed.emplace_back(name, parameter.shape());
  EXPECT_EQ(listed.size(), 16u);
  EXPECT_EQ(listed, block_shapes(4, 2, 3));
}

// A branch whose last layer is zero adds nothing: then the block is the identity, and the hook points tell which way.
TEST(Unit_13_6, SilentBranchesLeaveTheStream) {
  TransformerBlock layer = block({.width = 4, .heads = 2});
  for (Linear* last : {&layer.attn.out, &layer.mlp.fc2}) {
    last->weight.set_value(zeros(last->weight.shape()));
    last->bias.set_value(zeros(last->bias.shape()));
  }
  const Array x = randn({2, 3, 4}, 1);
  EXPECT_TRUE(near(layer(x).value(), x, exactly));
}

TEST(Unit_13_6, BlocksHookPointsSeeWhatTheirNamesSay) {
  TransformerBlock layer = block({.width = 4, .heads = 2});
  const Array x = randn({2, 3, 4}, 3), read = plain_norm(layer.ln1, x).y;
  const Array attn_out = plain_attend(layer.attn, read, read).out, middle = plus(x, attn_out);
  const Array mlp_out = plain_feed_forward(layer.mlp, plain_norm(layer.ln2, middle).y);
  const ActivationCache cache = run_with_cache(layer, [&] { return layer(x); }).cache;
  EXPECT_TRUE(near(cache.at("hook_resid_pre"), x, exactly));
  EXPECT_TRUE(near(cache.at("hook_attn_out"), attn_out, layer_tolerance));
  EXPECT_TRUE(near(cache.at("hook_resid_mid"), middle, layer_tolerance));
  EXPECT_TRUE(near(cache.at("hook_mlp_out"), mlp_out, layer_tolerance));
  EXPECT_TRUE(near(cache.at("hook_resid_post"), plus(middle, mlp_out), layer_tolerance));
  for (const char* silent : {"hook_attn_in", "hook_q_input", "hook_k_input", "hook_v_input", "hook_mlp_in"}) {
    EXPECT_EQ(cache.count(silent), 0u) << silent;
  }
}

TEST(Unit_13_6, HooksReplaceInTheStream) {
  TransformerBlock layer = block({.width = 4, .heads = 2});
  const Array x = randn({1, 3, 4}, 4), other = randn({1, 3, 4}, 5);
  const auto becomes = [&](const Tensor&, HookPlace&) { return Tensor(other); };
  const auto none = [](const Tensor& y, HookPlace&) { return y * Real{0}; };
  const auto with = [&](HookPoint& point, const ForwardHook& hook) {
    const auto handle = point.add_hook(hook);
    return layer(x).value();
  };
  EXPECT_TRUE(near(with(layer.hook_resid_post, becomes), other, exactly));
  EXPECT_TRUE(near(with(layer.hook_resid_pre, becomes), plain_block(layer, other), layer_tolerance))
      << "both the branch and the stream go on with what the hook gave";
  EXPECT_TRUE(near(with(layer.hook_resid_mid, becomes),
                   plus(other, plain_feed_forward(layer.mlp, plain_norm(layer.ln2, other).y)), layer_tolerance));
  EXPECT_TRUE(near(with(layer.hook_attn_out, none), plus(x, plain_feed_forward(layer.mlp, plain_norm(layer.ln2, x).y)),
                   layer_tolerance));
  const Array read = plain_norm(layer.ln1, x).y;
  EXPECT_TRUE(near(with(layer.hook_mlp_out, none), plus(x, plain_attend(layer.attn, read, read).out), layer_tolerance));
}

TEST(Unit_13_6, FlagsChangeNoNumber) {
  TransformerBlock layer = block({.width = 4, .heads = 2});
  const Array x = randn({2, 3, 4}, 6), expected = plain_block(layer, x, plain_causal());
  for (int bits = 0; bits < 16; ++bits) {
    layer.set_hook_flags({.use_attn_result = (bits & 1) != 0,
                          .use_split_qkv_input = (bits & 2) != 0,
                          .use_attn_in = (bits & 4) != 0,
                          .use_hook_mlp_in = (bits & 8) != 0});
    EXPECT_TRUE(near(layer.forward(x, {.causal = true}).value(), expected, layer_tolerance)) << "flags " << bits;
  }
}

TEST(Unit_13_6, AHookOnWhatABranchReadsLeavesTheStream) {
  TransformerBlock layer = block({.width = 4, .heads = 2});
  layer.set_hook_flags({.use_hook_mlp_in = true});
  const Array x = randn({1, 3, 4}, 7), other = randn({1, 3, 4}, 8), read = plain_norm(layer.ln1, x).y;
  const Array middle = plus(x, plain_attend(layer.attn, read, read).out);
  const auto handle = layer.hook_mlp_in.add_hook([&](const Tensor&, HookPlace&) { return Tensor(other); });
  EXPECT_TRUE(near(layer(x).value(), plus(middle, plain_feed_forward(layer.mlp, plain_norm(layer.ln2, other).y)),
                   layer_tolerance));
}

TEST(Unit_13_6, EachHeadReadsItsOwnCopy) {
  TransformerBlock layer = block({.width = 4, .heads = 2});
  layer.set_hook_flags({.use_split_qkv_input = true});
  const Array x = randn({1, 3, 4}, 9);
  // Zero the values that head 1 reads: only what head 0 says is left of the attention (norm of zeros is its bias).
  const auto handle = layer.hook_v_input.add_hook([](const Tensor& v, HookPlace&) {
    return v * Tensor(Array({2, 1}, {1, 0}));
  });
  Array keys_and_queries = plain_norm(layer.ln1, x).y;
  PlainHeads heads = plain_attend(layer.attn, keys_and_queries, keys_and_queries);
  const Array nothing = broadcast_to(layer.ln1.bias.value(), {1, 3, 4});
  const Array v_of_nothing = plain_split(plain_linear(layer.attn.v, nothing), 2);
  for (int i = 6; i < 12; ++i) heads.v.mutable_data()[i] = v_of_nothing.data()[i];
  const std::vector<double> z = plain_attention(heads.q, heads.k, heads.v, {}).out;
  const Array out =
      plain_linear(layer.attn.out, plain_merge(Array({1, 2, 3, 2}, std::vector<Real>(z.begin(), z.end()))));
  const Array middle = plus(x, out);
  EXPECT_TRUE(near(layer(x).value(), plus(middle, plain_feed_forward(layer.mlp, plain_norm(layer.ln2, middle).y)),
                   layer_tolerance));
}

TEST(Unit_13_6, OneCopyForEachHeadNeedsAsManyGroups) {
  TransformerBlock layer = block({.width = 4, .heads = 2, .groups = 1});
  layer.set_hook_flags({.use_split_qkv_input = true});
  const Array x = randn({1, 3, 4}, 10);
  EXPECT_TRUE(near(layer(x).value(), plain_block(layer, x), layer_tolerance));
  layer.set_hook_flags({.use_attn_in = true});
  EXPECT_THROWS_WITH(layer(x), ValueError, "hook_attn_in", "groups");
}

TEST(Unit_13_6, DropoutOnWhatABranchAdds) {
  TransformerBlock layer = block({.width = 64, .heads = 2, .hidden = 8, .dropout = 0.5});
  const Array x = randn({1, 8, 64}, 11);
  const ActivationCache cache = run_with_cache(layer, [&] { return layer(x); }).cache;
  for (const char* name : {"hook_attn_out", "hook_mlp_out"}) {
    const auto values = cache.at(name).data();
    const auto dropped = std::count(values.begin(), values.end(), Real{0});
    EXPECT_GT(dropped, 180) << name;
    EXPECT_LT(dropped, 332) << name;
  }
  const auto kept = cache.at("hook_resid_mid").data();
  EXPECT_EQ(std::count(kept.begin(), kept.end(), Real{0}), 0) << "the stream itself is never dropped";
  EXPECT_EQ(layer.named_generators().size(), 3u) << "pattern and two branches";
  layer.eval();
  // The feed-forward layer's outputs reach 15, and one of them may cancel: so many times the usual absolute error.
  constexpr Tolerance of_large_values{layer_tolerance.rtol, 15 * layer_tolerance.atol};
  EXPECT_TRUE(near(layer(x).value(), plain_block(layer, x), of_large_values));
}

TEST(Unit_13_6, EncoderInPlainLoops) {
  Generator g(2);
  Encoder encoder = loud(Encoder({.block = {.width = 4, .heads = 2, .hidden = 5}, .layers = 3}, g));
  const Array x = randn({2, 3, 4}, 12);
  const Mask mask = padding_mask(Indices({2}, {3, 2}), 3);
  const PlainOptions options{.may_see = seen_through(mask)};
  Array stream = x;
  for (const TransformerBlock& each : encoder.blocks) stream = plain_block(each, stream, options);
  EXPECT_TRUE(
      near(encoder.forward(x, {.mask = mask}).value(), plain_norm(encoder.ln_final, stream).y, layer_tolerance));
  EXPECT_EQ(encoder.named_parameters().size(), 3 * 16 + 2u);
  EXPECT_EQ(encoder.named_parameters()[16].first, "blocks.1.ln1.weight");
  EXPECT_THROWS_WITH(Encoder({.block = {.width = 4, .heads = 2}, .layers = 0}, g), ValueError, "0 layers");
}

// Scale, bias, mask: whatever a caller says must arrive in every block, not in the first alone.
TEST(Unit_13_6, AllOptionsReachEveryLayer) {
  Generator g(4);
  Encoder encoder = loud(Encoder({.block = {.width = 4, .heads = 2, .hidden = 5}, .layers = 3}, g));
  const Array x = randn({2, 3, 4}, 12), bias = randn({2, 3, 3}, 13);
  const PlainOptions plain{.scale = 2, .may_see = plain_causal().may_see, .bias = biased_by(bias)};
  const AttentionOptions options{.bias = bias, .causal = true, .scale = 2};
  Array stream = x;
  for (const TransformerBlock& each : encoder.blocks) stream = plain_block(each, stream, plain);
  EXPECT_TRUE(near(encoder.forward(x, options).value(), plain_norm(encoder.ln_final, stream).y, layer_tolerance));
  int seen = 0;
  encoder.forward(x, {.on_scores = [&](const Tensor& scores) {
                    ++seen;
                    return scores;
                  }});
  EXPECT_EQ(seen, 3) << "an observer sees every layer";

  DecoderLayer decoder = loud(DecoderLayer({.width = 4, .heads = 2, .hidden = 5}, g));
  const Array memory = randn({2, 5, 4}, 14), across = randn({2, 3, 5}, 15);
  EXPECT_TRUE(near(decoder.forward(x, memory, options, {.bias = across, .scale = 0.3}).value(),
                   plain_decoder(decoder, x, memory, plain, {.scale = 0.3, .bias = biased_by(across)}),
                   layer_tolerance));
}

TEST(Unit_13_6, OthersMayStandInForTheirLayers) {
  Generator g(6);
  DecoderLayer decoder({.width = 4, .heads = 2}, g);
  Encoder encoder({.block = {.width = 4, .heads = 2}, .layers = 2}, g);
  const Array x = randn({1, 3, 4}, 13), memory = randn({1, 2, 4}, 14);
  for (Module* each : std::vector<Module*>{&decoder.ln1, &decoder.ln2, &decoder.ln3, &decoder.mlp}) {
    EXPECT_EQ(calls_of_stand_in(*each, [&] { decoder.forward(x, memory); }), 1);
  }
  for (Module* each : std::vector<Module*>{&encoder.blocks[1].ln2, &encoder.blocks[1].mlp, &encoder.ln_final}) {
    EXPECT_EQ(calls_of_stand_in(*each, [&] { encoder(x); }), 1);
  }
}

TEST(Unit_13_6, Errors) {
  Generator g(1);
  EXPECT_THROWS_WITH(TransformerBlock({.width = 5, .heads = 2}, g), ValueError, "5", "2 heads");
  EXPECT_THROWS_WITH(TransformerBlock({.width = 4, .heads = 2, .dropout = 1}, g), ValueError, "dropout");
  TransformerBlock layer = block({.width = 4, .heads = 2});
  EXPECT_THROWS_WITH(layer(zeros({2, 3, 5})), ShapeError, "(2, 3, 5)");
  DecoderLayer decoder({.width = 4, .heads = 2}, g);
  EXPECT_THROWS_WITH(decoder.forward(zeros({2, 3, 4}), zeros({1, 3, 4})), ShapeError, "attention");
}

}  // namespace
}  // namespace rushlight::test
