// Modules 01 and 02 together: gradients that pass through products, broadcasts and reads on their way.
#include "02_activations/activations.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// x (B, I), hidden weight (I, H) and bias (H), output weight (H, O): f(x·W + b)·V.
Arrays network(std::uint64_t seed) {
  return {randn({3, 4}, seed), randn({4, 5}, seed + 1), uniform({5}, seed + 2, 0.3, 0.6), randn({5, 2}, seed + 3)};
}

void expect_network_learns(const std::function<Tensor(const Tensor&)>& f, std::uint64_t seed) {
  expect_gradients([&](const Tensors& in) { return matmul(f(matmul(in[0], in[1]) + in[2]), in[3]); }, network(seed),
                   {.floor = 1e-3});
}

}  // namespace

TEST(Progressive_02_1, ReluNetwork) { expect_network_learns(relu, 74); }

TEST(Progressive_02_1, LeakyReluNetwork) {
  expect_network_learns([](const Tensor& x) { return leaky_relu(x, 0.1); }, 74);
}

TEST(Progressive_02_1, AShutReluStopsEverythingBehindIt) {
  const Tensor w(randn({4, 5}, 75), true);
  const Tensor y = relu(matmul(randn({3, 4}, 76), w) - Tensor(Real{100}));
  EXPECT_TRUE(near(Tape(y, cotangent({3, 5})).grad(w), zeros({4, 5}), exactly));
}

TEST(Progressive_02_2, SigmoidNetwork) { expect_network_learns(sigmoid, 77); }

TEST(Progressive_02_2, TanhNetwork) {
  expect_network_learns([](const Tensor& x) { return tanh(x); }, 78);
}

// A gate: two paths from the same x that meet again in a product.
TEST(Progressive_02_2, GateSumsBothPaths) {
  expect_gradients([](const Tensors& in) { return sigmoid(in[0]) * tanh(in[0] + in[1]); },
                   {randn({3, 4}, 79), randn({4}, 80)}, {.floor = 1e-3});
}

TEST(Progressive_02_3, GeluNetwork) {
  expect_network_learns([](const Tensor& x) { return gelu(x); }, 81);
  expect_network_learns([](const Tensor& x) { return gelu(x, GeluApproximation::tanh); }, 82);
}

TEST(Progressive_02_4, SiluNetwork) { expect_network_learns(silu, 83); }

TEST(Progressive_02_4, SwiGluNetwork) {  // silu(x·W) · (x·V), the feed-forward block of recent language models
  expect_gradients([](const Tensors& in) { return silu(matmul(in[0], in[1])) * matmul(in[0], in[2]); },
                   {randn({3, 4}, 84), randn({4, 5}, 85), randn({4, 5}, 86)}, {.floor = 1e-3});
}

TEST(Progressive_02_5, AttentionInOneLine) {  // q, k, v (B, T, D) -> softmax(q·kᵀ)·v (B, T, D)
  expect_gradients(
      [](const Tensors& in) { return matmul(softmax(matmul(in[0], in[1], {.transpose_b = true})), in[2]); },
      {randn({2, 3, 4}, 87), randn({2, 3, 4}, 88), randn({2, 3, 4}, 89)}, {.floor = 1e-3});
}

TEST(Progressive_02_5, SoftmaxOfATransposedProduct) {
  expect_gradients([](const Tensors& in) { return softmax(transpose(matmul(in[0], in[1]), 0, 1), 0); },
                   {randn({3, 4}, 90), randn({4, 2}, 91)}, {.floor = 1e-3});
}

TEST(Progressive_02_6, CrossEntropyByHand) {  // mean over rows of -log p[label]
  const Indices labels({3, 1}, {1, 0, 1});
  expect_gradients([&](const Tensors& in) { return mean(-gather(log_softmax(matmul(in[0], in[1])), -1, labels)); },
                   {randn({3, 4}, 92), randn({4, 2}, 93)}, {.floor = 1e-3});
}

TEST(Progressive_02_6, EntropyOfADistribution) {  // two paths from the same log-probabilities
  expect_gradients(
      [](const Tensors& in) {
        const Tensor log_p = log_softmax(in[0]);
        return -sum(exp(log_p) * log_p, {-1});
      },
      {randn({3, 5}, 94)}, {.floor = 1e-3});
}

}  // namespace rushlight::test
