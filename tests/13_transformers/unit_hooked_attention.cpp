// Attention against plain loops: with every option, in two steps, with copies, and with heads cut out.
#include "layers.hpp"
#include "support/stand_ins.hpp"

namespace rushlight::test {
namespace {

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

// As module 17 does it: rows of q, k and v go, and the columns of out that read them.
HookedAttention first_two_heads_of(HookedAttention layer) {
  for (Linear* each : {&layer.q, &layer.k, &layer.v}) {
    each->weight = slice(each->weight.value(), 0, {0, 4});
    each->bias = slice(each->bias.value(), 0, {0, 4});
  }
  layer.out.weight = slice(layer.out.weight.value(), 1, {0, 4});
  layer.set_heads(2, 2);
  return layer;
}

TEST(Unit_13_5, HeadsMayBeCutOut) {
  HookedAttention whole = attention({.width = 8, .heads = 4}),
                  cut = first_two_heads_of(attention({.width = 8, .heads = 4}));
  const auto silent = whole.hook_z.add_hook([](const Tensor& z, HookPlace&) {  // what is not there says nothing
    return z * Tensor(Array({4, 1}, {1, 1, 0, 0}));
  });
  const Array x = randn({2, 3, 8}, 14), expected = whole(x).value();
  EXPECT_TRUE(near(cut(x).value(), expected, layer_tolerance));
  cut.use_attn_result = true;
  EXPECT_TRUE(near(cut(x).value(), expected, layer_tolerance)) << "by the results of the heads";
}

TEST(Unit_13_5, OthersMayStandInForItsLayers) {
  HookedAttention layer = attention({.width = 4, .heads = 2});
  const Array x = randn({1, 3, 4}, 15);
  for (Linear* each : {&layer.q, &layer.k, &layer.v, &layer.out}) {
    EXPECT_EQ(calls_of_stand_in(*each, [&] { layer(x); }), 1);
  }
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

TEST(Unit_13_5, AsManyCopiesAsHeadsAndNoOtherNumber) {
  HookedAttention layer = attention({.width = 8, .heads = 4, .groups = 2});
  const Tensor x(zeros({2, 3, 8}));
  const auto run = [&](int place, const Tensor& input) {
    Tensors inputs{x, x, x};
    inputs[place] = input;
    return layer.project(inputs[0], inputs[1], inputs[2]);
  };
  for (const int place : {0, 1, 2}) {
    for (const std::int64_t copies : {0, 1, 2, 3, 4, 8}) {
      const Tensor input(zeros({2, 3, copies, 8}));
      if (copies == (place == 0 ? 4 : 2)) {
        EXPECT_NO_THROW(run(place, input)) << place;
      } else {
        EXPECT_THROW(run(place, input), ShapeError) << copies << " copies for input " << place;
      }
    }
    for (const Shape& rank : {Shape{8}, Shape{3, 8}, Shape{1, 2, 3, 4, 8}}) {
      EXPECT_THROW(run(place, Tensor(zeros(rank))), ShapeError) << rank.str() << " for input " << place;
    }
  }
}

}  // namespace
}  // namespace rushlight::test
