// The whole module at work: small computations that later modules are made of.
#include "01_tensor/oracles.hpp"

namespace rushlight::test {
namespace {

TEST(Progressive_01_4, AMatrixProductIsAReducedOuterProduct) {
  const Array a = randn({3, 4}, 91), b = randn({4, 5}, 92);
  const Array spread = mul(reshape(a, {3, 4, 1}), reshape(b, {1, 4, 5}));
  EXPECT_TRUE(near(sum(spread, {1}), matmul(a, b), gradient_tolerance));
}

TEST(Progressive_01_5, TransposeFlagsEqualTransposedCopies) {
  const Array a = randn({2, 3, 4}, 93), b = randn({3, 5}, 94);
  const Array copied = matmul(transpose(a, 1, 2), b);
  EXPECT_TRUE(near(matmul(a, b, {.transpose_a = true}), copied, gradient_tolerance));
}

TEST(Progressive_01_6, GatherIsAChainOfSlices) {
  const Array x = randn({3, 4}, 95);
  const Array picked = gather(x, 1, Indices({3, 1}, {2, 0, 3}));
  Arrays parts;
  for (const std::int64_t row : {0, 1, 2}) {
    const std::int64_t column = std::vector<std::int64_t>{2, 0, 3}[row];
    parts.push_back(slice(slice(x, 0, {row, row + 1}), 1, {column, column + 1}));
  }
  EXPECT_TRUE(same_bits(concat(parts, 0), picked));
}

TEST(Progressive_01_7, ASigmoidFromItsPieces) {
  const auto sigmoid = [](const Tensors& in) { return 1 / (1 + exp(-in[0])); };
  expect_gradients(sigmoid, {randn({3, 4}, 96)});
  EXPECT_TRUE(near(sigmoid({Tensor(Array({3}, {-1e4, 0, 1e4}))}).value(), {3}, {0, 0.5, 1}));
}

TEST(Progressive_01_8, ASoftmaxFromItsPieces) {
  const auto softmax = [](const Tensors& in) {
    const Tensor shifted = in[0] - max(in[0], {-1}, true);
    const Tensor weights = exp(shifted);
    return weights / sum(weights, {-1}, true);
  };
  expect_gradients(softmax, {randn({3, 4}, 97)}, {.floor = 1e-4});
  EXPECT_TRUE(near(softmax({Tensor(Array({3}, {1e4, 1e4, -1e4}))}).value(), {3}, {0.5, 0.5, 0}));
}

TEST(Progressive_01_8, TwoLayersOfANetwork) {
  const auto network = [](const Tensors& in) {
    const Tensor hidden = maximum(matmul(in[0], in[1], {.transpose_b = true}) + in[2], 0);
    return mean(pow(matmul(hidden, in[3], {.transpose_b = true}), 2));
  };
  expect_gradients(network, {randn({4, 3}, 98), randn({5, 3}, 99), randn({5}, 100), randn({2, 5}, 101)});
}

TEST(Progressive_01_9, AttentionFromItsPieces) {
  const auto attention = [](const Tensors& in) {  // B batch, T tokens, H heads, K width of a head
    const auto heads = [](const Tensor& x_BTD) { return permute(reshape(x_BTD, {2, 3, 2, 2}), {0, 2, 1, 3}); };
    const Tensor scores = matmul(heads(in[0]), heads(in[1]), {.transpose_b = true});
    const Tensor weights = exp(scores - max(scores, {-1}, true));
    const Tensor mixed = matmul(weights / sum(weights, {-1}, true), heads(in[2]));
    return reshape(permute(mixed, {0, 2, 1, 3}), {2, 3, 4});
  };
  expect_gradients(attention, {randn({2, 3, 4}, 102), randn({2, 3, 4}, 103), randn({2, 3, 4}, 104)});
}

TEST(Progressive_01_9, ALookupThatIsScored) {
  const auto score = [](const Tensors& in) {
    const Tensor rows = take(in[0], Indices({4}, {0, 2, 2, 1}));
    return -mean(log(gather(exp(matmul(rows, in[1])), 1, Indices({4, 1}, {1, 0, 2, 2}))));
  };
  expect_gradients(score, {randn({3, 5}, 105), randn({5, 3}, 106)});
}

// One step against the gradient makes the loss smaller, all the way through the module.
TEST(Progressive_01_9, AStepDownhill) {
  const Array x = randn({8, 3}, 107);
  Tensor weight(randn({3, 1}, 108), true);
  const auto loss_of = [&x](const Tensor& w) { return mean(pow(reshape(matmul(x, w), {8}) - 1, 2)); };
  const Tensor before = loss_of(weight);
  const Array step = Tape(before, ones({})).grad(weight);
  ASSERT_TRUE(grad_ok(step, {3, 1}));
  weight.set_value(weight.value() - Real{0.05} * step);
  EXPECT_LT(loss_of(weight).item(), before.item());
}

}  // namespace
}  // namespace rushlight::test
