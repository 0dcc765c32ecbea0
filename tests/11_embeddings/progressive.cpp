// Modules 01 to 11 together: tokens and positions in front of layers, losses and optimizers.
#include <cmath>

#include "02_activations/activations.hpp"
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/sgd.hpp"
#include "11_embeddings/embeddings.hpp"
#include "11_embeddings/helpers.hpp"

namespace rushlight::test {
namespace {

// Tokens and positions, a norm, a head: the two ends of every language model. V 7, D 6, T 4.
struct Ends : Module {
  Embedding tokens;
  LearnedPositions positions;
  LayerNorm norm;
  Linear head;
  explicit Ends(Generator& g)
      : tokens({.count = 7, .width = 6, .padding_idx = 0}, g),
        positions({.length = 5, .width = 6}, g),
        norm({.shape = {6}}),
        head({.in = 6, .out = 7}, g) {}
  Tensor logits(const Indices& text) { return head(norm(tokens(text) + positions.forward(text.shape()[1]))); }
  void members(Members& m) override {
    m("tokens", tokens);
    m("positions", positions);
    m("norm", norm);
    m("head", head);
  }
};

const Indices text({2, 4}, std::vector<std::int32_t>{1, 2, 3, 1, 4, 1, 0, 0});
const Indices next({2, 4}, std::vector<std::int32_t>{2, 3, 1, 5, 1, 6, 2, 2});

Tensor loss_of(Ends& model) { return cross_entropy(model.logits(text), next); }

TEST(Progressive_11_1, TheLookupFeedsANetwork) {
  expect_gradients(
      [](const Tensors& in) {
        return relu(matmul(embedding(in[0], ids({3}, {0, 2, 2})), in[1]));
      },
      {uniform({3, 4}, 1, 0.2, 1), uniform({4, 2}, 2, 0.2, 1)}, {.floor = 1e-3});
}

TEST(Progressive_11_1, OneTableAtBothEnds) {  // tied weights: the lookup's gradient and the product's add up
  expect_gradients(
      [](const Tensors& in) {
        return matmul(embedding(in[0], ids({3}, {0, 2, 2})), in[0], {.transpose_b = true});
      },
      {randn({4, 3}, 3)}, {.floor = 1e-3});
}

TEST(Progressive_11_2, EveryParameterGetsAGradient) {
  Generator g(1);
  Ends model(g);
  const NamedTensors parameters = model.named_parameters();
  ASSERT_EQ(parameters.size(), 6u);
  loss_of(model).backward();
  for (const auto& [name, parameter] : parameters) {
    EXPECT_TRUE(grad_ok(parameter.grad(), parameter.shape(), 1e-4)) << name;
  }
}

TEST(Progressive_11_2, TrainingMovesTakenRowsOnly) {
  Generator g(1);
  Ends model(g);
  const Array tokens = model.tokens.weight.value().clone(), positions = model.positions.weight.value().clone();
  SGD optimizer(model.parameters(), {.lr = 0.5});
  for (int step = 0; step < 3; ++step) {
    model.zero_grad();
    loss_of(model).backward();
    optimizer.step();
  }
  const std::vector<bool> token_learns{false, true, true, true, true, false, false};  // 0 is padding, 5 and 6 unseen
  for (int row = 0; row < 7; ++row) {
    const bool same =
        same_bits(slice(model.tokens.weight.value(), 0, {row, row + 1}), slice(tokens, 0, {row, row + 1}));
    EXPECT_EQ(same, !token_learns[row]) << "token " << row;
  }
  for (int row = 0; row < 5; ++row) {
    const bool same =
        same_bits(slice(model.positions.weight.value(), 0, {row, row + 1}), slice(positions, 0, {row, row + 1}));
    EXPECT_EQ(same, row == 4) << "position " << row;
  }
}

TEST(Progressive_11_2, ItLearnsTheText) {
  Generator g(1);
  Ends model(g);
  Adam optimizer(model.parameters(), {.lr = 0.05});
  const double first = loss_of(model).item();
  for (int step = 0; step < 60; ++step) {
    model.zero_grad();
    loss_of(model).backward();
    optimizer.step();
  }
  EXPECT_NEAR(first, std::log(7.0), 1);
  EXPECT_LT(loss_of(model).item(), 0.1 * first);
}

// Token 1 stands at three places and is followed by three different tokens: without positions nobody can tell.
TEST(Progressive_11_3, PositionsTellEqualTokensApart) {
  Generator g(4);
  Ends model(g);
  const Array with = model.logits(ids({1, 4}, {1, 1, 1, 1})).value();
  EXPECT_FALSE(near(slice(with, 1, {0, 1}), slice(with, 1, {1, 2}), {1e-3, 1e-3}));
  model.positions.weight.set_value(zeros({5, 6}));
  const Array without = model.logits(ids({1, 4}, {1, 1, 1, 1})).value();
  EXPECT_TRUE(near(slice(without, 1, {0, 1}), slice(without, 1, {3, 4}), {1e-5, 1e-6}));
}

TEST(Progressive_11_4, SinesInFrontOfALayer) {
  const Array table = sinusoidal_positions(3, 4);
  expect_gradients(
      [&](const Tensors& in) {
        return linear(embedding(in[0], ids({2, 3}, {0, 1, 1, 2, 2, 0})) + table, in[1], in[2]);
      },
      {randn({3, 4}, 5), randn({2, 4}, 6), randn({2}, 7)}, {.floor = 1e-3});
}

TEST(Progressive_11_5, RotaryScoresThroughASoftmax) {  // q, k, v (T, K)
  expect_gradients(
      [](const Tensors& in) {
        return matmul(softmax(matmul(rotary(in[0]), rotary(in[1]), {.transpose_b = true})), in[2]);
      },
      {randn({4, 6}, 8), randn({4, 6}, 9), randn({4, 2}, 10)}, {.floor = 1e-3});
}

// The same pair of tokens, shifted along the text, is scored the same.
TEST(Progressive_11_5, AShiftedTextHasTheSameScores) {
  Generator g(11);
  Embedding tokens({.count = 5, .width = 8}, g);
  Linear q({.in = 8, .out = 8}, g), k({.in = 8, .out = 8}, g);
  const auto scores = [&](std::int64_t start) {
    const Tensor x = tokens(ids({4}, {1, 4, 0, 2}));
    return matmul(rotary(q(x), {.start = start}), rotary(k(x), {.start = start}), {.transpose_b = true}).value();
  };
  EXPECT_TRUE(near(scores(0), scores(100), {1e-5, 1e-5}));
}

}  // namespace
}  // namespace rushlight::test
