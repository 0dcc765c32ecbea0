// Compression on the models and optimizers of the modules before.
#include "04_losses/losses.hpp"
#include "06_optimizers/adam.hpp"
#include "13_transformers/transformer.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

GPT small_gpt(std::uint64_t seed, std::int64_t groups = 0) {
  Generator g(seed);
  GPT gpt({.vocabulary = 16, .context = 8, .width = 16, .layers = 2, .heads = 4, .groups = groups}, g);
  for (Tensor& parameter : gpt.parameters()) parameter.set_value(parameter.value() * Real(5));  // far from uniform
  return gpt;
}

const Indices ids({2, 6}, {1, 5, 3, 3, 0, 15, 7, 7, 2, 9, 14, 4});

Tensor token_loss(const Tensor& logits) {
  return cross_entropy(logits, Indices({2, 6}, {5, 3, 3, 0, 15, 1, 7, 2, 9, 14, 4, 4}));
}

TEST(Progressive_17_1, ASubstitutionThatAStandInWouldIgnoreIsRefused) {
  Generator g(1);
  Sequential net{Linear({.in = 4, .out = 4}, g), Linear({.in = 4, .out = 4}, g)};
  net[1].replace_with(std::make_shared<Linear>(LinearOptions{.in = 4, .out = 4}, g));
  const Tensor first = dynamic_cast<Linear&>(net[0]).weight, second = dynamic_cast<Linear&>(net[1]).weight;
  EXPECT_THROWS_WITH(Substitution(net, {{second.identity(), Tensor(zeros({4, 4}))}}), ValueError, "1.weight",
                     "stand-in");
  Embedding table({.count = 4, .width = 4}, g);
  const Replacements other{{table.weight.identity(), Tensor(zeros({4, 4}))}};
  table.replace_with([](const Indices&) { return Tensor(zeros({4})); });
  EXPECT_THROWS_WITH(Substitution(table, other), ValueError, "weight", "stand-in");
  const Substitution fine(net, {{first.identity(), Tensor(zeros({4, 4}))}});
  EXPECT_EQ(dynamic_cast<Linear&>(net[0]).weight.value().data()[0], 0);
}

TEST(Progressive_17_1, ASubstitutionEndsWithItsScope) {
  Sequential net = small_net(1);
  const Tensor weight = parameter_of(net, "0.weight"), x(randn({2, 5}, 2));
  const Array before = net(x).value();
  {
    const Substitution outer(net, {{weight.identity(), Tensor(zeros({6, 5}))}});
    const Array outside = net(x).value();
    {
      const Tensor now = parameter_of(net, "0.weight");
      const Substitution inner(net, {{now.identity(), Tensor(ones({6, 5}))}});
      EXPECT_FALSE(near(net(x).value(), outside));
    }
    EXPECT_TRUE(same_bits(net(x).value(), outside)) << "scopes nest";
  }
  EXPECT_TRUE(same_bits(net(x).value(), before));
  EXPECT_EQ(parameter_of(net, "0.weight").identity(), weight.identity());
  try {
    const Substitution scope(net, {{weight.identity(), Tensor(zeros({6, 5}))}});
    net(Tensor(zeros({2, 99})));
    ADD_FAILURE() << "the shapes do not fit";
  } catch (const ShapeError&) {
    EXPECT_EQ(parameter_of(net, "0.weight").identity(), weight.identity()) << "after an exception, too";
  }
  EXPECT_THROWS_WITH(Substitution(net, {{weight.identity(), Tensor(zeros({5, 6}))}}), ShapeError, "0.weight", "(5, 6)");
  EXPECT_EQ(parameter_of(net, "0.weight").identity(), weight.identity());
}

TEST(Progressive_17_1, ASharedWeightIsMaskedInBothPlaces) {  // the embedding and the head of a GPT are one tensor
  Pruned<GPT> gpt(small_gpt(3), {"embed.weight"});
  gpt.masks.set("embed.weight", random_mask({16, 16}, 4));
  const Array masked = gpt(ids).value();
  gpt.masks.apply(gpt.model);
  EXPECT_TRUE(same_bits(gpt.model(ids).value(), masked));
  EXPECT_THROWS_WITH(Masks(gpt.model, {"embed.weight", "unembed.weight"}), ValueError, "unembed.weight");
}

