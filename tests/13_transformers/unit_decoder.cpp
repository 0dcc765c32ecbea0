// The layer that reads a second sequence, against plain loops.
#include "plain.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_13_6, DecoderInPlainLoops) {
  Generator g(3);
  DecoderLayer layer = loud(DecoderLayer({.width = 4, .heads = 2, .hidden = 5}, g));
  const Array x = randn({2, 3, 4}, 13), memory = randn({2, 5, 4}, 14);
  EXPECT_TRUE(
      near(layer.forward(x, memory).value(), plain_decoder(layer, x, memory, plain_causal(), {}), layer_tolerance))
      << "causal unless told otherwise";
  const Mask mask = padding_mask(Indices({2}, {5, 2}), 5);
  EXPECT_TRUE(near(layer.forward(x, memory, {}, {.mask = mask}).value(),
                   plain_decoder(layer, x, memory, {}, {.may_see = seen_through(mask)}), layer_tolerance));
}

TEST(Unit_13_6, TwentySixParametersInOrder) {
  Generator g(3);
  DecoderLayer layer({.width = 4, .heads = 2, .hidden = 3}, g);
  NamedShapes listed;
  for (const auto& [name, parameter] : layer.named_parameters()) listed.emplace_back(name, parameter.shape());
  EXPECT_EQ(listed.size(), 26u);
  EXPECT_EQ(listed, decoder_shapes(4, 3));
}

TEST(Unit_13_6, DecodersHookPoints) {
  Generator g(3);
  DecoderLayer layer = loud(DecoderLayer({.width = 4, .heads = 2, .rotary = true}, g));
  const Array x = randn({1, 3, 4}, 15), memory = randn({1, 5, 4}, 16);
  const CachedRun run = run_with_cache(layer, [&] { return layer.forward(x, memory); });
  Array total = x;
  for (const char* name : {"hook_self_attn_out", "hook_cross_attn_out", "hook_mlp_out"}) {
    total = plus(total, run.cache.at(name));
  }
  EXPECT_TRUE(near(run.cache.at("hook_resid_pre"), x, exactly));
  EXPECT_TRUE(near(run.cache.at("hook_resid_post"), total, layer_tolerance));
  EXPECT_TRUE(near(run.out.value(), total, layer_tolerance));
  EXPECT_EQ(run.cache.at("cross_attn.hook_pattern").shape(), (Shape{1, 2, 3, 5}));
  EXPECT_EQ(run.cache.count("self_attn.hook_rot_q"), 1u);
  EXPECT_EQ(run.cache.count("cross_attn.hook_rot_q"), 0u) << "positions of two sequences do not compare";
}

TEST(Unit_13_6, HooksReplaceInTheStreamOfADecoder) {
  Generator g(3);
  DecoderLayer layer = loud(DecoderLayer({.width = 4, .heads = 2}, g));
  const Array x = randn({1, 3, 4}, 17), memory = randn({1, 5, 4}, 18), other = randn({1, 3, 4}, 19);
  const auto becomes = [&](const Tensor&, HookPlace&) { return Tensor(other); };
  const auto with = [&](HookPoint& point) {
    const auto handle = point.add_hook(becomes);
    return layer.forward(x, memory).value();
  };
  const auto cross = [&](const Array& stream) {
    return plus(stream, plain_attend(layer.cross_attn, plain_norm(layer.ln2, stream).y, memory).out);
  };
  const auto mlp = [&](const Array& stream) {
    return plus(stream, plain_feed_forward(layer.mlp, plain_norm(layer.ln3, stream).y));
  };
  const Array read = plain_norm(layer.ln1, x).y;
  const Array a = plus(x, plain_attend(layer.self_attn, read, read, plain_causal()).out);
  EXPECT_TRUE(
      near(with(layer.hook_resid_pre), plain_decoder(layer, other, memory, plain_causal(), {}), layer_tolerance))
      << "both the branch and the stream go on with what the hook gave";
  EXPECT_TRUE(near(with(layer.hook_self_attn_out), mlp(cross(plus(x, other))), layer_tolerance));
  EXPECT_TRUE(near(with(layer.hook_cross_attn_out), mlp(plus(a, other)), layer_tolerance));
  EXPECT_TRUE(near(with(layer.hook_mlp_out), plus(cross(a), other), layer_tolerance));
  EXPECT_TRUE(near(with(layer.hook_resid_post), other, exactly));
}

// Each dropout by itself: the pattern's and one for every branch, in training, with the probability that was asked for.
TEST(Unit_13_6, EveryBranchOfADecoderDropsInTraining) {
  Generator g(5);
  DecoderLayer layer = loud(DecoderLayer({.width = 64, .heads = 2, .hidden = 8, .dropout = 0.5}, g));
  const Array x = randn({1, 8, 64}, 11), memory = randn({1, 6, 64}, 12);
  const auto zeros_at = [&](const ActivationCache& cache, const char* name) {
    const auto values = cache.at(name).data();
    return std::count(values.begin(), values.end(), Real{0});
  };
  const ActivationCache cache = run_with_cache(layer, [&] { return layer.forward(x, memory, {}); }).cache;
  for (const char* name : {"hook_self_attn_out", "hook_cross_attn_out", "hook_mlp_out"}) {
    EXPECT_GT(zeros_at(cache, name), 180) << name;
    EXPECT_LT(zeros_at(cache, name), 332) << name;
  }
  EXPECT_GT(zeros_at(cache, "self_attn.hook_pattern"), 35);
  EXPECT_GT(zeros_at(cache, "cross_attn.hook_pattern"), 25);
  EXPECT_EQ(layer.named_generators().size(), 5u) << "two patterns and three branches";
  layer.eval();
  const ActivationCache still = run_with_cache(layer, [&] { return layer.forward(x, memory, {}); }).cache;
  for (const auto& [name, value] : still) EXPECT_EQ(zeros_at(still, name.c_str()), 0) << name << " in evaluation";
}

}  // namespace
}  // namespace rushlight::test
