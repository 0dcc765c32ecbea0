// Modules 01 and 02 together: gradients that pass through products, broadcasts and reads on their way.
#include <algorithm>
#include <cmath>

#include "02_activations/activations.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// x (B, I), hidden weight (I, H) and bias (H), output weight (H, O): f(x·W + b)·V.
Arrays network(std::uint64_t seed) {
  return {randn({3, 4}, seed), randn({4, 5}, seed + 1), uniform({5}, seed + 2, 0.3, 0.6), randn({5, 2}, seed + 3)};
}

using Formula = std::function<double(double)>;

std::vector<double> numbers(const Array& array) { return {array.data().begin(), array.data().end()}; }

// a (rows, inner) times b (inner, columns), in double.
std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b, std::size_t inner) {
  const std::size_t columns = b.size() / inner;
  std::vector<double> result(a.size() / inner * columns);
  for (std::size_t i = 0; i < result.size(); ++i) {
    for (std::size_t k = 0; k < inner; ++k) result[i] += a[i / columns * inner + k] * b[k * columns + i % columns];
  }
  return result;
}

// What network(seed) comes to when f is this formula.
std::vector<double> by_hand(const Arrays& in, const Formula& formula) {
  std::vector<double> hidden = product(numbers(in[0]), numbers(in[1]), 4);
  for (std::size_t i = 0; i < hidden.size(); ++i) hidden[i] = formula(hidden[i] + numbers(in[2])[i % 5]);
  return product(hidden, numbers(in[3]), 5);
}

// Its gradients, and its values: those of f are right for any f that agrees with its own derivative, even for y = x.
void expect_network_learns(const std::function<Tensor(const Tensor&)>& f, const Formula& formula, std::uint64_t seed) {
  const auto forward = [&](const Tensors& in) { return matmul(f(matmul(in[0], in[1]) + in[2]), in[3]); };
  const Arrays in = network(seed);
  EXPECT_TRUE(near(forward({in[0], in[1], in[2], in[3]}).value(), {3, 2}, by_hand(in, formula)));
  expect_gradients(forward, in, {.floor = 1e-3});
}

double sigmoid_of(double z) { return 1 / (1 + std::exp(-z)); }
double silu_of(double z) { return z * sigmoid_of(z); }
double gelu_of(double z) { return z * 0.5 * (1 + std::erf(z / std::sqrt(2.0))); }
double gelu_tanh_of(double z) { return 0.5 * z * (1 + std::tanh(std::sqrt(2 / M_PI) * (z + 0.044715 * z * z * z))); }

}  // namespace

TEST(Progressive_02_1, ReluNetwork) {
  expect_network_learns(
      relu, [](double z) { return std::max(z, 0.0); }, 74);
}

TEST(Progressive_02_1, LeakyReluNetwork) {
  expect_network_learns([](const Tensor& x) { return leaky_relu(x, 0.1); },
                        [](double z) { return z > 0 ? z : 0.1 * z; }, 74);
}

TEST(Progressive_02_1, AShutReluStopsEverythingBehindIt) {
  const Tensor w(randn({4, 5}, 75), true);
  const Tensor y = relu(matmul(randn({3, 4}, 76), w) - Tensor(Real{100}));
  EXPECT_TRUE(near(Tape(y, cotangent({3, 5})).grad(w), zeros({4, 5}), exactly));
}

TEST(Progressive_02_2, SigmoidNetwork) { expect_network_learns(sigmoid, sigmoid_of, 77); }

TEST(Progressive_02_2, TanhNetwork) {
  expect_network_learns([](const Tensor& x) { return tanh(x); }, [](double z) { return std::tanh(z); }, 78);
}

// A gate: two paths from the same x that meet again in a product.
TEST(Progressive_02_2, GateSumsBothPaths) {
  const auto gate = [](const Tensors& in) { return sigmoid(in[0]) * tanh(in[0] + in[1]); };
  const Arrays in{randn({3, 4}, 79), randn({4}, 80)};
  std::vector<double> expected = numbers(in[0]);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] = sigmoid_of(expected[i]) * std::tanh(expected[i] + numbers(in[1])[i % 4]);
  }
  EXPECT_TRUE(near(gate({in[0], in[1]}).value(), {3, 4}, expected));
  expect_gradients(gate, in, {.floor = 1e-3});
}

TEST(Progressive_02_3, GeluNetwork) {
  expect_network_learns([](const Tensor& x) { return gelu(x); }, gelu_of, 81);
  expect_network_learns([](const Tensor& x) { return gelu(x, GeluApproximation::tanh); }, gelu_tanh_of, 82);
}

TEST(Progressive_02_4, SiluNetwork) { expect_network_learns(silu, silu_of, 83); }

TEST(Progressive_02_4, SwiGluNetwork) {  // silu(x·W) · (x·V), the feed-forward block of recent language models
  const auto block = [](const Tensors& in) { return silu(matmul(in[0], in[1])) * matmul(in[0], in[2]); };
  const Arrays in{randn({3, 4}, 84), randn({4, 5}, 85), randn({4, 5}, 86)};
  std::vector<double> expected = product(numbers(in[0]), numbers(in[1]), 4);
  const std::vector<double> gated = product(numbers(in[0]), numbers(in[2]), 4);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = silu_of(expected[i]) * gated[i];
  EXPECT_TRUE(near(block({in[0], in[1], in[2]}).value(), {3, 5}, expected));
  expect_gradients(block, in, {.floor = 1e-3});
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
