// Whole networks, plain and accelerated: the same loss, the same gradient of every parameter, the same training; and
// with any number of threads the same bits.
#include "03_layers/layers.hpp"
#include "05_autograd/autograd.hpp"
#include "09_spatial/spatial.hpp"
#include "13_transformers/transformer.hpp"
#include "plain.hpp"

namespace rushlight::test {
namespace {

const std::vector<std::string> nothing;

struct Losses {
  std::vector<double> each;
  Arrays gradients;   // of the first step
  Arrays parameters;  // after the last
};

// `steps` steps of AdamW; loss() builds the graph.
template <class Loss>
Losses train(Module& model, Loss loss, int steps) {
  AdamW optimizer(model.parameters(), {.lr = 0.01, .weight_decay = 0.1});
  Losses result;
  for (int step = 0; step < steps; ++step) {
    model.zero_grad();
    const Tensor value = loss();
    value.backward();
    result.each.push_back(value.item());
    if (step == 0) {
      for (const Tensor& p : model.parameters()) result.gradients.push_back(p.grad().clone());
    }
    optimizer.step();
  }
  for (const Tensor& p : model.parameters()) result.parameters.push_back(p.value().clone());
  return result;
}

Indices random_ids(const Shape& shape, std::int64_t limit, std::uint64_t seed) {
  Generator generator(seed);
  Indices ids(shape);
  for (std::int32_t& id : ids.mutable_data()) id = static_cast<std::int32_t>(generator.below(limit));
  return ids;
}

// A GPT with matrices large enough that attention has something to say.
Losses gpt_losses(const std::vector<std::string>& ops, int steps) {
  const Accelerated some(ops);
  Generator generator(1);
  GPT gpt({.vocabulary = 11, .context = 70, .width = 8, .layers = 2, .heads = 4, .groups = 2}, generator);
  std::uint64_t seed = 2;
  for (Tensor p : gpt.parameters()) p.set_value(p.value() + randn(p.shape(), seed++) * Real(0.2));
  const Indices ids = random_ids({2, 70}, 11, 3), targets = random_ids({2, 70}, 11, 4);
  return train(
      gpt, [&] { return cross_entropy(gpt(ids), targets, {.label_smoothing = Real(0.1)}); }, steps);
}

struct SmallCnn : Module {
  explicit SmallCnn(Generator& g)
      : first({.in = 2, .out = 4, .kernel = 3, .padding = 1}, g),
        second({.in = 4, .out = 6, .kernel = {2, 3}, .groups = 2}, g),
        third({.in = 6, .out = 4, .kernel = 3, .stride = 2}, g),
        norm({.shape = {4}}),
        head({.in = 4, .out = 3}, g) {}
  Tensor forward(const Tensor& x) override {
    const Tensor h = gelu(first(x), GeluApproximation::tanh);
    const Tensor y = third(gelu(second(h), GeluApproximation::tanh));
    return head(norm(reshape(adaptive_avg_pool2d(y), {x.dim(0), 4})));
  }
  void members(Members& m) override {
    m("first", first);
    m("second", second);
    m("third", third);
    m("norm", norm);
    m("head", head);
  }
  Conv2d first, second, third;
  LayerNorm norm;
  Linear head;
};

Losses cnn_losses(const std::vector<std::string>& ops, int steps) {
  const Accelerated some(ops);
  Generator generator(5);
  SmallCnn cnn(generator);
  const Tensor images(randn({9, 2, 9, 8}, 6));
  const Indices labels = random_ids({9}, 3, 7);
  return train(
      cnn, [&] { return cross_entropy(cnn(images), labels); }, steps);
}

// Two layers, with a rectifier between them.
Losses perceptron_losses(const std::vector<std::string>& ops, int steps) {
  const Accelerated some(ops);
  Generator generator(10);
  Sequential network;
  network.add(Linear({.in = 20, .out = 33}, generator)).add(Relu()).add(Linear({.in = 33, .out = 4}, generator));
  const Tensor x(randn({70, 20}, 11));
  const Indices labels = random_ids({70}, 4, 12);
  return train(
      network, [&] { return cross_entropy(network(x), labels); }, steps);
}

constexpr Tolerance first_step = double_precision ? Tolerance{1e-9, 1e-11} : Tolerance{2e-4, 2e-6};

using Training = Losses (*)(const std::vector<std::string>& ops, int steps);

void expect_same_gradients(Training run, const std::vector<std::string>& ops) {
  const Losses plain = run(nothing, 1), fast = run(ops, 1);
  EXPECT_NEAR(fast.each[0], plain.each[0], double_precision ? 1e-12 : 2e-6);
  ASSERT_EQ(fast.gradients.size(), plain.gradients.size());
  for (std::size_t i = 0; i < fast.gradients.size(); ++i) {
    EXPECT_TRUE(near(fast.gradients[i], plain.gradients[i], first_step)) << "parameter " << i;
  }
}

// AdamW divides by the root of what it has seen, so that a difference in the last digit of a tiny gradient becomes one
// of the learning rate: the losses stay together, not every parameter.
void expect_same_training(Training run, const std::vector<std::string>& ops) {
  const Losses plain = run(nothing, 12), fast = run(ops, 12);
  for (std::size_t i = 0; i < plain.each.size(); ++i) {
    EXPECT_NEAR(fast.each[i], plain.each[i], double_precision ? 1e-9 : 2e-4) << "step " << i;
  }
  EXPECT_LT(fast.each.back(), 0.95 * fast.each.front());
}

// --- 18.4 to 18.8: one kernel at a time --------------------------------------------------------------------------

TEST(Progressive_18_4, APerceptronWithLoopsForPrimitives) { expect_same_gradients(perceptron_losses, {"primitives"}); }
TEST(Progressive_18_5, AGptWithFusedGeluAndSoftmax) { expect_same_gradients(gpt_losses, {"gelu", "softmax"}); }
TEST(Progressive_18_6, AGptWithFusedRows) { expect_same_gradients(gpt_losses, {"layer_norm", "cross_entropy"}); }
TEST(Progressive_18_7, AGptWithFusedAdamTrainsTheSame) { expect_same_training(gpt_losses, {"adam"}); }
TEST(Progressive_18_8, AGptWithTiledAttention) { expect_same_gradients(gpt_losses, {"attention"}); }

TEST(Progressive_18_8, HooksStillSeeThePattern) {  // somebody wants to see it: the composed path is taken
  const Accelerated one({"attention"});
  Generator generator(8);
  GPT gpt({.vocabulary = 5, .context = 6, .width = 8, .layers = 1, .heads = 2}, generator);
  const Indices ids = random_ids({1, 6}, 5, 9);
  const Array fast = gpt(ids).value();
  Array pattern;
  const HookScope scope(gpt, {{.at = "blocks.0.attn.hook_pattern", .forward = [&](const Tensor& x, HookPlace&) {
                                 pattern = x.value();
                                 return x;
                               }}});
  const Array watched = gpt(ids).value();
  ASSERT_TRUE(pattern.defined());
  EXPECT_EQ(pattern.shape(), Shape({1, 2, 6, 6}));
  EXPECT_TRUE(near(fast, watched, first_step));
}

// --- 18.9: all of them --------------------------------------------------------------------------------------------

TEST(Progressive_18_9, AGptWithEverything) { expect_same_gradients(gpt_losses, accelerated_ops()); }
TEST(Progressive_18_9, ACnnWithEverything) { expect_same_gradients(cnn_losses, accelerated_ops()); }
TEST(Progressive_18_9, AGptTrainsTheSame) { expect_same_training(gpt_losses, accelerated_ops()); }
TEST(Progressive_18_9, ACnnTrainsTheSame) { expect_same_training(cnn_losses, accelerated_ops()); }

TEST(Progressive_18_9, TrainingDoesNotDependOnTheThreads) {
  for (const Training run : {Training{gpt_losses}, Training{cnn_losses}}) {
    const Losses alone = run(accelerated_ops(), 3);
    for (const int threads : {1, 2, 3}) {
      const Threads several(threads);
      const Losses together = run(accelerated_ops(), 3);
      EXPECT_EQ(together.each, alone.each) << threads << " threads";
      for (std::size_t i = 0; i < alone.parameters.size(); ++i) {
        EXPECT_TRUE(same_bits(together.parameters[i], alone.parameters[i])) << threads << " threads, parameter " << i;
      }
    }
  }
}

}  // namespace
}  // namespace rushlight::test
