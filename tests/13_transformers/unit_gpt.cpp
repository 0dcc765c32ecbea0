// GPT: numbers, names, shapes, and how it starts.
#include "05_autograd/autograd.hpp"
#include "plain.hpp"

namespace rushlight::test {
namespace {

using Names = std::vector<std::string>;

GPT make_gpt(GPTOptions options, std::uint64_t seed = 1) {
  Generator g(seed);
  return GPT(options, g);
}

const GPTOptions small{.vocabulary = 7, .context = 5, .width = 8, .layers = 2, .heads = 2};

Indices some_ids() { return Indices({2, 4}, {3, 0, 6, 3, 1, 5, 2, 4}); }

Array plain_gpt(const GPT& gpt, const Indices& ids) {
  const std::int64_t batch = ids.shape()[0], length = ids.shape()[1], width = gpt.options().width;
  Array stream({batch, length, width});
  for (std::int64_t i = 0; i < stream.size(); ++i) {
    const std::int64_t token = i / width, t = token % length, c = i % width;
    stream.mutable_data()[i] = gpt.embed.weight.value().data()[ids.data()[token] * width + c];
    if (gpt.pos_embed) stream.mutable_data()[i] += gpt.pos_embed->weight.value().data()[t * width + c];
  }
  for (const TransformerBlock& block : gpt.blocks) stream = plain_block(block, stream, plain_causal(), !gpt.pos_embed);
  return plain_linear(gpt.unembed.weight, gpt.unembed.bias, plain_norm(gpt.ln_final, stream).y);
}

TEST(Unit_13_7, InPlainLoops) {
  for (const Positions positions : {Positions::learned, Positions::rotary}) {
    for (const bool tied : {true, false}) {
      GPTOptions options = small;
      options.positions = positions;
      options.tied = tied;
      options.head_bias = !tied;
      options.groups = tied ? 0 : 1;
      GPT gpt = loud(make_gpt(options));
      EXPECT_TRUE(near(gpt(some_ids()).value(), plain_gpt(gpt, some_ids()), layer_tolerance));
    }
  }
}

TEST(Unit_13_7, ShapesAndErrors) {
  for (const Positions positions : {Positions::learned, Positions::rotary}) {
    GPTOptions options = small;
    options.positions = positions;
    GPT gpt = make_gpt(options);
    EXPECT_EQ(gpt(some_ids()).shape(), (Shape{2, 4, 7}));
    EXPECT_EQ(gpt.features(some_ids()).shape(), (Shape{2, 4, 8}));
    EXPECT_EQ(gpt(Indices({1, 1}, {0})).shape(), (Shape{1, 1, 7}));
    EXPECT_EQ(gpt(Indices(Shape{1, 5})).shape(), (Shape{1, 5, 7}));
    EXPECT_THROWS_WITH(gpt(Indices(Shape{2, 6})), ShapeError, "(2, 6)", "context of 5");
    EXPECT_THROWS_WITH(gpt(Indices(Shape{2, 0})), ShapeError, "(2, 0)");
    EXPECT_THROWS_WITH(gpt(Indices(Shape{4})), ShapeError, "(4,)");
    EXPECT_THROWS_WITH(gpt(Indices({1, 2}, {3, 7})), IndexError, "7");
    EXPECT_THROWS_WITH(gpt(Indices({1, 2}, {-1, 3})), IndexError, "-1");
  }
  EXPECT_THROWS_WITH(make_gpt({.vocabulary = 0, .context = 1, .width = 2, .layers = 1, .heads = 1}), ValueError,
                     "vocabulary is 0");
  EXPECT_THROWS_WITH(make_gpt({.vocabulary = 3, .context = 1, .width = 2, .layers = 0, .heads = 1}), ValueError,
                     "layers is 0");
  EXPECT_THROWS_WITH(make_gpt({.vocabulary = 3, .context = 1, .width = 6, .layers = 1, .heads = 4}), ValueError,
                     "4 heads");
  EXPECT_THROWS_WITH(
      make_gpt({.vocabulary = 3, .context = 1, .width = 6, .layers = 1, .heads = 2, .positions = Positions::rotary}),
      ValueError, "rotary");
}

TEST(Unit_13_7, TheFutureIsNotSeen) {
  for (const Positions positions : {Positions::learned, Positions::rotary}) {
    GPTOptions options = small;
    options.positions = positions;
    GPT gpt = loud(make_gpt(options));
    const Array full = gpt(Indices({1, 4}, {3, 0, 6, 2})).value();
    const Array other = gpt(Indices({1, 4}, {3, 0, 1, 5})).value();
    EXPECT_TRUE(near(slice(other, 1, {0, 2}), slice(full, 1, {0, 2}), layer_tolerance));
    EXPECT_FALSE(near(slice(other, 1, {2}), slice(full, 1, {2}), {1e-2, 1e-2}));
    EXPECT_TRUE(near(gpt(Indices({1, 2}, {3, 0})).value(), slice(full, 1, {0, 2}), layer_tolerance));
  }
}

TEST(Unit_13_7, PositionsMatter) {
  for (const Positions positions : {Positions::learned, Positions::rotary}) {
    GPTOptions options = small;
    options.positions = positions;
    GPT gpt = loud(make_gpt(options));
    const Array a = gpt(Indices({1, 3}, {3, 0, 6})).value(), b = gpt(Indices({1, 3}, {0, 3, 6})).value();
    EXPECT_FALSE(near(slice(a, 1, {2}), slice(b, 1, {2}), {1e-2, 1e-2}));
  }
}

NamedShapes listed_parameters(Module& module) {
  NamedShapes listed;
  for (const auto& [name, parameter] : module.named_parameters()) listed.emplace_back(name, parameter.shape());
  return listed;
}

TEST(Unit_13_7, ParametersByName) {
  GPT tied = make_gpt(small);
  EXPECT_EQ(listed_parameters(tied), joined({{{"embed.weight", {7, 8}}, {"pos_embed.weight", {5, 8}}},
                                             prefixed("blocks.0.", block_shapes(8, 8, 32)),
                                             prefixed("blocks.1.", block_shapes(8, 8, 32)),
                                             prefixed("ln_final.", norm_shapes(8))}));
  GPT untied = make_gpt({.vocabulary = 7,
                         .context = 5,
                         .width = 8,
                         .layers = 1,
                         .heads = 4,
                         .groups = 2,
                         .hidden = 5,
                         .tied = false,
                         .head_bias = true,
                         .positions = Positions::rotary});
  EXPECT_EQ(listed_parameters(untied), joined({{{"embed.weight", {7, 8}}},
                                               prefixed("blocks.0.", block_shapes(8, 4, 5)),
                                               prefixed("ln_final.", norm_shapes(8)),
                                               {{"unembed.weight", {7, 8}}, {"unembed.bias", {7}}}}));
}

TEST(Unit_13_7, ATiedHeadIsTheEmbedding) {
  GPT gpt = loud(make_gpt(small));
  EXPECT_EQ(gpt.unembed.weight.node(), gpt.embed.weight.node());
  StateDict state = gpt.state_dict();
  EXPECT_EQ(state.count("unembed.weight"), 1u);
  GPT copy = make_gpt(small, 2);
  copy.load_state_dict(state);
  EXPECT_TRUE(same_bits(copy(some_ids()).value(), gpt(some_ids()).value()));
  GPT moved = std::move(copy);
  EXPECT_EQ(moved.unembed.weight.node(), moved.embed.weight.node());
  EXPECT_TRUE(same_bits(moved(some_ids()).value(), gpt(some_ids()).value()));
}

// The deviation of n seeded normal draws is within 5 of its own deviations, σ/√(2n).
void expect_deviation(const Tensor& parameter, double expected, const std::string& name) {
  double sum = 0, squares = 0;
  for (const Real v : parameter.value().data()) sum += v, squares += static_cast<double>(v) * v;
  const auto n = static_cast<double>(parameter.size());
  EXPECT_NEAR(std::sqrt(squares / n), expected, 5 * expected / std::sqrt(2 * n)) << name;
  EXPECT_NEAR(sum / n, 0, 5 * expected / std::sqrt(n)) << name;
}

TEST(Unit_13_7, StartsAsGpt2) {
  for (const bool tied : {true, false}) {
    GPT gpt = make_gpt(
        {.vocabulary = 50, .context = 40, .width = 32, .layers = 8, .heads = 4, .tied = tied, .head_bias = true});
    for (const auto& [name, parameter] : gpt.named_parameters()) {
      const bool norm = name.find("ln") != std::string::npos;
      const bool into_stream = name.ends_with("attn.out.weight") || name.ends_with("mlp.fc2.weight");
      if (name.ends_with("bias") || norm) {
        const Real expected = norm && name.ends_with("weight") ? 1 : 0;
        EXPECT_TRUE(near(parameter.value(), Array::full(parameter.shape(), expected), exactly)) << name;
      } else {
        expect_deviation(parameter, into_stream ? 0.02 / 4 : 0.02, name);  // √(2·8) = 4
      }
      EXPECT_TRUE(parameter.requires_grad()) << name;
    }
  }
}

TEST(Unit_13_7, ASeedFixesTheStart) {
  GPT a = make_gpt(small, 3), b = make_gpt(small, 3), c = make_gpt(small, 4);
  EXPECT_TRUE(same_bits(a(some_ids()).value(), b(some_ids()).value()));
  EXPECT_FALSE(near(a(some_ids()).value(), c(some_ids()).value(), {1e-3, 1e-4}));
  Generator g(9);
  a.initialise(g);
  EXPECT_FALSE(near(a(some_ids()).value(), b(some_ids()).value(), {1e-3, 1e-4}));
}

// All equally likely, about: a fresh model knows nothing, and its loss is about log V.
TEST(Unit_13_7, AFreshModelIsUndecided) {
  GPT gpt = make_gpt({.vocabulary = 50, .context = 40, .width = 32, .layers = 4, .heads = 4});
  EXPECT_LT(largest(gpt(some_ids()).value()), 1);
}

TEST(Unit_13_7, DropoutInTrainingOnly) {
  GPTOptions options = small;
  options.dropout = 0.5;
  GPT gpt = loud(make_gpt(options));
  EXPECT_FALSE(near(gpt(some_ids()).value(), gpt(some_ids()).value(), {1e-3, 1e-3}));
  EXPECT_EQ(gpt.named_generators().size(), 1 + 2 * 3u);
  // After the embeddings, too: about half of what the first block reads is zero.
  const ActivationCache cache = run_with_cache(gpt, [&] { return gpt(some_ids()); }).cache;
  const auto read = cache.at("blocks.0.hook_resid_pre").data();
  const auto dropped = std::count(read.begin(), read.end(), Real{0});
  EXPECT_GT(dropped, 16);
  EXPECT_LT(dropped, 48);
  gpt.eval();
  EXPECT_TRUE(near(gpt(some_ids()).value(), plain_gpt(gpt, some_ids()), layer_tolerance));
}

// --- hook points ------------------------------------------------------------------------------------------------

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
  GPT gpt = make_gpt(small);  // and keep them when the model moves
  const GPT moved = std::move(gpt);
  EXPECT_EQ(moved.blocks[1].attn.hook_q.name(), "blocks.1.attn.hook_q");
  EXPECT_EQ(moved.ln_final.hook_scale.name(), "ln_final.hook_scale");
  EXPECT_EQ(moved.blocks[1].hook_resid_post.layer(), 1);
}

TEST(Unit_13_7, AttnInFiresOnItsFlag) {
  GPT gpt = make_gpt(small);
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
    GPTOptions options = small;
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
  GPT gpt = loud(make_gpt(small));
  const auto zero = gpt.unembed.hook_in.add_hook([](const Tensor& x, HookPlace&) { return x * Real{0}; });
  EXPECT_EQ(largest(gpt(some_ids()).value()), 0);
  const auto one = gpt.unembed.hook_out.add_hook([](const Tensor& x, HookPlace&) { return x + Tensor(Real{1}); });
  EXPECT_TRUE(near(gpt(some_ids()).value(), ones({2, 4, 7}), exactly));
}

TEST(Unit_13_7, AHookOnPositionsReplacesThem) {
  GPT gpt = loud(make_gpt(small));
  const auto none = gpt.hook_pos_embed.add_hook([](const Tensor& x, HookPlace&) { return x * Real{0}; });
  const ActivationCache cache =
      run_with_cache(gpt, [&] { return gpt(some_ids()); }, {.names = {"hook_embed", "blocks.0.hook_resid_pre"}}).cache;
  EXPECT_TRUE(near(cache.at("blocks.0.hook_resid_pre"), cache.at("hook_embed"), exactly));
}

}  // namespace
}  // namespace rushlight::test
