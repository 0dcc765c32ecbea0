// A single hook is enough, of either direction and at any place: nobody else need listen for it to be called.
#include "gpts.hpp"
#include "layers.hpp"

namespace rushlight::test {
namespace {

const HookFlags all_flags{
    .use_attn_result = true, .use_split_qkv_input = true, .use_attn_in = true, .use_hook_mlp_in = true};

TEST(Unit_13_4, EveryHookOfTheNormAndTheFeedForwardLayerAlone) {
  Generator g(1);
  HookedLayerNorm norm = loud(HookedLayerNorm({.width = 6}));
  FeedForward layer = loud(FeedForward({.width = 6, .hidden = 5}, g));
  const Tensor x(randn({2, 3, 6}, 2), true);
  expect_every_hook_alone(norm, [&] { return norm(x); });
  expect_every_hook_alone(layer, [&] { return layer(x); });
}

TEST(Unit_13_5, EveryHookOfAttentionAlone) {
  for (const bool rotary : {false, true}) {
    HookedAttention layer = loud(attention({.width = 8, .heads = 4, .groups = 2, .rotary = rotary}));
    layer.use_attn_result = true;
    const Tensor x(randn({2, 3, 8}, 3), true);
    expect_every_hook_alone(layer, [&] { return layer(x); });
  }
}

TEST(Unit_13_6, EveryHookOfBlocksAlone) {
  Generator g(1);
  TransformerBlock block = loud(TransformerBlock({.width = 4, .heads = 2}, g));
  block.set_hook_flags(all_flags);
  DecoderLayer decoder = loud(DecoderLayer({.width = 4, .heads = 2, .rotary = true}, g));
  decoder.self_attn.use_attn_result = decoder.cross_attn.use_attn_result = true;
  const Tensor x(randn({1, 3, 4}, 4), true), memory(randn({1, 5, 4}, 5));
  expect_every_hook_alone(block, [&] { return block(x); });
  expect_every_hook_alone(decoder, [&] { return decoder.forward(x, memory); });
}

TEST(Unit_13_7, EveryHookOfAGptAlone) {
  for (const Positions positions : {Positions::learned, Positions::rotary}) {
    GPTOptions options = small_options;
    options.positions = positions;
    options.layers = 1;
    GPT gpt = loud(make_gpt(options));
    gpt.set_hook_flags(all_flags);
    expect_every_hook_alone(gpt, [&] { return gpt(some_ids()); });
  }
}

}  // namespace
}  // namespace rushlight::test
