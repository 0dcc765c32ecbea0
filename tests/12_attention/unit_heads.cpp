// Heads, and the layer.
#include "plain_layer.hpp"
#include "support/stand_ins.hpp"

namespace rushlight::test {
namespace {

// --- 12.6 -------------------------------------------------------------------------------------------------------

TEST(Unit_12_6, SplitByHand) {  // two positions, two heads of two
  const Array x({1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_TRUE(near(split_heads(x, 2).value(), {1, 2, 2, 2}, {1, 2, 5, 6, 3, 4, 7, 8}, exactly));
}

TEST(Unit_12_6, MergeByHand) {
  const Array x({1, 2, 2, 2}, {1, 2, 5, 6, 3, 4, 7, 8});
  EXPECT_TRUE(near(merge_heads(x).value(), {1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}, exactly));
}

TEST(Unit_12_6, EachUndoesTheOther) {
  for (const std::int64_t heads : {1, 2, 3, 6}) {
    const Array x = randn({2, 5, 6}, 1);
    EXPECT_EQ(split_heads(x, heads).shape(), (Shape{2, heads, 5, 6 / heads}));
    EXPECT_TRUE(same_bits(merge_heads(split_heads(x, heads)).value(), x));
  }
}

TEST(Unit_12_6, EveryEntryHasItsPlace) {
  const Array x = randn({2, 3, 8}, 2), y = split_heads(x, 4).value();
  for (int b = 0; b < 2; ++b) {
    for (int h = 0; h < 4; ++h) {
      for (int t = 0; t < 3; ++t) {
        for (int i = 0; i < 2; ++i) {
          ASSERT_EQ(y.data()[((b * 4 + h) * 3 + t) * 2 + i], x.data()[(b * 3 + t) * 8 + h * 2 + i]);
        }
      }
    }
  }
}

TEST(Unit_12_6, EmptyAndErrors) {
  EXPECT_EQ(split_heads(zeros({0, 3, 4}), 2).shape(), (Shape{0, 2, 3, 2}));
  EXPECT_EQ(split_heads(zeros({2, 3, 0}), 2).shape(), (Shape{2, 2, 3, 0}));
  EXPECT_EQ(merge_heads(zeros({2, 2, 0, 3})).shape(), (Shape{2, 0, 6}));
  EXPECT_EQ(merge_heads(zeros({2, 0, 3, 4})).shape(), (Shape{2, 3, 0}));
  EXPECT_THROWS_WITH(split_heads(zeros({2, 3, 4}), -2), ShapeError, "-2");
  EXPECT_THROWS_WITH(split_heads(zeros({2, 3, 4}), 8), ShapeError, "8");
  EXPECT_THROWS_WITH(split_heads(zeros({2, 3, 4}), 3), ShapeError, "(2, 3, 4)", "3");
  EXPECT_THROWS_WITH(split_heads(zeros({2, 3, 4}), 0), ShapeError, "0");
  EXPECT_THROWS_WITH(split_heads(zeros({3, 4}), 2), ShapeError, "(3, 4)");
  EXPECT_THROWS_WITH(merge_heads(zeros({3, 4, 2})), ShapeError, "(3, 4, 2)");
}

// --- 12.7 -------------------------------------------------------------------------------------------------------

TEST(Unit_12_7, SelfAttentionInPlainLoops) {
  for (const std::int64_t heads : {1, 2, 4}) {
    MultiHeadAttention m = layer({.width = 8, .heads = heads});
    const Array x = randn({2, 5, 8}, 2);
    const MaySee earlier = [](auto, auto, auto t, auto s) { return s <= t; };
    EXPECT_TRUE(near(m(x).value(), {2, 5, 8}, plain_layer(m, x, x, heads, heads, {}), attention_tolerance));
    EXPECT_TRUE(near(m(x, {.causal = true}).value(), {2, 5, 8},
                     plain_layer(m, x, x, heads, heads, {.may_see = earlier}), attention_tolerance));
  }
}

TEST(Unit_12_7, CrossAttentionInPlainLoops) {
  MultiHeadAttention m = layer({.width = 6, .heads = 3});
  const Array x = randn({2, 4, 6}, 3), context = randn({2, 7, 6}, 4);
  const Mask mask = padding_mask(Indices({2}, {7, 3}), 7);
  EXPECT_TRUE(near(m.forward(x, context, {.mask = mask}).value(), {2, 4, 6},
                   plain_layer(m, x, context, 3, 3, {.may_see = seen_through(mask)}), attention_tolerance));
}

TEST(Unit_12_7, GroupedQueriesInPlainLoops) {
  for (const std::int64_t groups : {1, 2}) {
    MultiHeadAttention m = layer({.width = 8, .heads = 4, .groups = groups, .bias = false});
    const Array x = randn({1, 3, 8}, 5);
    EXPECT_TRUE(near(m(x).value(), {1, 3, 8}, plain_layer(m, x, x, 4, groups, {}), attention_tolerance));
  }
}

TEST(Unit_12_7, ScaleAndBiasReachTheScores) {
  MultiHeadAttention m = layer({.width = 8, .heads = 4, .groups = 2});
  const Array x = randn({2, 5, 8}, 2), context = randn({2, 7, 8}, 3);
  const Array own = randn({4, 5, 5}, 4), across = randn({4, 5, 7}, 5);
  EXPECT_TRUE(near(m(x, {.bias = own, .scale = 3}).value(), {2, 5, 8},
                   plain_layer(m, x, x, 4, 2, {.scale = 3, .bias = biased_by(own)}), attention_tolerance));
  EXPECT_TRUE(near(m.forward(x, context, {.bias = across, .scale = 0.1}).value(), {2, 5, 8},
                   plain_layer(m, x, context, 4, 2, {.scale = 0.1, .bias = biased_by(across)}), attention_tolerance));
}

TEST(Unit_12_7, ItIsAModule) {
  MultiHeadAttention m = layer({.width = 6, .heads = 2});
  Module& as_module = m;
  const Array x = randn({2, 3, 6}, 6);
  EXPECT_TRUE(same_bits(as_module(x).value(), m(x, {}).value()));
}

TEST(Unit_12_7, ParametersByName) {
  MultiHeadAttention m = layer({.width = 8, .heads = 4, .groups = 2});
  std::string names;
  for (const auto& [name, parameter] : m.named_parameters()) names += name + parameter.shape().str() + " ";
  EXPECT_EQ(
      names,
      "q.weight(8, 8) q.bias(8,) k.weight(4, 8) k.bias(4,) v.weight(4, 8) v.bias(4,) out.weight(8, 8) out.bias(8,) ");
  EXPECT_EQ(layer({.width = 8, .heads = 4, .bias = false}).named_parameters().size(), 4u);
  EXPECT_EQ(m(zeros({1, 2, 8})).shape(), (Shape{1, 2, 8}));
}

TEST(Unit_12_7, DropoutInTrainingOnly) {
  MultiHeadAttention m = layer({.width = 4, .heads = 2, .dropout = 0.5});
  const Array x = randn({1, 6, 4}, 7);
  const Array first = m(x).value(), second = m(x).value();
  EXPECT_FALSE(near(first, second, {1e-3, 1e-3})) << "a second pass draws a second mask";
  m.eval();
  EXPECT_TRUE(near(m(x).value(), {1, 6, 4}, plain_layer(m, x, x, 2, 2, {}), attention_tolerance));
  Generator callers(8);
  EXPECT_TRUE(same_bits(m(x, {.dropout = 0.5, .generator = &callers}).value(), m(x).value()));
}

TEST(Unit_12_7, TheRandomnessIsItsOwnAndCanBeRestored) {
  MultiHeadAttention m = layer({.width = 4, .heads = 2, .dropout = 0.5});
  const NamedGenerators sources = m.named_generators();
  ASSERT_EQ(sources.size(), 1u);
  const Array x = randn({1, 6, 4}, 8);
  const Generator::State state = sources[0].second->state();
  Generator strange(99);
  const Generator::State untouched = strange.state();
  const Array first = m(x, {.generator = &strange}).value();
  EXPECT_EQ(strange.state(), untouched) << "the layer has a source of its own";
  EXPECT_NE(sources[0].second->state(), state);
  sources[0].second->set_state(state);
  EXPECT_TRUE(same_bits(m(x, {.dropout = 0.1}).value(), first)) << "and a p of its own";
}

TEST(Unit_12_7, HooksReachTheInside) {
  MultiHeadAttention m = layer({.width = 4, .heads = 2});
  Shape scores, pattern;
  const auto note = [](Shape& shape) {
    return [&shape](const Tensor& x) {
      shape = x.shape();
      return x;
    };
  };
  m.forward(randn({3, 2, 4}, 9), randn({3, 5, 4}, 10), {.on_scores = note(scores), .on_pattern = note(pattern)});
  EXPECT_EQ(scores, (Shape{3, 2, 2, 5}));
  EXPECT_EQ(pattern, (Shape{3, 2, 2, 5}));
}

TEST(Unit_12_7, OthersMayStandInForItsLayers) {
  MultiHeadAttention m = layer({.width = 4, .heads = 2});
  const Array x = randn({1, 3, 4}, 12), context = randn({1, 5, 4}, 13);
  for (Linear* each : {&m.q, &m.k, &m.v, &m.out}) {
    EXPECT_EQ(calls_of_stand_in(*each, [&] { m(x); }), 1);
    EXPECT_EQ(calls_of_stand_in(*each, [&] { m.forward(x, context, {}); }), 1);
  }
}

TEST(Unit_12_7, StateMovesToAnotherLayer) {
  MultiHeadAttention from = layer({.width = 4, .heads = 2}), to = layer({.width = 4, .heads = 2}, 5);
  const Array x = randn({1, 3, 4}, 11);
  EXPECT_FALSE(near(to(x).value(), from(x).value(), {1e-3, 1e-3}));
  to.load_state_dict(from.state_dict());
  EXPECT_TRUE(same_bits(to(x).value(), from(x).value()));
}

TEST(Unit_12_7, Errors) {
  EXPECT_THROWS_WITH(layer({.width = 6, .heads = 4}), ValueError, "MultiHeadAttention", "6", "4 heads");
  EXPECT_THROWS_WITH(layer({.width = 0, .heads = 1}), ValueError, "width 0");
  EXPECT_THROWS_WITH(layer({.width = 4, .heads = 0}), ValueError, "0 heads");
  EXPECT_THROWS_WITH(layer({.width = 8, .heads = 4, .groups = 3}), ValueError, "4 heads", "3 groups");
  EXPECT_THROWS_WITH(layer({.width = 8, .heads = 4, .groups = -1}), ValueError, "-1 groups");
  EXPECT_THROWS_WITH(layer({.width = 8, .heads = 4, .dropout = 1}), ValueError, "dropout");
  MultiHeadAttention m = layer({.width = 6, .heads = 2});
  EXPECT_THROWS_WITH(m(zeros({2, 3, 5})), ShapeError, "(2, 3, 5)");
  EXPECT_THROWS_WITH(m(zeros({3, 6})), ShapeError, "(3, 6)");
  EXPECT_THROWS_WITH(m.forward(zeros({2, 3, 6}), zeros({1, 3, 6}), {}), ShapeError, "attention");
}

}  // namespace
}  // namespace rushlight::test
