// Losses on top of what modules 01 to 03 made: the gradient reaches every weight below.
#include "02_activations/activations.hpp"
#include "04_losses/loss_checks.hpp"

namespace rushlight::test {
namespace {

// x (B, I), weight (I, H), bias (H), output weight (H, O)
Arrays network(std::int64_t outputs, std::uint64_t seed) {
  return {randn({5, 3}, seed), randn({3, 4}, seed + 1), randn({4}, seed + 2), randn({4, outputs}, seed + 3)};
}

Tensor predict(const Tensors& in) { return matmul(tanh(matmul(in[0], in[1]) + in[2]), in[3]); }

}  // namespace

TEST(Progressive_04_1, RegressionNetwork) {
  const Array target = randn({5, 2}, 70);
  expect_gradients([&](const Tensors& in) { return mse_loss(predict(in), target); }, network(2, 71), {.floor = 1e-3});
  expect_gradients([&](const Tensors& in) { return huber_loss(predict(in), target, {.delta = 50}); }, network(2, 75),
                   {.floor = 1e-3});
}

// The law that lets you write log_softmax with it: log p = x - logsumexp(x).
TEST(Progressive_04_2, LogSoftmaxIsXMinusLogSumExp) {
  const auto by_hand = [](const Tensors& in) { return in[0] - logsumexp(in[0], 1, true); };
  const Array x = randn({3, 5}, 79);
  expect_gradients(by_hand, {x}, {.floor = 1e-3});
  const nlohmann::json all = golden("activations_norms.json").at("softmax");
  EXPECT_TRUE(
      near(by_hand({array_of(all.at("x"))}).value(), {2, 4}, values_of(all.at("log_softmax_y")), gradient_tolerance));
}

TEST(Progressive_04_3, BinaryNetwork) {
  const Array target({5, 1}, {0, 1, 1, 0, 1});
  expect_gradients([&](const Tensors& in) { return bce_with_logits_loss(predict(in), target); }, network(1, 80),
                   {.floor = 1e-3});
  expect_gradients([&](const Tensors& in) { return bce_loss(sigmoid(predict(in)), target); }, network(1, 84),
                   {.floor = 1e-3});
}

TEST(Progressive_04_4, ClassifierInTwoOps) {
  const Indices labels({5}, {0, 2, 1, 1, -100});
  expect_gradients([&](const Tensors& in) { return nll_loss(log_softmax(predict(in)), labels); }, network(3, 88),
                   {.floor = 1e-3});
}

TEST(Progressive_04_5, ClassifierInOneOp) {
  const Indices labels({5}, {0, 2, 1, 1, -100});
  expect_gradients([&](const Tensors& in) { return cross_entropy(predict(in), labels, {.label_smoothing = 0.1}); },
                   network(3, 88), {.floor = 1e-3});
}

// The gradient of a mean over a batch is the mean of the gradients of its rows.
TEST(Progressive_04_5, BatchGradientIsTheMeanOfItsRows) {
  const Arrays parameters = network(3, 92);
  const Indices labels({5}, {0, 2, 1, 1, 2});
  const auto gradient = [&](const Array& x, const Indices& wanted) {
    const Tensor weight(parameters[1], true);
    const Tensor loss = cross_entropy(predict({x, weight, parameters[2], parameters[3]}), wanted);
    return to_doubles(Tape(loss, Array::full({}, 1)).grad(weight));
  };
  Doubles mean(12, 0.0);
  for (int row = 0; row < 5; ++row) {
    const Array x(
        {1, 3}, std::vector<Real>(parameters[0].data().begin() + row * 3, parameters[0].data().begin() + row * 3 + 3));
    const Doubles part = gradient(x, Indices({1}, {labels.data()[row]}));
    for (int i = 0; i < 12; ++i) mean[i] += part[i] / 5;
  }
  EXPECT_TRUE(near(array_from({3, 4}, gradient(parameters[0], labels)), {3, 4}, mean, gradient_tolerance));
}

}  // namespace rushlight::test
