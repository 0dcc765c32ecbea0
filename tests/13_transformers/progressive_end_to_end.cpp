// The end-to-end guard: a tiny transformer and its decoder twin must train, every group of parameters of theirs, and
// the guard itself must notice each cut. What to look at when one fails: tests/obligations.json.
#include <cmath>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/sgd.hpp"
#include "13_transformers/sampling.hpp"
#include "plain.hpp"

namespace rushlight::test {
namespace {

// --- 13.6: end to end -------------------------------------------------------------------------------------------

// The numbers of the golden file, drawn as it says.
class Lcg {
 public:
  explicit Lcg(std::uint64_t seed = 0x5EED) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
  Real next(float scale) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    const float u = static_cast<float>(state_ >> 33) / 2147483648.0F;
    return static_cast<Real>((2 * u - 1) * scale);
  }
  void fill(Tensor& parameter, float scale) {
    Array value(parameter.shape());
    for (Real& each : value.mutable_data()) each = next(scale);
    parameter.set_value(value);
  }

 private:
  std::uint64_t state_;
};

struct TinyOptions {
  int layers = 1;
  double dropout = 0;
  AttentionOptions attention = {};
};

// Embedding, pre-LN blocks, head; no positions and no last norm, as in the golden file.
struct TinyTransformer : Module {
  Tensor embedding{zeros({32, 32}), true};
  std::vector<TransformerBlock> layers;
  std::unique_ptr<Linear> head;
  AttentionOptions attention;

  explicit TinyTransformer(const TinyOptions& options = {}) : attention(options.attention) {
    Generator g(1);
    for (int i = 0; i < options.layers; ++i) {
      layers.emplace_back(BlockOptions{.width = 32, .heads = 2, .hidden = 64}, g);
      layers.back().attn_dropout = Dropout({.p = options.dropout}, g);
    }
    head = std::make_unique<Linear>(LinearOptions{.in = 32, .out = 32}, g);
    Lcg lcg;
    lcg.fill(embedding, 0.1F);
    const float scale = std::sqrt(1.0F / 32);
    for (TransformerBlock& layer : layers) {
      for (Linear* each : {&layer.attn.q, &layer.attn.k, &layer.attn.v, &layer.attn.out}) {
        lcg.fill(each->weight, scale);
        each->bias.set_value(zeros({32}));
      }
      lcg.fill(layer.mlp.fc1.weight, scale);
      lcg.fill(layer.mlp.fc1.bias, scale);
      lcg.fill(layer.mlp.fc2.weight, scale);
      layer.mlp.fc2.bias.set_value(zeros({32}));
    }
    lcg.fill(head->weight, scale);
    head->bias.set_value(zeros({32}));
  }

  void members(Members& m) override {
    m("embedding", embedding);
    for (std::size_t i = 0; i < layers.size(); ++i) m(fmt::format("layers.{}", i), layers[i]);
    m("head", *head);
  }

