// From a data set to moved parameters, through every module of the foundation.
#include "02_activations/activations.hpp"
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "08_dataloader/dataloader.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// Three clouds of points in four dimensions, one per class.
std::shared_ptr<const Dataset> clouds() {
  const std::int64_t count = 60;
  const Array centres = randn({3, 4}, 1);
  Array features = randn({count, 4}, 2) * Real(0.3);
  Indices labels(Shape{count});
  for (std::int64_t i = 0; i < count; ++i) {
    labels.mutable_data()[i] = static_cast<std::int32_t>(i % 3);
    for (std::int64_t j = 0; j < 4; ++j) features.mutable_data()[4 * i + j] += centres.data()[4 * (i % 3) + j];
  }
  return std::make_shared<TensorDataset>(features, labels);
}

Sequential make_net() {
  Generator g(1);
  return Sequential{Linear({.in = 4, .out = 8}, g), Gelu(), LayerNorm({.shape = {8}}), Linear({.in = 8, .out = 3}, g)};
}

double accuracy(Sequential& net, DataLoader& loader) {
  const NoGrad off;
  std::int64_t right = 0, all = 0;
  Batch batch;
  loader.start_epoch(0);
  while (loader.next(batch)) {
    const Tensor logits = net(Tensor(batch.inputs));
    EXPECT_FALSE(logits.requires_grad());
    const Indices guess = argmax(logits.value());
    for (std::int64_t i = 0; i < guess.size(); ++i) right += guess.data()[i] == batch.labels.data()[i];
    all += guess.size();
  }
  return static_cast<double>(right) / static_cast<double>(all);
}

TEST(Integration_08, ALoaderANetAndAnOptimizer) {
  DataLoader loader(clouds(), {.batch_size = 16, .shuffle = true, .seed = 5});
  Sequential net = make_net();
  Adam optimizer(net.parameters(), {.lr = 1e-2});
  const StateDict before = net.state_dict();
  for (int epoch = 0; epoch < 10; ++epoch) {
    Batch batch;
    loader.start_epoch(epoch);
    while (loader.next(batch)) {
      const Tensor loss = cross_entropy(net(Tensor(batch.inputs)), batch.labels);
      optimizer.zero_grad();
      loss.backward();
      for (const auto& [name, parameter] : net.named_parameters()) {
        ASSERT_TRUE(grad_ok(parameter.grad(), parameter.shape(), 1e-8)) << name << " in epoch " << epoch;
      }
      optimizer.step();
    }
  }
  EXPECT_GE(accuracy(net, loader), 0.95);
  for (const auto& [name, value] : net.state_dict()) {
    EXPECT_FALSE(near(value, before.at(name), {1e-3, 1e-3})) << name << " did not move";
  }
}

// The mean over a batch has the mean of the examples' gradients.
TEST(Integration_08, ABatchIsTheMeanOfItsExamples) {
  const auto gradient = [](std::int64_t batch_size) {
    DataLoader loader(clouds(), {.batch_size = batch_size});
    Sequential net = make_net();
    Batch batch;
    loader.start_epoch(0);
    while (loader.next(batch)) cross_entropy(net(Tensor(batch.inputs)), batch.labels).backward();
    return net.parameters()[0].grad() / static_cast<Real>(loader.batches());
  };
  EXPECT_TRUE(near(gradient(60), gradient(1), {1e-4, 1e-6}));
  EXPECT_TRUE(near(gradient(60), gradient(15), {1e-4, 1e-6}));
}

}  // namespace
}  // namespace rushlight::test
