// The layer: what a caller says arrives in self-attention and across, and what is the layer's own is not the caller's.
#include "plain_layer.hpp"

namespace rushlight::test {
namespace {

// Both ways into the layer: queries and context are the same, or they are not.
struct Way {
  const char* name;
  Array x, context;
  Array through(MultiHeadAttention& m, const AttentionOptions& options) const {
    return (x.shares_buffer_with(context) ? m(x, options) : m.forward(x, context, options)).value();
  }
};

std::vector<Way> both_ways(std::int64_t width) {
  const Array x = randn({2, 5, width}, 20);
  return {{"self", x, x}, {"across", x, randn({2, 7, width}, 21)}, {"across, less", x, randn({2, 3, width}, 22)}};
}

TEST(Unit_12_7, EveryOptionArrivesBothWays) {
  MultiHeadAttention m = layer({.width = 8, .heads = 4, .groups = 2});
  for (const Way& way : both_ways(8)) {
    const std::int64_t keys = way.context.dim(1);
    const Mask mask = random_mask({2, 1, 5, keys}, 23);
    const MaySee earlier = [keys](auto, auto, auto t, auto s) { return s <= t + keys - 5; };
    const auto expect = [&](const char* option, const AttentionOptions& options, const PlainOptions& plain) {
      EXPECT_TRUE(near(way.through(m, options), way.x.shape(), plain_layer(m, way.x, way.context, 4, 2, plain),
                       attention_tolerance))
          << option << ", " << way.name;
    };
    const Array bias = randn({4, 5, keys}, 24);
    expect("causal", {.causal = true}, {.may_see = earlier});
    expect("mask", {.mask = mask}, {.may_see = seen_through(mask)});
    expect("bias", {.bias = bias}, {.bias = biased_by(bias)});
    expect("scale", {.scale = -2}, {.scale = -2});
    const auto silence = [](const Tensor& x) { return x * Real{0}; };
    expect("on_scores", {.on_scores = silence}, {.scale = 1e-30});
    const Array out_of_nothing = broadcast_to(m.out.bias.value(), way.x.shape());
    EXPECT_TRUE(near(way.through(m, {.on_pattern = silence}), out_of_nothing, exactly)) << "on_pattern, " << way.name;
  }
}

TEST(Unit_12_7, DropoutIsTheLayersInTraining) {
  for (const Way& way : both_ways(4)) {
    MultiHeadAttention none = layer({.width = 4, .heads = 2}),
                       quarter = layer({.width = 4, .heads = 2, .dropout = 0.25});
    Generator strange(9);
    const Array clean = way.through(none, {});
    EXPECT_TRUE(same_bits(way.through(none, {.dropout = 0.5, .generator = &strange}), clean)) << way.name;
    EXPECT_TRUE(same_bits(way.through(none, {.dropout = 0.5}), clean)) << way.name << ", without a generator";
    Array whole, dropped;
    const auto keep = [](Array& seen) {
      return [&seen](const Tensor& x) {
        seen = x.value();
        return x;
      };
    };
    quarter.eval();
    way.through(quarter, {.on_pattern = keep(whole)});
    quarter.train();
    way.through(quarter, {.dropout = 0.9, .on_pattern = keep(dropped)});
    std::int64_t gone = 0;
    for (std::int64_t i = 0; i < dropped.size(); ++i) {
      gone += dropped.data()[i] == 0;
      if (dropped.data()[i] != 0) EXPECT_NEAR(dropped.data()[i], whole.data()[i] / 0.75, 1e-5) << way.name;
    }
    const auto entries = static_cast<double>(dropped.size());
    EXPECT_NEAR(static_cast<double>(gone), entries / 4, 5 * std::sqrt(entries * 3 / 16)) << way.name;
  }
}

// Whoever overrides the function that reads a context has overridden self-attention, too.
TEST(Unit_12_7, SelfAttentionIsCrossAttentionWithItself) {
  struct Counted : MultiHeadAttention {
    using MultiHeadAttention::forward;
    using MultiHeadAttention::MultiHeadAttention;
    Tensor forward(const Tensor& x, const Tensor& context, const AttentionOptions& options) override {
      ++calls;
      causal += options.causal;
      EXPECT_EQ(context.node(), x.node());
      return MultiHeadAttention::forward(x, context, options);
    }
    int calls = 0, causal = 0;
  };
  Generator g(1);
  Counted m({.width = 4, .heads = 2}, g);
  const Tensor x(randn({1, 3, 4}, 2), true);
  Module& as_module = m;
  as_module(x);
  m.forward(x);
  m.forward(x, {.causal = true});
  m(x, {.causal = true});
  EXPECT_EQ(m.calls, 4);
  EXPECT_EQ(m.causal, 2);
}

}  // namespace
}  // namespace rushlight::test
