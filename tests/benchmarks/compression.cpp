// compression.cpp: what module 17 saves and what it costs, on a perceptron and real photographs. Everything is trained
// and measured in the run that prints it, on the subset in data/fashion-mnist-mini.
//   bench_compression   prints pruning, smaller layers, low rank, the time of a product, and distillation
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>

#include "01_tensor/blas.hpp"
#include "03_layers/layers.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "08_dataloader/dataloader.hpp"
#include "08_dataloader/fashion_mnist.hpp"
#include "17_compression/compression.hpp"

namespace {

using namespace rushlight;

constexpr std::int64_t pixels = 784, neurons = 256, classes = 10, batch_size = 50;

std::shared_ptr<ImageDataset> images(Split split) {
  return std::make_shared<ImageDataset>(fashion_mnist(find_fashion_mnist(embedded_data_folder()), split),
                                        Transforms{.normalize = fashion_mnist_normalize(), .flatten = true});
}

Sequential perceptron(std::int64_t width, std::uint64_t seed) {
  Generator random(seed);
  return Sequential{Linear({.in = pixels, .out = width}, random), Relu(),
                    Linear({.in = width, .out = classes}, random)};
}

Linear& layer_of(Sequential& net, std::int64_t place) { return dynamic_cast<Linear&>(net[place]); }

using Forward = std::function<Tensor(const Tensor&)>;

struct Scores {
  double accuracy = 0;
  double loss = 0;
};

Scores score(const Forward& forward) {
  static DataLoader loader(images(Split::test), {.batch_size = 500});
  const NoGrad no_grad;
  double right = 0, loss = 0, count = 0;
  for (const Batch& batch : loader.epoch(0)) {
    const Tensor logits = forward(Tensor(batch.inputs));
    const Indices best = argmax(logits.value());
    for (std::int64_t i = 0; i < batch.size(); ++i) right += best.data()[i] == batch.labels.data()[i] ? 1 : 0;
    loss += cross_entropy(logits, batch.labels).item() * static_cast<double>(batch.size());
    count += static_cast<double>(batch.size());
  }
  return {right / count, loss / count};
}

struct Training {
  int epochs;
  std::uint64_t seed;  // decides the order
  double lr = 1e-3;
};

// `loss` sees a batch.
void train(const Tensors& parameters, const Training& how, const std::function<Tensor(const Batch&)>& loss) {
  static const std::shared_ptr<ImageDataset> data = images(Split::train);
  DataLoader loader(data, {.batch_size = batch_size, .shuffle = true, .seed = how.seed});
  AdamW optimizer(parameters, {.lr = how.lr});
  for (int epoch = 0; epoch < how.epochs; ++epoch) {
    for (const Batch& batch : loader.epoch(epoch)) {
      optimizer.zero_grad();
      loss(batch).backward();
      optimizer.step();
    }
  }
}

void train_on_labels(Module& net, const Training& how) {
  train(net.parameters(), how,
        [&](const Batch& batch) { return cross_entropy(net(Tensor(batch.inputs)), batch.labels); });
}

// Processor time of one call, the best of several tries.
double best_us(const std::function<void()>& call) {
  double best = 1e12;
  for (int round = 0; round < 30; ++round) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < 5; ++i) call();
    best = std::min(best, 2e5 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return best;
}

// --- 1: pruning, and what a file of it takes ---------------------------------------------------------------------

void prune_and_code(const StateDict& trained) {
  std::printf("\npruned   accuracy at once   after 4 epochs more   file, 16 values and Huffman\n");
  for (const double sparsity : {0.0, 0.5, 0.8, 0.9, 0.95, 0.98}) {
    Sequential whole = perceptron(neurons, 1);
    whole.load_state_dict(trained);
    Pruned<Sequential> net(std::move(whole), {"0.weight", "2.weight"});
    prune_by_magnitude(net, sparsity, PruneScope::all);
    const double at_once = score(std::ref(net)).accuracy;
    train_on_labels(net, {.epochs = 4, .seed = 2, .lr = 3e-4});
    net.masks.apply(net.model);
    const double later = score(std::ref(net)).accuracy;
    const CompressedState small = share_state(net.model.state_dict(), net.masks.paths(), {.clusters = 16});
    const auto bytes = static_cast<double>(encode_compressed(small).size());
    net.model.load_state_dict(restored(small));
    std::printf("%5.0f %%   %16.3f   %19.3f   %6.0f kB, %4.1f times less, accuracy %.3f\n", 100 * sparsity, at_once,
                later, bytes / 1e3, static_cast<double>(net.model.parameter_count()) * sizeof(Real) / bytes,
                score(std::ref(net)).accuracy);
  }
}

// --- 2: smaller layers -------------------------------------------------------------------------------------------

void fewer_neurons(const StateDict& trained) {
  const Tensor x(Array::full({batch_size, pixels}, Real(0.5)));
  std::printf("\nneurons   numbers   accuracy at once   after 4 epochs more   us a batch of %d\n", int(batch_size));
  for (const std::int64_t keep : {256, 128, 64, 32}) {
    Sequential net = perceptron(neurons, 1);
    net.load_state_dict(trained);
    prune_neurons(layer_of(net, 0), layer_of(net, 2), keep);
    const double at_once = score(std::ref(net)).accuracy;
    train_on_labels(net, {.epochs = 4, .seed = 2, .lr = 3e-4});
    const NoGrad no_grad;
    std::printf("%7d   %7d   %16.3f   %19.3f   %9.0f\n", int(keep), int(net.parameter_count()), at_once,
                score(std::ref(net)).accuracy, best_us([&] { net(x); }));
  }
}

// --- 3: low rank -------------------------------------------------------------------------------------------------

void low_rank(const StateDict& trained) {
  std::printf("\nenergy   rank of the first layer   numbers   accuracy\n");
  for (const double energy : {0.5, 0.8, 0.9, 0.99, 1.0}) {
    Sequential net = perceptron(neurons, 1);
    net.load_state_dict(trained);
    Linear& first = layer_of(net, 0);
    const std::int64_t rank = rank_for_energy(svd(first.weight.value()).s, energy);
    Sequential two = factored(first, rank);
    const Scores scores = score([&](const Tensor& x) { return net[2].forward(net[1].forward(two(x))); });
    std::printf("%6.2f   %23d   %7d   %8.3f\n", energy, int(rank),
                int(two.parameter_count() + net[2].parameter_count()), scores.accuracy);
  }
}

// --- 4: is a zero faster? ----------------------------------------------------------------------------------------

// Rows of a matrix without its zeros: the numbers of each row and where they stand.
struct SparseRows {
  std::vector<std::int64_t> begins{0};
  std::vector<std::int32_t> columns;
  std::vector<Real> values;
};

SparseRows sparse_rows(const Array& matrix) {
  SparseRows rows;
  for (std::int64_t i = 0; i < matrix.dim(0); ++i) {
    for (std::int64_t j = 0; j < matrix.dim(1); ++j) {
      const Real value = matrix.data()[i * matrix.dim(1) + j];
      if (value == 0) continue;
      rows.columns.push_back(static_cast<std::int32_t>(j));
      rows.values.push_back(value);
    }
    rows.begins.push_back(static_cast<std::int64_t>(rows.values.size()));
  }
  return rows;
}

// y (O, B) = W·x, x (I, B): every number of W that is left meets a whole row of x.
void multiply(const SparseRows& w, const Array& x, Array& y) {
  const std::int64_t width = x.dim(1);
  const Real* from = x.data().data();
  Real* to = y.mutable_data().data();
  for (std::size_t i = 0; i + 1 < w.begins.size(); ++i) {
    Real* row = to + static_cast<std::int64_t>(i) * width;
    std::fill(row, row + width, Real{0});
    for (std::int64_t k = w.begins[i]; k < w.begins[i + 1]; ++k) {
      const Real value = w.values[k];
      const Real* other = from + w.columns[k] * width;
      for (std::int64_t b = 0; b < width; ++b) row[b] += value * other[b];
    }
  }
}

void zeros_and_time() {
  Generator random(3);
  constexpr std::int64_t size = 1024, width = 64;
  const Array x = randn({size, width}, random);
  std::printf("\n(1024 x 1024) times (1024 x 64), us   dense   without its zeros\n");
  for (const double sparsity : {0.0, 0.5, 0.9, 0.95, 0.99}) {
    const Array full = randn({size, size}, random);
    const Array w = full * mask_of_lowest(abs(full), std::llround(sparsity * size * size));
    const SparseRows rows = sparse_rows(w);
    Array y({size, width});
    std::printf("%4.0f %% zeros %29.0f %19.0f\n", 100 * sparsity, best_us([&] { matmul(w, x); }),
                best_us([&] { multiply(rows, x, y); }));
  }
}

// --- 5: a teacher ------------------------------------------------------------------------------------------------

// Mean and half the width of its 95 % confidence interval: Student's t with four degrees of freedom.
std::array<double, 2> interval(const std::array<double, 5>& values) {
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / 5;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, 2.776 * std::sqrt(squares / 4 / 5)};
}

