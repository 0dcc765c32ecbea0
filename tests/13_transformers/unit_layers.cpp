// The norm, the feed-forward layer and attention, each against plain loops, and what their hook points see.
#include "plain.hpp"

namespace rushlight::test {
namespace {

// The names of the ops that run() performs.
std::string ops_of(const std::function<void()>& run) {
  std::string names;
  const OpObserver before = set_op_observer([&](const char* op, const Array&) { names += std::string(op) + " "; });
  run();
  set_op_observer(before);
  return names;
}

// What passes the point while run() is under way.
Array seen_at(HookPoint& point, const std::function<void()>& run) {
  Array seen;
  const auto handle = point.add_hook(watch([&](const Tensor& x) { seen = x.value().clone(); }));
  run();
  return seen;
}

// --- 13.4 -------------------------------------------------------------------------------------------------------

TEST(Unit_13_4, ARowOfEqualNumbersIsZeroWithHooksAndWithout) {
  for (const std::int64_t width : {3, 7, 48, 100}) {
    const Tensor x(Array::full({2, width}, static_cast<Real>(12345.678)));
    HookedLayerNorm quiet({.width = width}), hooked({.width = width});
    const auto handle = hooked.hook_scale.add_hook(watch());
    const Tensor without = quiet(x), with = hooked(x);
    for (const Real each : without.value().data()) ASSERT_EQ(each, 0) << width;
    for (const Real each : with.value().data()) ASSERT_EQ(each, 0) << width << ", with hooks";
  }
}

TEST(Unit_13_4, NormInPlainLoops) {
  HookedLayerNorm norm = loud(HookedLayerNorm({.width = 6}));
  for (const Shape& shape : {Shape{2, 3, 6}, Shape{6}, Shape{2, 2, 3, 6}, Shape{0, 6}}) {
    const Array x = randn(shape, 1);
    EXPECT_TRUE(near(norm(x).value(), plain_norm(norm, x).y, layer_tolerance));
  }
}

TEST(Unit_13_4, WithoutHooksTheNormIsOneOp) {
  HookedLayerNorm norm({.width = 6});
  const Array x = randn({2, 6}, 1);
  EXPECT_EQ(ops_of([&] { norm(x); }), "layer_norm ");
}

TEST(Unit_13_4, WithAHookTheNormIsTheSameNumbers) {
  HookedLayerNorm norm = loud(HookedLayerNorm({.width = 6, .eps = 0.1}));
  const Array x = randn({2, 3, 6}, 2);
  const PlainNorm plain = plain_norm(norm, x, 0.1);
  const Array fast = norm(x).value();
  for (HookPoint* point : {&norm.hook_scale, &norm.hook_normalized}) {
    const auto handle = point->add_hook(watch());
    EXPECT_TRUE(near(norm(x).value(), fast, layer_tolerance));
  }
  const auto only_backward = norm.hook_scale.add_gradient_hook(watch_gradient());
  EXPECT_TRUE(near(norm(x).value(), plain.y, layer_tolerance));
}

TEST(Unit_13_4, TheNormsHookPoints) {
  HookedLayerNorm norm = loud(HookedLayerNorm({.width = 6, .eps = 0.1}));
  const Array x = randn({2, 3, 6}, 2);
  const PlainNorm plain = plain_norm(norm, x, 0.1);
  EXPECT_TRUE(near(seen_at(norm.hook_scale, [&] { norm(x); }), {2, 3, 1}, plain.scale, layer_tolerance));
  EXPECT_TRUE(near(seen_at(norm.hook_normalized, [&] { norm(x); }), {2, 3, 6}, plain.normalized, layer_tolerance));
}

TEST(Unit_13_4, HooksChangeTheNorm) {
  HookedLayerNorm norm({.width = 2, .eps = 1e-12});
  const Tensor x(Array({1, 2}, {1, 5}));  // mean 3, deviation 2: (-1, 1)
  {
    const auto handle = norm.hook_scale.add_hook([](const Tensor& s, HookPlace&) { return s * Real{4}; });
    EXPECT_TRUE(near(norm(x).value(), {1, 2}, {-0.25, 0.25}));
  }
  const auto handle = norm.hook_normalized.add_hook([](const Tensor& n, HookPlace&) { return n + Tensor(Real{7}); });
  EXPECT_TRUE(near(norm(x).value(), {1, 2}, {6, 8}));
}

TEST(Unit_13_4, FeedForwardInPlainLoops) {
  Generator g(1);
  FeedForward layer({.width = 4, .hidden = 7}, g);
  for (const Shape& shape : {Shape{2, 3, 4}, Shape{4}, Shape{0, 4}}) {
    const Array x = uniform(shape, 2, -5, 5);
    EXPECT_TRUE(near(layer(x).value(), plain_feed_forward(layer, x), layer_tolerance));
  }
}

TEST(Unit_13_4, FeedForwardsHookPoints) {
  Generator g(1);
  FeedForward layer({.width = 4, .hidden = 7}, g);
  const Array x = uniform({2, 3, 4}, 2, -5, 5), pre = plain_linear(layer.fc1, x);
  EXPECT_TRUE(near(seen_at(layer.hook_pre, [&] { layer(x); }), pre, layer_tolerance));
  EXPECT_TRUE(near(seen_at(layer.hook_post, [&] { layer(x); }), plain_gelu(pre), layer_tolerance));
  const auto handle = layer.hook_post.add_hook([](const Tensor& h, HookPlace&) { return h * Real{0}; });
  EXPECT_TRUE(near(layer(x).value(), broadcast_to(layer.fc2.bias.value(), {2, 3, 4}), exactly));
}

TEST(Unit_13_4, NamesShapesAndDefaults) {
  Generator g(1);
  FeedForward layer({.width = 4}, g);
  EXPECT_EQ(layer.fc1.weight.shape(), (Shape{16, 4}));
  EXPECT_EQ(layer(zeros({1, 2, 4})).shape(), (Shape{1, 2, 4}));
  EXPECT_THROWS_WITH(HookedLayerNorm({.width = 0}), ValueError, "width 0");
  EXPECT_THROWS_WITH(HookedLayerNorm({.width = 2, .eps = 0}), ValueError, "eps");
  HookedLayerNorm norm({.width = 3});
  EXPECT_THROWS_WITH(norm(zeros({2, 4})), ShapeError, "(2, 4)");
  EXPECT_THROWS_WITH(layer(zeros({2, 3})), ShapeError, "(2, 3)");
}

// --- 13.5 -------------------------------------------------------------------------------------------------------

HookedAttention attention(HookedAttentionOptions options, std::uint64_t seed = 1) {
  Generator g(seed);
  return HookedAttention(options, g);
}

TEST(Unit_13_5, InPlainLoops) {
  for (const std::int64_t groups : {1, 2, 4}) {
    HookedAttention layer = attention({.width = 8, .heads = 4, .groups = groups});
    const Array x = randn({2, 5, 8}, 2);
    EXPECT_TRUE(near(layer(x).value(), plain_attend(layer, x, x).out, layer_tolerance));
    EXPECT_TRUE(near(layer.forward(x, {.causal = true}).value(), plain_attend(layer, x, x, plain_causal()).out,
                     layer_tolerance));
  }
}

TEST(Unit_13_5, AcrossInPlainLoops) {
  HookedAttention layer = attention({.width = 6, .heads = 3});
  const Array x = randn({2, 4, 6}, 3), context = randn({2, 7, 6}, 4);
  const Mask mask = padding_mask(Indices({2}, {7, 3}), 7);
  EXPECT_TRUE(near(layer.forward(x, context, context, {.mask = mask}).value(),
                   plain_attend(layer, x, context, {.may_see = seen_through(mask)}).out, layer_tolerance));
}

TEST(Unit_13_5, ScaleAndBiasReachTheScores) {
  HookedAttention layer = attention({.width = 8, .heads = 4, .groups = 2});
  const Array x = randn({2, 5, 8}, 2), bias = randn({4, 5, 5}, 4);
  const PlainOptions plain{.scale = 3, .bias = biased_by(bias)};
  EXPECT_TRUE(near(layer.forward(x, {.bias = bias, .scale = 3}).value(), plain_attend(layer, x, x, plain).out,
                   layer_tolerance));
  const auto handle = layer.hook_pattern.add_hook(watch());
  EXPECT_TRUE(
      near(layer.forward(x, {.bias = bias, .scale = 3}).value(), plain_attend(layer, x, x, plain).out, layer_tolerance))
      << "with a hook";
}

TEST(Unit_13_5, RotaryWithDropoutInTraining) {
  HookedAttention layer = attention({.width = 8, .heads = 2, .dropout = 0.5, .rotary = true});
  const Array x = randn({1, 6, 8}, 5);
  const Array pattern = seen_at(layer.hook_pattern, [&] { layer(x); });
  const std::vector<double>& whole = plain_attend(layer, x, x, {}, true).attention.pattern;
  int kept = 0;
  for (std::int64_t i = 0; i < pattern.size(); ++i) {
    if (pattern.data()[i] == 0) continue;
    ++kept;
    EXPECT_NEAR(pattern.data()[i], 2 * whole[static_cast<std::size_t>(i)], 1e-4) << "entry " << i;
  }
  EXPECT_GT(kept, 15);
  EXPECT_LT(kept, 57);
  layer.eval();
  EXPECT_TRUE(near(layer(x).value(), plain_attend(layer, x, x, {}, true).out, layer_tolerance));
}

TEST(Unit_13_5, RotaryInPlainLoops) {
  HookedAttention layer = attention({.width = 8, .heads = 2, .groups = 1, .rotary = true});
  const Array x = randn({2, 5, 8}, 5);
  EXPECT_TRUE(near(layer(x).value(), plain_attend(layer, x, x, {}, true).out, layer_tolerance));
}

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

TEST(Unit_13_5, NoMoreCopiesThanTheMathAsksFor) {
  HookedAttention layer = attention({.width = 4, .heads = 2});
  int permutes = 0, linears = 0;
  const OpObserver before = set_op_observer([&](const char* op, const Array&) {
    permutes += std::string(op) == "permute";
    linears += std::string(op) == "linear";
  });
  layer(randn({1, 3, 4}, 10));
  set_op_observer(before);
  EXPECT_LE(permutes, 4) << "q, k, v to heads in front, and the result back: each is a copy";
  EXPECT_EQ(linears, 4);
}

TEST(Unit_13_5, CopiesForEveryHead) {
  HookedAttention layer = attention({.width = 8, .heads = 4, .groups = 2});
  const Array x = randn({2, 3, 8}, 11);
  const Tensor for_queries = broadcast_to(Tensor(x.with_shape({2, 3, 1, 8})), {2, 3, 4, 8});
  const Tensor for_keys = broadcast_to(Tensor(x.with_shape({2, 3, 1, 8})), {2, 3, 2, 8});
  const Array expected = plain_attend(layer, x, x).out;
  EXPECT_TRUE(near(layer.forward(for_queries, for_keys, for_keys, {}).value(), expected, layer_tolerance));
  EXPECT_TRUE(near(layer.forward(x, for_keys, Tensor(x), {}).value(), expected, layer_tolerance));
}

TEST(Unit_13_5, ProjectThenAttendIsForward) {
  HookedAttention layer = attention({.width = 8, .heads = 2, .groups = 1, .rotary = true});
  const Tensor x(randn({2, 5, 8}, 12));
  const HookedAttention::Heads all = layer.project(x, x, x);
  EXPECT_EQ(all.q.shape(), (Shape{2, 2, 5, 4}));
  EXPECT_EQ(all.k.shape(), (Shape{2, 1, 5, 4}));
  EXPECT_EQ(all.v.shape(), (Shape{2, 1, 5, 4}));
  EXPECT_TRUE(near(layer.attend(all, {.causal = true}).value(), layer.forward(x, {.causal = true}).value(), exactly));
  // The last two tokens alone, as a cache would have them.
  const Tensor last = slice(x, 1, {3});
  const HookedAttention::Heads part = layer.project(last, last, last, 3);
  EXPECT_TRUE(near(part.q.value(), slice(all.q.value(), 2, {3}), layer_tolerance));
  EXPECT_TRUE(near(part.k.value(), slice(all.k.value(), 2, {3}), layer_tolerance));
  EXPECT_TRUE(near(layer.attend({part.q, all.k, all.v}, {.causal = true}).value(),
                   slice(layer.forward(x, {.causal = true}).value(), 1, {3}), layer_tolerance));
}

TEST(Unit_13_5, DropoutInTrainingOnly) {
  HookedAttention layer = attention({.width = 4, .heads = 2, .dropout = 0.5});
  const Array x = randn({1, 6, 4}, 13);
  Generator strange(9);
  const Generator::State untouched = strange.state();
  EXPECT_FALSE(near(layer(x).value(), layer(x).value(), {1e-3, 1e-3})) << "a second pass draws a second mask";
  layer.forward(x, {.dropout = 0.1, .generator = &strange});
  EXPECT_EQ(strange.state(), untouched) << "the layer has a source of its own";
  layer.eval();
  EXPECT_TRUE(near(layer.forward(x, {.dropout = 0.1, .generator = &strange}).value(), plain_attend(layer, x, x).out,
                   layer_tolerance));
  EXPECT_EQ(layer.named_generators().size(), 1u);
}

TEST(Unit_13_5, Errors) {
  EXPECT_THROWS_WITH(attention({.width = 6, .heads = 4}), ValueError, "6", "4 heads");
  EXPECT_THROWS_WITH(attention({.width = 8, .heads = 0}), ValueError, "0 heads");
  EXPECT_THROWS_WITH(attention({.width = 8, .heads = 4, .groups = 3}), ValueError, "4 heads", "3 groups");
  EXPECT_THROWS_WITH(attention({.width = 8, .heads = 4, .dropout = 1}), ValueError, "dropout");
  EXPECT_THROWS_WITH(attention({.width = 6, .heads = 2, .rotary = true}), ValueError, "rotary", "3 wide");
  HookedAttention layer = attention({.width = 6, .heads = 2});
  const Tensor x(zeros({2, 3, 6}));
  EXPECT_THROWS_WITH(layer(zeros({2, 3, 5})), ShapeError, "(2, 3, 5)");
  EXPECT_THROWS_WITH(layer(zeros({3, 6})), ShapeError, "(3, 6)");
  EXPECT_THROWS_WITH(layer.forward(zeros({2, 3, 3, 6}), x, x, {}), ShapeError, "(2, 3, 3, 6)", "2");
  EXPECT_THROWS_WITH(layer.forward(x, zeros({1, 3, 6}), x, {}), ShapeError, "attention");
}

}  // namespace
}  // namespace rushlight::test
