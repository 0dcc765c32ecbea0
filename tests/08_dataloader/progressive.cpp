// Modules 01 to 08 together: real images, and files of the test's own, into networks that learn from them.
#include <cmath>

#include "03_layers/activation_layers.hpp"
#include "03_layers/linear.hpp"
#include "03_layers/sequential.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/sgd.hpp"
#include "08_dataloader/cifar10.hpp"
#include "08_dataloader/csv.hpp"
#include "08_dataloader/fashion_mnist.hpp"
#include "08_dataloader/files.hpp"
#include "08_dataloader/sources.hpp"

namespace rushlight::test {
namespace {

// The first `count` embedded images, plain or flat.
ImageSet real_images(std::int64_t count) {
  ImageSet images = fashion_mnist(find_fashion_mnist(embedded_data_folder()), Split::test);
  images.labels.resize(static_cast<std::size_t>(count));
  images.pixels.resize(static_cast<std::size_t>(count * images.image_size()));
  return images;
}

std::shared_ptr<ImageDataset> flat_images(std::int64_t count) {
  return std::make_shared<ImageDataset>(real_images(count),
                                        Transforms{.normalize = fashion_mnist_normalize(), .flatten = true});
}

Sequential make_network(std::int64_t inputs) {
  Generator random(3);
  return Sequential{Linear({.in = inputs, .out = 16}, random), Relu(), Linear({.in = 16, .out = 10}, random)};
}

double learn(Module& network, Optimizer& optimizer, const Batch& batch) {
  const Tensor loss = cross_entropy(network(batch.inputs), batch.labels);
  optimizer.zero_grad();
  loss.backward();
  optimizer.step();
  return loss.item();
}

double mean_loss(Module& network, Optimizer& optimizer, DataLoader& loader, std::int64_t epoch) {
  double total = 0;
  for (const Batch& batch : loader.epoch(epoch)) total += learn(network, optimizer, batch);
  return total / static_cast<double>(loader.batches());
}

void expect_same_parameters(Module& actual, Module& expected) {
  const NamedTensors a = actual.named_parameters();
  const NamedTensors b = expected.named_parameters();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_TRUE(same_bits(a[i].second.value(), b[i].second.value())) << a[i].first;
}

TEST(Progressive_08_1, RealImagesReachEveryParameter) {
  DataLoader loader(flat_images(16), {.batch_size = 16});
  Sequential network = make_network(784);
  Batch batch;
  ASSERT_TRUE(loader.next(batch));
  cross_entropy(network(batch.inputs), batch.labels).backward();
  for (const auto& [name, parameter] : network.named_parameters()) {
    EXPECT_TRUE(grad_ok(parameter.grad(), parameter.shape())) << name;
  }
}

TEST(Progressive_08_2, GreyImagesTrainAsCifar) {
  const TempFolder folder;
  write_cifar10(folder.file("batch.bin"), to_cifar10(real_images(20)));
  const Transforms transforms{.normalize = cifar10_normalize()};
  DataLoader loader(std::make_shared<ImageDataset>(read_cifar10({folder.file("batch.bin")}), transforms),
                    {.batch_size = 10, .shuffle = true});
  Sequential network = make_network(3072);
  SGD optimizer(network.parameters(), {.lr = 0.01});
  Flatten flatten;
  double first = 0;
  double last = 0;
  for (int epoch = 0; epoch < 20; ++epoch) {
    last = 0;
    for (Batch batch : loader.epoch(epoch)) {
      EXPECT_EQ(batch.inputs.shape(), (Shape{10, 3, 32, 32}));
      batch.inputs = flatten(batch.inputs).value();
      last += learn(network, optimizer, batch);
    }
    if (epoch == 0) first = last;
  }
  EXPECT_LT(last, 0.5 * first);
}

TEST(Progressive_08_3, ATableIsLearned) {
  const TempFolder folder;
  Generator random(8);
  std::string text = "x,y,label\n";
  for (int i = 0; i < 60; ++i) {
    const double x = random.normal();
    const double y = random.normal();
    text += fmt::format("{:.4f},{:.4f},{}\n", x, y, x + 2 * y > 0.3 ? 1 : 0);
  }
  const Table table = read_csv(folder.write("points.csv", text));
  DataLoader loader(std::make_shared<TensorDataset>(table.features, table.labels), {.batch_size = 15, .shuffle = true});
  Sequential network = make_network(2);
  SGD optimizer(network.parameters(), {.lr = 0.5});
  for (int epoch = 0; epoch < 60; ++epoch) mean_loss(network, optimizer, loader, epoch);
  const Indices answers = argmax(network(table.features).value());
  int wrong = 0;
  for (std::size_t i = 0; i < 60; ++i) wrong += answers.data()[i] != table.labels.data()[i];
  EXPECT_LE(wrong, 3);
}

TEST(Progressive_08_4, AugmentedImagesStayWithinTheirRange) {
  const Transforms transforms{.bytes = {RandomCrop{.size = 28, .padding = 3}, RandomHorizontalFlip{}},
                              .normalize = fashion_mnist_normalize()};
  DataLoader loader(std::make_shared<ImageDataset>(real_images(20), transforms), {.batch_size = 20});
  Batch batch;
  ASSERT_TRUE(loader.next(batch));
  const double black = (0 - .2860) / .3530;
  const double white = (1 - .2860) / .3530;
  for (const Real value : batch.inputs.data()) {
    EXPECT_GE(value, black - 1e-6);
    EXPECT_LE(value, white + 1e-6);
  }
  Generator random(1);
  Linear layer({.in = 28, .out = 4}, random);
  sum(layer(batch.inputs) * Tensor(cotangent({20, 1, 28, 4}))).backward();
  EXPECT_TRUE(grad_ok(layer.weight.grad(), {4, 28}));
}

TEST(Progressive_08_5, ANetworkLearnsRealImages) {
  DataLoader loader(flat_images(200), {.batch_size = 20, .shuffle = true, .seed = 1});
  Sequential network = make_network(784);
  SGD optimizer(network.parameters(), {.lr = 0.1});
  const double first = mean_loss(network, optimizer, loader, 0);
  double last = first;
  for (int epoch = 1; epoch < 6; ++epoch) last = mean_loss(network, optimizer, loader, epoch);
  EXPECT_LT(last, 0.5 * first);
  EXPECT_NEAR(first, std::log(10), 1.2) << "ten classes and an untrained network: about log 10 at first";
}

TEST(Progressive_08_6, WorkersDoNotChangeWhatIsLearned) {
  const auto train = [](int workers) {
    DataLoader loader(flat_images(60), {.batch_size = 16, .shuffle = true, .workers = workers, .seed = 2});
    Sequential network = make_network(784);
    SGD optimizer(network.parameters(), {.lr = 0.1, .momentum = 0.9});
    for (int epoch = 0; epoch < 2; ++epoch) mean_loss(network, optimizer, loader, epoch);
    return network;
  };
  Sequential alone = train(0);
  Sequential with_two = train(2);
  expect_same_parameters(with_two, alone);
}

TEST(Progressive_08_7, AnInterruptedRunGoesOnBitForBit) {
  const LoaderOptions options{.batch_size = 16, .shuffle = true, .workers = 1, .seed = 2};
  Sequential whole = make_network(784);
  {
    DataLoader loader(flat_images(60), options);
    SGD optimizer(whole.parameters(), {.lr = 0.1});
    for (const Batch& batch : loader.epoch(1)) learn(whole, optimizer, batch);
  }
  Sequential network = make_network(784);
  SGD optimizer(network.parameters(), {.lr = 0.1});
  LoaderState saved;
  Batch batch;
  {
    DataLoader loader(flat_images(60), options);
    loader.start_epoch(1);
    for (int i = 0; i < 2 && loader.next(batch); ++i) learn(network, optimizer, batch);
    saved = loader.state();
  }
  DataLoader loader(flat_images(60), options);
  loader.load_state(saved);
  while (loader.next(batch)) learn(network, optimizer, batch);
  expect_same_parameters(network, whole);
}

}  // namespace
}  // namespace rushlight::test