TEST(Progressive_17_2, GF16_AGptPrunedStepByStepKeepsItsZeros) {
  Pruned<GPT> gpt(small_gpt(5), {});
  gpt.masks = Masks(gpt.model, weight_paths(gpt.model));
  AdamW optimizer(gpt.parameters(), {.lr = 0.01, .weight_decay = 0.1});  // one for the whole run: its momentum is old
  const SparsitySchedule schedule{.first = 0, .last = 0.6, .begin = 5, .end = 25, .every = 5};
  double first = 0, last = 0;
  for (int step = 0; step < 40; ++step) {
    if (schedule.prunes_at(step)) prune_by_magnitude(gpt, schedule.at(step), PruneScope::all);
    optimizer.zero_grad();
    const Tensor loss = token_loss(gpt(ids));
    (step == 0 ? first : last) = loss.item();
    loss.backward();
    optimizer.step();
    const Replacements used = gpt.masks.effective(gpt.model);
    for (const auto& [path, weight] : parameters_at("test", gpt.model, gpt.masks.paths())) {
      ASSERT_TRUE(zero_where_masked(used.at(weight.identity()).value(), gpt.masks.at(path)))
          << path << ", step " << step;
    }
  }
  EXPECT_NEAR(gpt.masks.sparsity(), 0.6, 1e-3);
  EXPECT_LT(last, 0.5 * first) << "it learns with what is left";
}

TEST(Progressive_17_4, HeadsAndNeuronsOfAGptGo) {
  for (const std::int64_t groups : {4, 2}) {
    SCOPED_TRACE(groups);
    GPT gpt = small_gpt(6, groups);
    const std::int64_t before = gpt.parameter_count();
    for (TransformerBlock& block : gpt.blocks) {
      prune_heads(block.attn, groups / 2);
      prune_neurons(block.mlp.fc1, block.mlp.fc2, 24);
    }
    EXPECT_EQ(gpt.blocks[0].attn.heads(), 2);
    // Per block: of attention half of all but out.bias; of the feed-forward layer 40 of 64 neurons, 33 numbers each.
    const std::int64_t keys = groups * 4, attention = (16 * 17 + 2 * keys * 17 + 16 * 16) / 2;
    EXPECT_EQ(before - gpt.parameter_count(), 2 * (attention + 40 * 33));
    const Tensor loss = token_loss(gpt(ids));
    loss.backward();
    for (const auto& [path, parameter] : gpt.named_parameters()) {
      if (path.ends_with("attn.k.bias")) continue;  // its true gradient is zero
      EXPECT_TRUE(grad_ok(parameter.grad(), parameter.shape(), 1e-9)) << path;
    }
    const Array logits = gpt(ids).value();
    for (TransformerBlock& block : gpt.blocks) block.attn.use_attn_result = true;
    EXPECT_TRUE(near(gpt(ids).value(), logits, {1e-3, 1e-3})) << "head by head it is the same";
  }
}

TEST(Progressive_17_5, ANetworkOfFactorsTrains) {
  Generator g(7);
  Linear layer({.in = 5, .out = 3}, g);
  Sequential net = factored(layer, 2);
  Adam optimizer(net.parameters(), {.lr = 0.05});
  const Tensor x(randn({8, 5}, 8));
  double first = 0, last = 0;
  for (int step = 0; step < 50; ++step) {
    optimizer.zero_grad();
    const Tensor loss = probe_loss(net(x));
    (step == 0 ? first : last) = loss.item();
    loss.backward();
    optimizer.step();
  }
  EXPECT_LT(last, 0.9 * first);
}

