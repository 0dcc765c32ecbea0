// Batches and gradients: a batch brings no graph, cuts none, and its gradient is the mean of its examples' gradients.
// The loss is made of module 01's ops and differentiated by the naive tape, so that nothing else is on trial here.
#include "08_dataloader/sources.hpp"

namespace rushlight::test {
namespace {

// B examples, F features, K outputs.
constexpr std::int64_t F = 3;
constexpr std::int64_t K = 2;

std::shared_ptr<TensorDataset> dataset_of(std::int64_t count) {
  Indices labels({count});
  for (std::int64_t i = 0; i < count; ++i) labels.mutable_data()[i] = static_cast<std::int32_t>(i % K);
  return std::make_shared<TensorDataset>(randn({count, F}, 21), labels);
}

// Mean over the batch of -log softmax(x·W + b)[label].
Tensor loss_of(const Tensor& x, const Indices& labels, const Tensor& weight, const Tensor& bias) {
  const Tensor logits = matmul(x, weight) + bias;
  const Tensor log_total = log(sum(exp(logits), {1}, true));
  return mean(log_total - gather(logits, 1, labels.with_shape({labels.size(), 1})));
}

struct Gradients {
  Array weight;
  Array bias;
};

Gradients gradients_of(const Batch& batch, const Array& weight_value, const Array& bias_value) {
  const Tensor weight(weight_value, true);
  const Tensor bias(bias_value, true);
  const Tape tape(loss_of(batch.inputs, batch.labels, weight, bias), Array::scalar(1));
  return {tape.grad(weight), tape.grad(bias)};
}

TEST(GradientFlow_08_5, ABatchBringsNoGraph) {
  DataLoader loader(dataset_of(6), {.batch_size = 4});
  const Tensor input(next_of(loader)->inputs);
  EXPECT_FALSE(input.requires_grad());
  EXPECT_EQ(input.node(), nullptr);
  EXPECT_TRUE(input.is_leaf());
}

TEST(GradientFlow_08_5, NoGraphGrowsFromBatchToBatch) {
  DataLoader loader(dataset_of(6), {.batch_size = 2});
  const Tensor weight(randn({F, K}, 1), true);
  const Tensor bias(randn({K}, 2), true);
  for (int epoch = 0; epoch < 2; ++epoch) {
    for (const Batch& batch : loader.epoch(epoch)) {
      const Tensor loss = loss_of(batch.inputs, batch.labels, weight, bias);
      // The whole graph, counted: it must be this batch's alone.
      std::vector<const Node*> stack{loss.node().get()};
      std::set<const Node*> seen;
      while (!stack.empty()) {
        const Node* node = stack.back();
        stack.pop_back();
        if (node == nullptr || !seen.insert(node).second) continue;
        for (const Node::Input& input : node->inputs) stack.push_back(input.node.get());
      }
      EXPECT_EQ(seen.size(), 10u) << "8 ops, weight and bias";
    }
  }
}

TEST(GradientFlow_08_5, EveryParameterAndTheInputGetAGradient) {
  DataLoader loader(dataset_of(6), {.batch_size = 4, .shuffle = true});
  const Batch batch = *next_of(loader);
  const Tensor input(batch.inputs, true);
  const Tensor weight(randn({F, K}, 1), true);
  const Tensor bias(randn({K}, 2), true);
  const Tape tape(loss_of(input, batch.labels, weight, bias), Array::scalar(1));
  EXPECT_TRUE(grad_ok(tape.grad(input), {4, F}));
  EXPECT_TRUE(grad_ok(tape.grad(weight), {F, K}));
  EXPECT_TRUE(grad_ok(tape.grad(bias), {K}));
}

TEST(GradientFlow_08_5, TheGradientOfABatchIsRight) {
  DataLoader loader(dataset_of(5), {.batch_size = 5, .shuffle = true, .seed = 2});
  const Batch batch = *next_of(loader);
  expect_gradients([&](const Tensors& in) { return loss_of(in[0], batch.labels, in[1], in[2]); },
                   {batch.inputs, randn({F, K}, 1), randn({K}, 2)});
}

TEST(GradientFlow_08_5, TheGradientOfABatchIsTheMeanOfItsExamples) {
  const Array weight = randn({F, K}, 1);
  const Array bias = randn({K}, 2);
  DataLoader together(dataset_of(8), {.batch_size = 8, .shuffle = true, .seed = 3});
  DataLoader single(dataset_of(8), {.batch_size = 1, .shuffle = true, .seed = 3});
  std::vector<double> weight_mean(F * K);
  std::vector<double> bias_mean(K);
  for (const Batch& batch : single.epoch(0)) {
    const Gradients each = gradients_of(batch, weight, bias);
    for (std::size_t i = 0; i < weight_mean.size(); ++i) weight_mean[i] += each.weight.data()[i] / 8.0;
    for (std::size_t i = 0; i < bias_mean.size(); ++i) bias_mean[i] += each.bias.data()[i] / 8.0;
  }
  const Gradients whole = gradients_of(*next_of(together), weight, bias);
  EXPECT_TRUE(near(whole.weight, {F, K}, weight_mean, gradient_tolerance));
  EXPECT_TRUE(near(whole.bias, {K}, bias_mean, gradient_tolerance));
}

TEST(GradientFlow_08_5, ShortBatchesWeighTheirExamplesEqually) {
  // 5 examples by 2: (2·g1 + 2·g2 + 1·g3) / 5 is the gradient of all five.
  const Array weight = randn({F, K}, 1);
  const Array bias = randn({K}, 2);
  DataLoader pieces(dataset_of(5), {.batch_size = 2});
  DataLoader whole(dataset_of(5), {.batch_size = 5});
  std::vector<double> mean(F * K);
  for (const Batch& batch : pieces.epoch(0)) {
    const Gradients each = gradients_of(batch, weight, bias);
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += each.weight.data()[i] * (batch.size() / 5.0);
  }
  EXPECT_TRUE(near(gradients_of(*next_of(whole), weight, bias).weight, {F, K}, mean, gradient_tolerance));
}

TEST(GradientFlow_08_6, BatchesFromWorkersCarryTheSameGradients) {
  const Array weight = randn({F, K}, 1);
  const Array bias = randn({K}, 2);
  DataLoader none(dataset_of(9), {.batch_size = 2, .shuffle = true, .seed = 4});
  DataLoader workers(dataset_of(9), {.batch_size = 2, .shuffle = true, .workers = 2, .seed = 4});
  while (const auto expected = next_of(none)) {
    const Batch batch = *next_of(workers);
    EXPECT_EQ(Tensor(batch.inputs).node(), nullptr);
    EXPECT_TRUE(same_bits(gradients_of(batch, weight, bias).weight, gradients_of(*expected, weight, bias).weight));
  }
}

}  // namespace
}  // namespace rushlight::test
