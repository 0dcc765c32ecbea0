// Modules 01 to 12 together: attention between embeddings, norms, losses and optimizers.
#include "02_activations/activations.hpp"
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "11_embeddings/embeddings.hpp"
#include "oracle.hpp"

namespace rushlight::test {
namespace {

// x + attention(norm(x)), between tokens with positions and a head: the smallest model that can look back.
struct LooksBack : Module {
  Embedding tokens;
  LearnedPositions positions;
  LayerNorm norm;
  MultiHeadAttention attention;
  Linear head;
  AttentionOptions options{.causal = true};
  explicit LooksBack(Generator& g)
      : tokens({.count = 5, .width = 16}, g),
        positions({.length = 6, .width = 16}, g),
        norm({.shape = {16}}),
        attention({.width = 16, .heads = 2}, g),
        head({.in = 16, .out = 5}, g) {}
  Tensor logits(const Indices& text) {
    const Tensor x = tokens(text) + positions.forward(text.shape()[1]);
    return head(x + attention(norm(x), options));
  }
  void members(Members& m) override {
    m("tokens", tokens);
    m("positions", positions);
    m("norm", norm);
    m("attn", attention);
    m("head", head);
  }
};

// Random texts, and at every place the token before: only attention to the position before can know it.
struct Task {
  Indices text{Shape{64, 6}}, before{Shape{64, 6}};
  explicit Task(std::uint64_t seed) {
    Generator g(seed);
    for (std::int32_t& token : text.mutable_data()) token = static_cast<std::int32_t>(g.below(5));
    for (std::int64_t i = 0; i < text.size(); ++i) {
      before.mutable_data()[i] = i % 6 == 0 ? -100 : text.data()[i - 1];  // -100: nothing to predict
    }
  }
};

// The loss on texts that were not in the training.
double train(LooksBack& model, int steps) {
  const Task task(7), unseen(8);
  Adam optimizer(model.parameters(), {.lr = 0.02});
  for (int step = 0; step < steps; ++step) {
    model.zero_grad();
    cross_entropy(model.logits(task.text), task.before).backward();
    optimizer.step();
  }
  return cross_entropy(model.logits(unseen.text), unseen.before).item();
}

TEST(Progressive_12_1, MasksGuideAMean) {  // of what is seen, in module 01's arithmetic
  const Mask mask = mask_and(causal_mask(3, 3), padding_mask(Indices({1}, {2}), 3));
  const Array zero = Array::scalar(0);
  const Array weights = where(mask, Array::scalar(1), zero);
  EXPECT_TRUE(near(matmul(weights, Array({3, 1}, {1, 3, 100})), {1, 1, 3, 1}, {1, 4, 4}));
}

TEST(Progressive_12_2, AMaskedSoftmaxInANetwork) {
  const Mask mask = mask_of({4}, {1, 1, 0, 1});
  expect_gradients([&](const Tensors& in) { return matmul(masked_softmax(tanh(matmul(in[0], in[1])), mask), in[2]); },
                   {randn({3, 2}, 1), randn({2, 4}, 2), randn({4, 2}, 3)}, {.floor = 1e-3});
}

TEST(Progressive_12_3, ProductsWithASoftmaxBetween) {
  expect_gradients(
      [](const Tensors& in) { return attention_output(softmax(attention_scores(in[0], in[1], 0.5)), in[2]); },
      {randn({1, 4, 2, 3}, 4), randn({1, 2, 3, 3}, 5), randn({1, 2, 3, 2}, 6)}, {.floor = 1e-3});
}

TEST(Progressive_12_4, APatternLearnsFromALoss) {
  expect_gradients(
      [](const Tensors& in) {
        const Tensor pattern = attention_pattern(in[0], {.bias = in[1], .causal = true});
        return mse_loss(pattern, Tensor(Array::full({1, 2, 3, 3}, Real(0.25))));
      },
      {randn({1, 2, 3, 3}, 7), randn({2, 1, 3}, 8)}, {.floor = 1e-3});
}

TEST(Progressive_12_5, RotaryAttentionBetweenLinears) {
  expect_gradients(
      [](const Tensors& in) {
        const Tensor x = linear(in[0], in[1]);
        return gelu(scaled_dot_product_attention(rotary(x), rotary(x), x, {.causal = true}));
      },
      {randn({1, 2, 4, 3}, 9), randn({4, 3}, 10)}, {.floor = 1e-3});
}

TEST(Progressive_12_5, EngineAndTapeAgree) {
  const Tensor q(randn({1, 4, 3, 2}, 11), true), k(randn({1, 2, 3, 2}, 12), true), v(randn({1, 2, 3, 2}, 13), true);
  const Tensor out = scaled_dot_product_attention(q, k, v, {.causal = true});
  const Array seed = cotangent(out.shape());
  const Tape tape(out, seed);
  out.backward(seed);
  for (const Tensor& each : {q, k, v}) EXPECT_TRUE(near(each.grad(), tape.grad(each), gradient_tolerance));
}

TEST(Progressive_12_6, HeadsOfALinear) {
  expect_gradients([](const Tensors& in) { return merge_heads(tanh(split_heads(linear(in[0], in[1]), 2))); },
                   {randn({2, 3, 4}, 14), randn({4, 4}, 15)}, {.floor = 1e-3});
}

TEST(Progressive_12_7, EveryParameterGetsAGradient) {
  Generator g(1);
  LooksBack model(g);
  const Task task(7);
  cross_entropy(model.logits(task.text), task.before).backward();
  const NamedTensors parameters = model.named_parameters();
  ASSERT_EQ(parameters.size(), 14u);
  for (const auto& [name, parameter] : parameters) {
    const bool structural_zero = name == "attn.k.bias";
    EXPECT_TRUE(grad_ok(parameter.grad(), parameter.shape(), structural_zero ? -1 : 1e-6)) << name;
  }
}

TEST(Progressive_12_7, ItLearnsToLookBack) {
  Generator g(1);
  LooksBack model(g);
  EXPECT_LT(train(model, 80), 0.05);
}

// The negative control: the same model, whose pattern is replaced by a uniform one, cannot tell which token was last.
TEST(Progressive_12_7, UniformAttentionDoesNot) {
  Generator g(1);
  LooksBack model(g);
  model.options.on_pattern = [](const Tensor& x) {
    return attention_pattern(Tensor(zeros(x.shape())), {.causal = true});
  };
  EXPECT_GT(train(model, 80), 0.5);
}

TEST(Progressive_12_7, NothingIsRecordedWithoutGradients) {
  Generator g(1);
  LooksBack model(g);
  const NoGrad off;
  EXPECT_FALSE(model.logits(Task(7).text).requires_grad());
}

}  // namespace
}  // namespace rushlight::test
