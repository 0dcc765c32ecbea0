// The hook points of a GPT: their names, their order, and what they see and change.
#include <set>

#include "gpts.hpp"

namespace rushlight::test {
namespace {

using Names = std::vector<std::string>;

Names block_names(int layer, bool rotary) {
  Names names;
  const std::string block = fmt::format("blocks.{}.", layer);
  for (const char* name : {"hook_resid_pre", "hook_attn_in", "hook_q_input", "hook_k_input", "hook_v_input",
                           "ln1.hook_scale", "ln1.hook_normalized", "attn.hook_q", "attn.hook_k", "attn.hook_v"}) {
    names.push_back(block + name);
  }
  if (rotary) names.insert(names.end(), {block + "attn.hook_rot_q", block + "attn.hook_rot_k"});
  for (const char* name : {"attn.hook_attn_scores", "attn.hook_pattern", "attn.hook_z", "attn.hook_result",
                           "hook_attn_out", "hook_resid_mid", "hook_mlp_in", "ln2.hook_scale", "ln2.hook_normalized",
                           "mlp.hook_pre", "mlp.hook_post", "hook_mlp_out", "hook_resid_post"}) {
    names.push_back(block + name);
  }
  return names;
}

Names all_names(int layers, bool rotary) {
  Names names{"hook_embed"};
  if (!rotary) names.emplace_back("hook_pos_embed");
  for (int i = 0; i < layers; ++i) {
    for (const std::string& name : block_names(i, rotary)) names.push_back(name);
  }
  for (const char* name : {"ln_final.hook_scale", "ln_final.hook_normalized", "unembed.hook_in", "unembed.hook_out"}) {
    names.emplace_back(name);
  }
  return names;
}

// What the name alone says about the shape, for ids (B, T) = (2, 3) and the model of the test.
Shape expected_shape(const std::string& name, const HookFlags& flags) {
  constexpr std::int64_t b = 2, p = 3, d = 8, h = 4, g = 2, e = 2, m = 5, v = 7;
  const auto ends = [&](const char* end) { return name.ends_with(end); };
  const bool copies = flags.use_split_qkv_input && name.find("ln1") != std::string::npos;
  if (ends("hook_scale")) return copies ? Shape{b, p, g, 1} : Shape{b, p, 1};  // the last of three: the values' copy
  if (ends("hook_normalized")) return copies ? Shape{b, p, g, d} : Shape{b, p, d};
  if (ends("hook_q") || ends("hook_rot_q") || ends("hook_z")) return {b, p, h, e};
  if (ends("hook_k") || ends("hook_rot_k") || ends("hook_v")) return {b, p, g, e};
  if (ends("hook_attn_scores") || ends("hook_pattern")) return {b, h, p, p};
  if (ends("hook_result") || ends("hook_q_input")) return {b, p, h, d};
  if (ends("hook_k_input") || ends("hook_v_input")) return {b, p, g, d};
  if (ends("hook_pre") || ends("hook_post")) return {b, p, m};
  if (ends("unembed.hook_out")) return {b, p, v};
  return {b, p, d};
}

bool is_gated(const std::string& name) {
  return name.ends_with("_input") || name.ends_with("_in") ? !name.starts_with("unembed")
                                                           : name.ends_with("hook_result");
}

TEST(Unit_13_7, NamesAndShapes) {
  for (const int layers : {1, 2, 8}) {
    for (const bool rotary : {false, true}) {
      GPT gpt = make_gpt({.vocabulary = 7,
                          .context = 5,
                          .width = 8,
                          .layers = layers,
                          .heads = 4,
                          .groups = 2,
                          .hidden = 5,
                          .positions = rotary ? Positions::rotary : Positions::learned});
      EXPECT_EQ(names_of(hook_points(gpt)), all_names(layers, rotary));
      for (const HookFlags& flags :
           {HookFlags{}, HookFlags{.use_attn_result = true, .use_split_qkv_input = true, .use_hook_mlp_in = true}}) {
        gpt.set_hook_flags(flags);
        Names fired;
        const ForwardHook check = [&](const Tensor& x, HookPlace& place) {
          if (fired.empty() || fired.back() != place.name) fired.push_back(place.name);
          if (!flags.use_split_qkv_input || place.name.find("ln1") == std::string::npos) {
            EXPECT_EQ(x.shape(), expected_shape(place.name, flags)) << place.name;
          }
          return Tensor();
        };
        const HookScope scope(gpt, {{.at = {}, .forward = check}});
        gpt(Indices({2, 3}, {1, 2, 3, 4, 5, 6}));
        Names expected = all_names(layers, rotary);
        std::erase_if(expected, [&](const std::string& name) {
          return is_gated(name) && (!flags.use_attn_result || name.ends_with("hook_attn_in"));
        });
        if (!flags.use_split_qkv_input) {
          EXPECT_EQ(fired, expected) << "they fire in the order in which they are listed";
        }
        EXPECT_EQ(std::set<std::string>(fired.begin(), fired.end()),
                  std::set<std::string>(expected.begin(), expected.end()));
      }
    }
  }
}

TEST(Unit_13_7, HookPointsKnowTheirNamesFromTheStart) {
  GPT gpt = make_gpt(small_options);  // and keep them when the model moves
  const GPT moved = std::move(gpt);
  EXPECT_EQ(moved.blocks[1].attn.hook_q.name(), "blocks.1.attn.hook_q");
  EXPECT_EQ(moved.ln_final.hook_scale.name(), "ln_final.hook_scale");
  EXPECT_EQ(moved.blocks[1].hook_resid_post.layer(), 1);
}

TEST(Unit_13_7, AttnInFiresOnItsFlag) {
  GPT gpt = make_gpt(small_options);
  const auto shape_seen = [&] {
    const ActivationCache cache = run_with_cache(gpt, [&] { return gpt(some_ids()); }).cache;
    const auto found = cache.find("blocks.1.hook_attn_in");
    return found == cache.end() ? Shape{} : found->second.shape();
  };
  EXPECT_EQ(shape_seen(), Shape{});
  gpt.set_hook_flags({.use_attn_in = true});
  EXPECT_EQ(shape_seen(), (Shape{2, 4, 2, 8}));
  gpt.set_hook_flags({});
  EXPECT_EQ(shape_seen(), Shape{});
}

TEST(Unit_13_7, WatchingChangesNoNumber) {
  for (const Positions positions : {Positions::learned, Positions::rotary}) {
    GPTOptions options = small_options;
    options.positions = positions;
    GPT gpt = loud(make_gpt(options));
    const Array bare = gpt(some_ids()).value();
    const CachedRun run = run_with_cache(gpt, [&] { return gpt(some_ids()); });
    EXPECT_TRUE(near(run.out.value(), bare, layer_tolerance));
    EXPECT_TRUE(same_bits(gpt(some_ids()).value(), bare)) << "and nothing of it is left";
    EXPECT_EQ(hook_count(gpt), 0);
  }
}

TEST(Unit_13_7, UnembedThroughItsHookPoints) {
  GPT gpt = loud(make_gpt(small_options));
  const auto zero = gpt.unembed.hook_in.add_hook([](const Tensor& x, HookPlace&) { return x * Real{0}; });
  EXPECT_EQ(largest(gpt(some_ids()).value()), 0);
  const auto one = gpt.unembed.hook_out.add_hook([](const Tensor& x, HookPlace&) { return x + Tensor(Real{1}); });
  EXPECT_TRUE(near(gpt(some_ids()).value(), ones({2, 4, 7}), exactly));
}

TEST(Unit_13_7, AHookOnPositionsReplacesThem) {
  GPT gpt = loud(make_gpt(small_options));
  const auto none = gpt.hook_pos_embed.add_hook([](const Tensor& x, HookPlace&) { return x * Real{0}; });
  const ActivationCache cache =
      run_with_cache(gpt, [&] { return gpt(some_ids()); }, {.names = {"hook_embed", "blocks.0.hook_resid_pre"}}).cache;
  EXPECT_TRUE(near(cache.at("blocks.0.hook_resid_pre"), cache.at("hook_embed"), exactly));
}

}  // namespace
}  // namespace rushlight::test
