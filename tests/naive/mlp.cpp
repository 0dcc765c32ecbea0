#include "02_activations/activations.hpp"
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "06_optimizers/adam.hpp"
#include "07_training/trainer.hpp"
#include "08_dataloader/dataloader.hpp"
#include "naive/naive.hpp"

namespace rushlight::naive {
namespace {

struct Mlp : Module {
  Linear fc1, fc2;
  BatchNorm1d norm1;
  Dropout dropout;
  LayerNorm norm2;
  explicit Mlp(Generator& g)
      : fc1({.in = 8, .out = 32}, g),
        fc2({.in = 32, .out = 4}, g),
        norm1({.features = 32}),
        dropout({.p = 0.1}, g),
        norm2({.shape = {32}}) {}
  Tensor forward(const Tensor& x) override { return fc2(norm2(gelu(dropout(norm1(relu(fc1(x))))))); }
  void members(Members& m) override {
    m("fc1", fc1);
    m("norm1", norm1);
    m("dropout", dropout);
    m("norm2", norm2);
    m("fc2", fc2);
  }
};

// Four clouds of points, one a class.
std::shared_ptr<Dataset> clouds(std::int64_t count, Generator& random) {
  Array points = randn({count, 8}, random);
  Indices labels({count});
  for (std::int64_t i = 0; i < count; ++i) {
    labels.mutable_data()[i] = static_cast<std::int32_t>(i % 4);
    points.mutable_data()[i * 8 + i % 4] += 3;
  }
  return std::make_shared<TensorDataset>(points, labels);
}

}  // namespace

Seen train_mlp() {
  Generator random(1);
  Mlp model(random);
  DataLoader loader(clouds(256, random), {.batch_size = 32, .shuffle = true});
  Adam optimizer(model.parameters(), {.lr = 1e-2});
  Seen seen;
  for (std::int64_t epoch = 0; epoch < 4; ++epoch) {
    for (const Batch& batch : loader.epoch(epoch)) {
      const Batch batches[] = {batch};
      seen.losses.push_back(train_step(model, optimizer, cross_entropy_of, batches, {.clip_norm = 1}).loss);
    }
  }
  seen.without_gradient = without_gradient(model);
  return seen;
}

}  // namespace rushlight::naive
