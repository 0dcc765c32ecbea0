// 15.5: hook points see the new tokens, may change them, and may throw.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_15_5, HooksSeeTheNewTokens) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  KVCache cache(gpt.options());
  cached_logits(gpt, row({1, 2, 3}), cache);
  std::map<std::string, Shape> seen;
  const auto look = [&](const Tensor& x, HookPlace& place) {
    seen[place.name] = x.shape();
    return Tensor();
  };
  const std::map<std::string, Shape> expected{{"hook_embed", {1, 2, 16}},
                                              {"hook_pos_embed", {1, 2, 16}},
                                              {"blocks.1.hook_resid_pre", {1, 2, 16}},
                                              {"blocks.1.hook_attn_out", {1, 2, 16}},
                                              {"blocks.1.hook_resid_mid", {1, 2, 16}},
                                              {"blocks.1.hook_mlp_out", {1, 2, 16}},
                                              {"blocks.1.hook_resid_post", {1, 2, 16}},
                                              {"blocks.1.attn.hook_k", {1, 2, 2, 4}},
                                              {"blocks.1.mlp.hook_post", {1, 2, 64}}};
  std::vector<std::string> names;
  for (const auto& [name, shape] : expected) names.push_back(name);
  const HookScope scope(gpt, {{.at = names, .forward = look}});
  cached_logits(gpt, row({4, 5}), cache);
  EXPECT_EQ(seen, expected);
}

TEST(Unit_15_5, AHookSeesThePositionsOfEveryRow) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  KVCache cache(gpt.options(), {.batch = 2});
  Shape seen;
  const auto look = [&](const Tensor& x, HookPlace&) {
    seen = x.shape();
    return Tensor();
  };
  const HookScope scope(gpt, {{.at = "hook_pos_embed", .forward = look}});
  cached_logits(gpt, Indices({2, 3}, {4, 5, 6, 7, 8, 9}), cache);
  EXPECT_EQ(seen, (Shape{2, 3, 16}));
}

TEST(Unit_15_5, AHookMayChangeTheStream) {
  GPT gpt = audible(tiny(Positions::rotary, 2));
  gpt.eval();
  const auto half = [](const Tensor& x, HookPlace&) { return x * Tensor(Real(0.5)); };
  for (const char* at : {"blocks.0.hook_resid_mid", "blocks.1.hook_attn_out", "blocks.0.hook_mlp_out", "hook_embed",
                         "blocks.1.hook_resid_pre", "blocks.1.hook_resid_post"}) {
    SCOPED_TRACE(at);
    const HookScope scope(gpt, {{.at = at, .forward = half}});
    KVCache cache(gpt.options());
    const Array logits = in_pieces(gpt, row({3, 1, 4, 1, 5}), cache, 2);
    EXPECT_LE(difference(logits.with_shape({5, 13}), whole(gpt, {3, 1, 4, 1, 5})), logits_tolerance);
  }
}

TEST(Unit_15_5, AnExceptionOnTheWayLeavesNoTrace) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  KVCache cache(gpt.options(), {.block = 4});
  const Tokens text = some_text(7, 9);
  cached_logits(gpt, row({text.begin(), text.begin() + 5}), cache);
  {
    const auto fail = [](const Tensor&, HookPlace&) -> Tensor { throw ValueError("no more", {}); };
    const HookScope scope(gpt, {{.at = "blocks.1.hook_resid_pre", .forward = fail}});
    EXPECT_THROWS_WITH(cached_logits(gpt, row({9}), cache), ValueError, "no more");
  }
  EXPECT_EQ(cache.length(), 5);
  const Array logits = cached_logits(gpt, row({text.begin() + 5, text.end()}), cache).value();
  EXPECT_LE(difference(logits.with_shape({2, 13}), rows(whole(gpt, text), 5, 7)), logits_tolerance);
}

TEST(Unit_15_5, BehindTheLayersTheColumnsStay) {
  GPT gpt = audible(tiny(Positions::learned, 2));
  KVCache cache(gpt.options(), {.block = 4});
  const Tokens text = some_text(8, 9);
  cached_logits(gpt, row({text.begin(), text.begin() + 5}), cache);
  for (const std::int64_t column : {5, 6}) {
    const auto fail = [](const Tensor&, HookPlace&) -> Tensor { throw ValueError("no more", {}); };
    const HookScope scope(gpt, {{.at = column == 5 ? "unembed.hook_in" : "unembed.hook_out", .forward = fail}});
    EXPECT_THROWS_WITH(cached_logits(gpt, row({text[static_cast<std::size_t>(column)]}), cache), ValueError, "no more");
    for (const LayerCache& layer : cache.layers) EXPECT_EQ(layer.length(), column + 1);
  }
  const Array logits = cached_logits(gpt, row({text[7]}), cache).value();
  EXPECT_LE(difference(logits.with_shape({1, 13}), rows(whole(gpt, text), 7, 8)), logits_tolerance);
}

// Wherever it throws: before any layer has the new columns, between two, or when all have them.
TEST(Unit_15_5, AHookThatThrowsLeavesTheColumnsThatWereThere) {
  const Tokens text = some_text(9, 9);
  const auto part = [&](std::int64_t from, std::int64_t to) { return row({text.begin() + from, text.begin() + to}); };
  const auto fail = [](const Tensor&, HookPlace&) -> Tensor { throw ValueError("no more", {}); };
  for (const std::int64_t window : {0, 3}) {
    GPT gpt = audible(tiny(Positions::rotary, 2));
    const Array expected = window == 0 ? whole(gpt, text) : whole_with_window(gpt, text, window);
    for (const char* at : {"hook_embed", "blocks.0.attn.hook_k", "blocks.0.hook_resid_post", "blocks.1.hook_attn_out",
                           "blocks.1.hook_resid_post"}) {
      SCOPED_TRACE(fmt::format("{}, window {}", at, window));
      KVCache cache(gpt.options(), {.block = 2, .window = window});
      cached_logits(gpt, part(0, 6), cache);
      {
        const HookScope scope(gpt, {{.at = at, .forward = fail}});
        EXPECT_THROWS_WITH(cached_features(gpt, row({9, 9}), cache), ValueError, "no more");
      }
      for (const LayerCache& layer : cache.layers) EXPECT_EQ(layer.length(), 6);
      const Array logits = cached_logits(gpt, part(6, 9), cache).value();
      EXPECT_LE(difference(logits.with_shape({3, 13}), rows(expected, 6, 9)), logits_tolerance);
    }
  }
}

}  // namespace
}  // namespace rushlight::test
