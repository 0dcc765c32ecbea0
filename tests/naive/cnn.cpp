#include "02_activations/activations.hpp"
#include "03_layers/linear.hpp"
#include "04_losses/losses.hpp"
#include "06_optimizers/sgd.hpp"
#include "09_spatial/spatial.hpp"
#include "naive/naive.hpp"

namespace rushlight::naive {
namespace {

struct Cnn : Module {
  Conv2d conv1;
  BatchNorm2d norm1;
  ResidualBlock block;
  Linear fc;
  explicit Cnn(Generator& g)
      : conv1({.in = 1, .out = 4, .kernel = 3, .padding = 1}, g),
        norm1({.features = 4}),
        block({.in = 4, .out = 6, .stride = 2}, g),
        fc({.in = 6 * 4, .out = 4}, g) {}
  Tensor forward(const Tensor& x) override {
    const Tensor pooled = max_pool2d(relu(norm1(conv1(x))), {.kernel = 2});
    return fc(flatten(adaptive_avg_pool2d(block(pooled), 2), 1));
  }
  void members(Members& m) override {
    m("conv1", conv1);
    m("norm1", norm1);
    m("block", block);
    m("fc", fc);
  }
};

// A bright quarter on noise, one a class.
Array quarters(const Indices& labels, Generator& random) {
  Array images = randn({labels.size(), 1, 8, 8}, random);
  for (std::int64_t i = 0; i < labels.size(); ++i) {
    const std::int64_t top = labels.data()[i] / 2 * 4, left = labels.data()[i] % 2 * 4;
    for (std::int64_t y = top; y < top + 4; ++y) {
      for (std::int64_t x = left; x < left + 4; ++x) images.mutable_data()[i * 64 + y * 8 + x] += 2;
    }
  }
  return images;
}

}  // namespace

Seen train_cnn() {
  Generator random(1);
  Cnn model(random);
  SGD optimizer(model.parameters(), {.lr = 0.05, .momentum = 0.9});
  Indices labels({16});
  for (std::int64_t i = 0; i < 16; ++i) labels.mutable_data()[i] = static_cast<std::int32_t>(i % 4);
  Seen seen;
  for (int i = 0; i < 24; ++i) {
    step(optimizer, cross_entropy(model(Tensor(quarters(labels, random))), labels), seen);
  }
  seen.without_gradient = without_gradient(model);
  return seen;
}

}  // namespace rushlight::naive
