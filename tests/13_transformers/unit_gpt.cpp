// GPT: numbers, names, shapes, and how it starts.
#include "gpts.hpp"
#include "support/stand_ins.hpp"

namespace rushlight::test {
namespace {

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
      GPTOptions options = small_options;
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
    GPTOptions options = small_options;
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
    GPTOptions options = small_options;
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
    GPTOptions options = small_options;
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
  GPT tied = make_gpt(small_options);
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
  GPT gpt = loud(make_gpt(small_options));
  EXPECT_EQ(gpt.unembed.weight.node(), gpt.embed.weight.node());
  StateDict state = gpt.state_dict();
  EXPECT_EQ(state.count("unembed.weight"), 1u);
  GPT copy = make_gpt(small_options, 2);
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

TEST(Unit_13_7, ALearntModelMayStartAnew) {
  GPTOptions options = small_options;
  options.tied = false;
  options.head_bias = true;
  GPT fresh = make_gpt(options), learnt = loud(make_gpt(options));
  for (GPT* each : {&fresh, &learnt}) {
    Generator g(9);
    each->initialise(g);
  }
  const NamedTensors expected = fresh.named_parameters(), found = learnt.named_parameters();
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_TRUE(same_bits(found[i].second.value(), expected[i].second.value())) << found[i].first;
  }
}

TEST(Unit_13_7, ASeedFixesTheStart) {
  GPT a = make_gpt(small_options, 3), b = make_gpt(small_options, 3), c = make_gpt(small_options, 4);
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
  for (const Positions positions : {Positions::learned, Positions::rotary}) {
    GPTOptions options = small_options;
    options.dropout = 0.5;
    options.positions = positions;
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
}

TEST(Unit_13_7, OthersMayStandInForItsLayers) {
  GPT gpt = make_gpt(small_options);
  const auto run = [&] { gpt(some_ids()); };
  const auto expect_one_call = [&](Module& layer) { EXPECT_EQ(calls_of_stand_in(layer, run), 1); };
  for (TransformerBlock& block : gpt.blocks) expect_one_call(block.ln2), expect_one_call(block.mlp);
  expect_one_call(gpt.ln_final), expect_one_call(gpt.unembed);
  int calls = 0;
  gpt.embed.replace_with([&](const Indices& ids) {
    ++calls;
    return gpt.embed.forward(ids);
  });
  run();
  EXPECT_EQ(calls, 1) << "embed";
}

}  // namespace
}  // namespace rushlight::test