// The student as the labels make it, and the same student, from the same weights, in the same order and as many steps,
// as the labels and a teacher make it.
void distil() {
  constexpr int epochs = 6;
  constexpr DistillOptions options{.temperature = 4, .alpha = 0.9};
  std::printf(
      "\nseed   teacher   labels alone   with the teacher   (accuracy; loss)   %d epochs each, T %.0f, alpha %.1f\n",
      epochs, options.temperature, options.alpha);
  std::array<double, 5> accuracy{}, loss{};
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    Sequential teacher = perceptron(neurons, 100 + seed);
    Sequential alone = perceptron(neurons / 4, 200 + seed), taught = perceptron(neurons / 4, 200 + seed);
    if (seed == 0) std::printf("numbers: %d and %d\n", int(teacher.parameter_count()), int(taught.parameter_count()));
    train_on_labels(teacher, {.epochs = 10, .seed = 300 + seed});
    const Training how{.epochs = epochs, .seed = 400 + seed};
    train_on_labels(alone, how);
    train(taught.parameters(), how, [&](const Batch& batch) {
      const Tensor x(batch.inputs);
      Tensor target;
      {
        const NoGrad no_grad;
        target = teacher(x);
      }
      return distill_loss(taught(x), target, batch.labels, options);
    });
    const Scores a = score(std::ref(teacher)), b = score(std::ref(alone)), c = score(std::ref(taught));
    std::printf("%4d   %7.3f   %.3f; %.3f   %.3f; %.3f\n", int(seed), a.accuracy, b.accuracy, b.loss, c.accuracy,
                c.loss);
    accuracy[seed] = c.accuracy - b.accuracy;
    loss[seed] = c.loss - b.loss;
  }
  const auto [gain, around] = interval(accuracy);
  const auto [less, about] = interval(loss);
  std::printf("the teacher adds %+.4f to the accuracy (95 %%: %+.4f to %+.4f) and %+.4f to the loss (%+.4f to %+.4f)\n",
              gain, gain - around, gain + around, less, less - about, less + about);
}

}  // namespace

int main() {
  set_blas_threads(1);
  Sequential net = perceptron(neurons, 1);
  train_on_labels(net, {.epochs = 10, .seed = 1});
  const StateDict trained = net.state_dict();
  std::printf("784-256-10, 10 epochs over 5,000 images: accuracy %.3f on 1,000 others, %d numbers, %.0f kB\n",
              score(std::ref(net)).accuracy, int(net.parameter_count()),
              static_cast<double>(net.parameter_count()) * sizeof(Real) / 1e3);
  prune_and_code(trained);
  fewer_neurons(trained);
  low_rank(trained);
  zeros_and_time();
  distil();
}