  Tensor loss() {
    std::vector<std::int32_t> ids, targets;
    for (int t = 0; t < 8; ++t) ids.push_back((7 * t + 3) % 32), targets.push_back((5 * t + 11) % 32);
    Tensor x = rushlight::embedding(embedding, Indices({1, 8}, ids));
    for (TransformerBlock& layer : layers) x = layer.forward(x, attention);
    return cross_entropy((*head)(x), Indices({1, 8}, targets));
  }
};

struct Movement {
  std::vector<double> losses;
  std::map<std::string, double> gradient;  // the largest entry over all steps
  std::map<std::string, double> change;    // ‖p_end - p_start‖₂
  std::map<std::string, double> first_gradient;
};

template <class Model, class Optimizer>
Movement train(Model& model, Optimizer& optimizer, int steps) {
  Movement movement;
  std::map<std::string, Array> start;
  for (const auto& [name, parameter] : model.named_parameters()) start[name] = parameter.value().clone();
  for (int step = 0; step < steps; ++step) {
    const Tensor loss = model.loss();
    optimizer.zero_grad();
    loss.backward();
    movement.losses.push_back(loss.item());
    for (const auto& [name, parameter] : model.named_parameters()) {
      const double size = parameter.grad().defined() ? largest(parameter.grad()) : 0;
      movement.gradient[name] = std::max(movement.gradient[name], size);
      if (step == 0) movement.first_gradient[name] = size;
    }
    optimizer.step();
  }
  for (const auto& [name, parameter] : model.named_parameters()) {
    double squares = 0;
    for (std::int64_t i = 0; i < parameter.size(); ++i) {
      const double difference = parameter.value().data()[i] - start[name].data()[i];
      squares += difference * difference;
    }
    movement.change[name] = std::sqrt(squares);
  }
  return movement;
}

Movement train_with_adam(TinyTransformer& model, int steps) {
  Adam optimizer(model.parameters(), {.lr = 5e-3});
  return train(model, optimizer, steps);
}

// Guard (b). Parameters whose true gradient is zero are left out; whether they are connected is another test's
// question.
std::vector<std::string> frozen(const Movement& movement) {
  std::vector<std::string> names;
  for (const auto& [name, gradient] : movement.gradient) {
    if (name.ends_with("attn.k.bias")) continue;
    if (!std::isfinite(gradient) || gradient <= 1e-6 || movement.change.at(name) <= 1e-6) names.push_back(name);
  }
  return names;
}

// Guard (a).
void expect_collapse(const Movement& movement) {
  for (const double loss : movement.losses) ASSERT_TRUE(std::isfinite(loss));
  EXPECT_NEAR(movement.losses.front(), std::log(32.0), 0.2);
  EXPECT_LT(movement.losses.back(), 0.2 * movement.losses.front());
  EXPECT_LT(movement.losses.back(), 0.5);
}

const std::map<std::string, std::string> golden_names{
    {"embedding", "embedding.weight"},    {"attn.q.weight", "attn.q.weight"},
    {"attn.q.bias", "attn.q.bias"},       {"attn.k.weight", "attn.k.weight"},
    {"attn.k.bias", "attn.k.bias"},       {"attn.v.weight", "attn.v.weight"},
    {"attn.v.bias", "attn.v.bias"},       {"attn.out.weight", "attn.out.weight"},
    {"attn.out.bias", "attn.out.bias"},   {"mlp.fc1.weight", "ffn.linear1.weight"},
    {"mlp.fc1.bias", "ffn.linear1.bias"}, {"mlp.fc2.weight", "ffn.linear2.weight"},
    {"mlp.fc2.bias", "ffn.linear2.bias"}, {"ln1.weight", "norm1.gamma"},
    {"ln1.bias", "norm1.beta"},           {"ln2.weight", "norm2.gamma"},
    {"ln2.bias", "norm2.beta"},           {"head.weight", "lm_head.weight"},
    {"head.bias", "lm_head.bias"},
};

std::string golden_name(const std::string& name) {
  return golden_names.at(name.starts_with("layers.0.") ? name.substr(9) : name);
}

TEST(Progressive_13_6, NineteenGroups) {
  TinyTransformer model;
  EXPECT_EQ(model.named_parameters().size(), 19u);
  for (const auto& [name, parameter] : model.named_parameters()) EXPECT_FALSE(golden_name(name).empty());
  EXPECT_NEAR(model.embedding.value().data()[0], 0.0444163, 1e-7);
}

TEST(Progressive_13_6, TinyTransformerTrains) {
  const nlohmann::json all = golden("e2e_transformer.json"), &expected = all.at("green_float64");
  TinyTransformer model;
  const Movement movement = train_with_adam(model, 200);
  expect_collapse(movement);
  EXPECT_EQ(frozen(movement), std::vector<std::string>{});
  for (const int step : {0, 1, 2, 5, 10}) {
    const double loss = expected.at("checkpoints").at(std::to_string(step));
    EXPECT_NEAR(movement.losses.at(step), loss, 1e-4 * loss) << "step " << step;
  }
  EXPECT_LT(movement.losses.back(), 1e-4);
  for (const auto& [name, size] : movement.first_gradient) {
    const double reference = expected.at("grad_max_step0").at(golden_name(name));
    EXPECT_NEAR(size, reference, 1e-4 * reference + 1e-7) << name;
  }
  for (const auto& [name, change] : movement.change) {
    if (name.ends_with("attn.k.bias")) continue;
    const double reference = expected.at("delta").at(golden_name(name));
    EXPECT_NEAR(change, reference, 0.02 * reference) << name;
  }
}

// The guard's own test. Each cut is made with a hook that detaches, and leaves the loss collapsing all the same: what
// it starves is what the golden file says, and the guard must name exactly that.
TEST(Progressive_13_6, TheGuardNoticesEveryCut) {
  const nlohmann::json red = golden("e2e_transformer.json").at("red");
  const ForwardHook cut = [](const Tensor& x, HookPlace&) { return x.detach(); };
  const std::pair<const char*, const char*> cuts[] = {
      {"gelu_leaf", "layers.0.mlp.hook_post"},        {"attn_out_detached", "layers.0.hook_attn_out"},
      {"softmax_leaf", "layers.0.attn.hook_pattern"}, {"kT_leaf", "layers.0.attn.hook_k"},
      {"merge_heads_leaf", "layers.0.attn.hook_z"},   {"residual1_leaf", "layers.0.hook_resid_mid"},
      {"ffn_out_detached", "layers.0.hook_mlp_out"},
  };
  for (const auto& [mutation, place] : cuts) {
    TinyTransformer model;
    const HookScope scope(model, {{.at = place, .forward = cut}});
    std::vector<std::string> named;
    for (const std::string& name : frozen(train_with_adam(model, 12))) named.push_back(golden_name(name));
    std::vector<std::string> expected = red.at(mutation).at("frozen_params");
    std::erase(expected, "attn.k.bias");
    std::sort(named.begin(), named.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(named, expected) << mutation;
  }
}

TEST(Progressive_13_6, ASeveredGraphStillMemorises) {  // why guard (a) alone is blind
  TinyTransformer model;
  const ForwardHook cut = [](const Tensor& x, HookPlace&) { return x.detach(); };
  const HookScope scope(model, {{.at = "layers.0.hook_resid_mid", .forward = cut}});
  const Movement movement = train_with_adam(model, 60);
  expect_collapse(movement);
  EXPECT_EQ(frozen(movement).size(), 11u - 1) << "all that the golden file lists, but the structural zero";
}

TEST(Progressive_13_6, TheKeysBiasIsReached) {
  TinyTransformer model;
  const Tensor loss = model.loss();
  const Tape tape(loss, ones({}));
  const Tensor& bias = model.layers[0].attn.k.bias;
  EXPECT_TRUE(tape.reached(bias));
  EXPECT_LT(largest(tape.grad(bias)), 1e-6);
  for (const auto& [name, parameter] : model.named_parameters()) EXPECT_TRUE(tape.reached(parameter)) << name;
}

TEST(Progressive_13_6, CausalTrains) {
  TinyTransformer model({.attention = {.causal = true}});
  const Movement movement = train_with_adam(model, 60);
  const double initial = golden("e2e_transformer.json").at("green_causal_float64").at("initial");
  EXPECT_NEAR(movement.losses.front(), initial, 1e-5 * initial);
  expect_collapse(movement);
  EXPECT_EQ(frozen(movement), std::vector<std::string>{});
}

TEST(Progressive_13_6, WithDropout) {
  TinyTransformer model({.dropout = 0.1});
  const Movement movement = train_with_adam(model, 80);
  double late = 0;
  for (std::size_t i = 60; i < 80; ++i) late += movement.losses[i] / 20;
  EXPECT_LT(late, 0.5);
  EXPECT_EQ(frozen(movement), std::vector<std::string>{});
}

TEST(Progressive_13_6, TwoLayersTrain) {
  TinyTransformer model({.layers = 2});
  const Movement movement = train_with_adam(model, 50);
  EXPECT_EQ(movement.gradient.size(), 35u);
  expect_collapse(movement);
  EXPECT_EQ(frozen(movement), std::vector<std::string>{});
}

TEST(Progressive_13_6, OtherOptimizersTrain) {
  TinyTransformer first, second;
  SGD momentum(first.parameters(), {.lr = 0.1, .momentum = 0.9});
  AdamW decoupled(second.parameters(), {.lr = 5e-3});
  for (const Movement& movement : {train(first, momentum, 60), train(second, decoupled, 60)}) {
    expect_collapse(movement);
    EXPECT_EQ(frozen(movement), std::vector<std::string>{});
  }
}

// The decoder's twin: two sequences, 26 parameters and those around them.
struct TinyDecoder : Module {
  Tensor embedding{randn({32, 32}, 1) * Real(0.1), true}, memory_embedding{randn({32, 32}, 2) * Real(0.1), true};
  std::unique_ptr<DecoderLayer> layer;
  std::unique_ptr<Linear> head;
  TinyDecoder() {
    Generator g(3);
    layer = std::make_unique<DecoderLayer>(BlockOptions{.width = 32, .heads = 2, .hidden = 64}, g);
    head = std::make_unique<Linear>(LinearOptions{.in = 32, .out = 32}, g);
  }
  void members(Members& m) override {
    m("embedding", embedding);
    m("memory_embedding", memory_embedding);
    m("layer", *layer);
    m("head", *head);
  }
  Tensor loss() {
    std::vector<std::int32_t> ids, targets, read;
    for (int t = 0; t < 8; ++t) ids.push_back((7 * t + 3) % 32), targets.push_back((5 * t + 11) % 32);
    for (int t = 0; t < 5; ++t) read.push_back((11 * t + 2) % 32);
    const Tensor x = rushlight::embedding(embedding, Indices({1, 8}, ids));
    const Tensor memory = rushlight::embedding(memory_embedding, Indices({1, 5}, read));
    return cross_entropy((*head)(layer->forward(x, memory)), Indices({1, 8}, targets));
  }
};

TEST(Progressive_13_6, TinyDecoderTrains) {
  TinyDecoder model;
  Adam optimizer(model.parameters(), {.lr = 5e-3});
  const Movement movement = train(model, optimizer, 60);
  EXPECT_EQ(movement.gradient.size(), 26u + 4);
  EXPECT_LT(movement.losses.back(), 0.5);
  EXPECT_EQ(frozen(movement), std::vector<std::string>{});
}

TEST(Progressive_13_7, EveryParameterOfAGptMoves) {
  for (const Positions positions : {Positions::learned, Positions::rotary}) {
    struct Task : Module {
      GPT gpt;
      explicit Task(GPT model) : gpt(std::move(model)) {}
      void members(Members& m) override { m("gpt", gpt); }
      Tensor loss() {
        return cross_entropy(gpt(Indices({2, 4}, {0, 1, 2, 3, 4, 3, 2, 1})), Indices({2, 4}, {1, 2, 3, 4, 3, 2, 1, 0}));
      }
    };
    Generator g(5);
    Task task(GPT({.vocabulary = 5,
                   .context = 4,
                   .width = 8,
                   .layers = 2,
                   .heads = 2,
                   .tied = false,
                   .head_bias = true,
                   .positions = positions},
                  g));
    AdamW optimizer(task.parameters(), {.lr = 2e-2});
    const Movement movement = train(task, optimizer, 40);
    const std::size_t tables = positions == Positions::learned ? 2 : 1;
    EXPECT_EQ(movement.gradient.size(), tables + 2 * 16 + 2 + 2);
    EXPECT_NEAR(movement.losses.front(), std::log(5.0), 0.05) << "a fresh GPT knows nothing";
    EXPECT_LT(movement.losses.back(), 0.2);
    EXPECT_EQ(frozen(movement), std::vector<std::string>{});
    if (positions == Positions::rotary) {
      EXPECT_GT(movement.gradient.at("gpt.blocks.1.attn.k.bias"), 1e-6) << "no structural zero with rotary positions";
    }
  }
}

}  // namespace
}  // namespace rushlight::test