TEST(Progressive_17_6, GF16_AStudentLearnsWhatItsTeacherSays) {
  Generator g(9);
  Sequential teacher = small_net(10), student{Linear({.in = 5, .out = 3}, g)};
  for (Tensor& parameter : teacher.parameters()) parameter.set_value(parameter.value() * Real(4));
  const Tensor x(randn({32, 5}, 11));
  const Tensor target = teacher(x);
  Adam optimizer(student.parameters(), {.lr = 0.05});
  const double first = soft_target_loss(student(x), target, 2).item();
  for (int step = 0; step < 100; ++step) {
    optimizer.zero_grad();
    soft_target_loss(student(x), target, 2).backward();
    optimizer.step();
  }
  EXPECT_LT(soft_target_loss(student(x), target, 2).item(), 0.3 * first);
  for (const auto& [path, parameter] : teacher.named_parameters()) EXPECT_FALSE(parameter.grad().defined()) << path;
}

TEST(Progressive_17_7, EE11_AdaptersOfAGptLearnAndMerge) {
  Generator g(12);
  std::vector<std::string> paths;
  for (const std::string block : {"blocks.0.", "blocks.1."}) {
    for (const char* layer : {"attn.q.weight", "attn.v.weight", "mlp.fc1.weight"}) paths.push_back(block + layer);
  }
  Adapted<GPT> gpt(small_gpt(13), paths, {.rank = 2, .alpha = 4}, g);
  const StateDict before = gpt.model.state_dict();
  AdamW optimizer(gpt.adapters.parameters(), {.lr = 0.02});
  const double first = token_loss(gpt(ids)).item();
  for (int step = 0; step < 30; ++step) {
    optimizer.zero_grad();
    token_loss(gpt(ids)).backward();
    optimizer.step();
  }
  EXPECT_LT(token_loss(gpt(ids)).item(), 0.8 * first);
  for (const auto& [path, value] : gpt.model.state_dict()) EXPECT_TRUE(same_bits(value, before.at(path))) << path;
  const Array logits = gpt(ids).value();
  gpt.adapters.merge(gpt.model);
  EXPECT_TRUE(near(gpt.model(ids).value(), logits, {1e-3, 1e-3}));
}

TEST(Progressive_17_8, AListOfValuesTrains) {
  Sequential net = small_net(14);
  const Tensor weight = parameter_of(net, "0.weight");
  const Codebook book = share_weights(weight.value(), {.clusters = 4});
  Tensor values(book.values, true);
  Adam optimizer({values}, {.lr = 0.02});
  const Tensor x(randn({8, 5}, 15));
  double first = 0, last = 0;
  for (int step = 0; step < 40; ++step) {
    optimizer.zero_grad();
    const Substitution shared(net, {{weight.identity(), from_codebook(values, book.codes)}});
    const Tensor loss = probe_loss(net(x));
    (step == 0 ? first : last) = loss.item();
    loss.backward();
    optimizer.step();
  }
  EXPECT_LT(last, 0.95 * first);
}

// Prune, share, code: the whole way of a small network into a small file and back.
TEST(Progressive_17_9, DeepCompression) {
  Generator g(16);
  Pruned<Sequential> net(Sequential{Linear({.in = 64, .out = 64}, g), Tanh(), Linear({.in = 64, .out = 8}, g)}, {});
  net.masks = Masks(net.model, weight_paths(net.model));
  prune_by_magnitude(net, 0.9);
  const StateDict state = net.model.state_dict();
  const CompressedState small = share_state(state, net.masks.paths(), {.clusters = 16});
  const std::vector<std::uint8_t> bytes = encode_compressed(small);
  std::size_t whole = 0;
  for (const auto& [path, value] : state) whole += static_cast<std::size_t>(value.size()) * sizeof(Real);
  EXPECT_LT(10 * bytes.size(), whole) << bytes.size() << " bytes of " << whole;
  net.model.load_state_dict(restored(decode_compressed(bytes, "small.rlhc")));
  for (const std::string& path : net.masks.paths()) {
    EXPECT_TRUE(zero_where_masked(parameter_of(net.model, path).value(), net.masks.at(path))) << path;
    EXPECT_EQ(zeros_of(parameter_of(net.model, path).value()), zeros_of(net.masks.at(path)));
  }
}

}  // namespace
}  // namespace rushlight::test
