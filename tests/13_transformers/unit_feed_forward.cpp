// The norm and the feed-forward layer, each against plain loops, and what their hook points see.
#include "layers.hpp"
#include "support/stand_ins.hpp"

namespace rushlight::test {
namespace {

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

TEST(Unit_13_4, OthersMayStandInForItsLayers) {
  Generator g(1);
  FeedForward layer({.width = 4, .hidden = 7}, g);
  const Array x = randn({2, 3, 4}, 3);
  for (Linear* each : {&layer.fc1, &layer.fc2}) EXPECT_EQ(calls_of_stand_in(*each, [&] { layer(x); }), 1);
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

}  // namespace
}  // namespace rushlight::test
