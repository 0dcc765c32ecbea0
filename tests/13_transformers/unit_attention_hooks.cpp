// What the hook points of attention see, and what they may change.
#include "layers.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_13_5, EveryHookPointSeesWhatItsNameSays) {
  HookedAttention layer = attention({.width = 8, .heads = 4, .groups = 2, .rotary = true});
  const Array x = randn({2, 3, 8}, 6);
  const auto run = [&] { layer.forward(x, {.causal = true}); };
  const PlainHeads before = plain_attend(layer, x, x), after = plain_attend(layer, x, x, plain_causal(), true);
  const auto tokens_first = [](const Array& y, std::int64_t heads) {
    return plain_merge(y).with_shape({2, 3, heads, 2});
  };
  EXPECT_TRUE(near(seen_at(layer.hook_q, run), tokens_first(before.q, 4), layer_tolerance));
  EXPECT_TRUE(near(seen_at(layer.hook_k, run), tokens_first(before.k, 2), layer_tolerance));
  EXPECT_TRUE(near(seen_at(layer.hook_v, run), tokens_first(before.v, 2), layer_tolerance));
  EXPECT_TRUE(near(seen_at(layer.hook_rot_q, run), tokens_first(after.q, 4), layer_tolerance));
  EXPECT_TRUE(near(seen_at(layer.hook_rot_k, run), tokens_first(after.k, 2), layer_tolerance));
  EXPECT_TRUE(near(seen_at(layer.hook_pattern, run), {2, 4, 3, 3}, after.attention.pattern, layer_tolerance));
  const Array scores = seen_at(layer.hook_attn_scores, run);
  ASSERT_EQ(scores.shape(), (Shape{2, 4, 3, 3}));
  for (std::int64_t i = 0; i < scores.size(); ++i) {
    EXPECT_EQ(std::isinf(scores.data()[i]), i % 3 > i / 3 % 3) << "masked scores are -inf, entry " << i;
  }
  const std::vector<double>& z = after.attention.out;
  const Array z_BHTK({2, 4, 3, 2}, std::vector<Real>(z.begin(), z.end()));
  EXPECT_TRUE(near(seen_at(layer.hook_z, run), tokens_first(z_BHTK, 4), layer_tolerance));
}

TEST(Unit_13_5, TheResultOfEveryHead) {
  HookedAttention layer = attention({.width = 6, .heads = 3});
  const Array x = randn({2, 4, 6}, 7), expected = layer(x).value();
  EXPECT_FALSE(seen_at(layer.hook_result, [&] { layer(x); }).defined()) << "silent without its flag";
  layer.use_attn_result = true;
  EXPECT_TRUE(near(layer(x).value(), expected, layer_tolerance));
  const Array result = seen_at(layer.hook_result, [&] { layer(x); });
  ASSERT_EQ(result.shape(), (Shape{2, 4, 3, 6}));
  EXPECT_TRUE(near(plus(sum(result, {2}), layer.out.bias.value()), expected, layer_tolerance));
  const auto alone = layer.hook_z.add_hook([](const Tensor& z, HookPlace&) {  // only head 1 has something to say
    return z * Tensor(Array({3, 1}, {0, 1, 0}));
  });
  EXPECT_TRUE(near(plus(slice(result, 2, {1, 2}).with_shape({2, 4, 6}), layer.out.bias.value()), layer(x).value(),
                   layer_tolerance));
}

TEST(Unit_13_5, HooksReplace) {
  HookedAttention layer = attention({.width = 4, .heads = 2});
  const Array x = randn({1, 3, 4}, 8);
  {
    const auto handle = layer.hook_pattern.add_hook(
        [](const Tensor& p, HookPlace&) { return Tensor(Array::full(p.shape(), static_cast<Real>(1 / 3.0))); });
    const Array v = plain_linear(layer.v, x);
    Array average = zeros({1, 3, 4});
    for (int i = 0; i < 12; ++i) {
      average.mutable_data()[i] = (v.data()[i % 4] + v.data()[4 + i % 4] + v.data()[8 + i % 4]) / 3;
    }
    EXPECT_TRUE(near(layer(x).value(), plain_linear(layer.out, average), layer_tolerance));
  }
  const auto twice = [](const Tensor& y, HookPlace&) { return y * Real{2}; };
  const auto handle = layer.hook_attn_scores.add_hook(twice);
  const double scale = 2 / std::sqrt(2.0);
  EXPECT_TRUE(near(layer(x).value(), plain_attend(layer, x, x, {.scale = scale}).out, layer_tolerance));
}

TEST(Unit_13_5, TheCallersObserversComeFirst) {
  HookedAttention layer = attention({.width = 4, .heads = 2});
  std::string order;
  const AttentionOptions options{.on_scores =
                                     [&](const Tensor& x) {
                                       order += "s";
                                       return x;
                                     },
                                 .on_pattern =
                                     [&](const Tensor& x) {
                                       order += "p";
                                       return x;
                                     }};
  layer.forward(randn({1, 2, 4}, 9), options);
  EXPECT_EQ(order, "sp");
  const auto a = layer.hook_attn_scores.add_hook(watch([&](const Tensor&) { order += "S"; }));
  const auto b = layer.hook_pattern.add_hook(watch([&](const Tensor&) { order += "P"; }));
  layer.forward(randn({1, 2, 4}, 9), options);
  EXPECT_EQ(order, "spsSpP");
}

// A fake faster kernel, which cannot be mistaken for the composed path: it gives zeros.
AttentionForward nothing(const Array& q, const Array&, const Array& v, const AttentionCall&) {
  return {zeros({q.dim(0), q.dim(1), q.dim(2), v.dim(3)}), Array()};
}

TEST(Unit_13_5, AHookOnScoresOrPatternForcesTheComposedPath) {
  HookedAttention layer = attention({.width = 4, .heads = 2});
  const Array x = randn({1, 3, 4}, 10), expected = plain_attend(layer, x, x).out;
  const Array from_zeros = broadcast_to(layer.out.bias.value(), {1, 3, 4});
  attention_slot.install(Device::cpu, {nothing, nullptr});
  const Array fused = layer(x).value();
  Array watched, elsewhere;
  std::vector<Array> forced;
  for (HookPoint* point : {&layer.hook_attn_scores, &layer.hook_pattern}) {
    const auto handle = point->add_hook(watch());
    forced.push_back(layer(x).value());
  }
  {
    const auto handle = layer.hook_z.add_hook(watch());
    elsewhere = layer(x).value();
  }
  attention_slot.remove(Device::cpu);
  EXPECT_TRUE(near(fused, from_zeros, exactly)) << "no hook: the kernel runs";
  for (const Array& each : forced) EXPECT_TRUE(near(each, expected, layer_tolerance));
  EXPECT_TRUE(near(elsewhere, from_zeros, exactly)) << "other hook points leave the kernel in place";
}

}  // namespace
}  // namespace rushlight::test
