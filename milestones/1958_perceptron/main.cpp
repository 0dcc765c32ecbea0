// 1958: Frank Rosenblatt's perceptron, with his learning rule and no derivative anywhere. One weight a pixel; when the
// answer is wrong, the image is added to the weights or taken away from them. Module 01 is enough for it: the images come
// through a reader of its own.
#include "01_tensor/primitives.hpp"
#include "01_tensor/random.hpp"
#include "08_dataloader/fashion_mnist.hpp"
#include "common/gzip.hpp"
#include "common/milestone.hpp"
#include "common/pictures.hpp"
#include "common/predictions.hpp"

using namespace rushlight;
using namespace rushlight::milestone;

namespace {

constexpr double bar = 0.98;

const About about{
    .title = "1958: the perceptron",
    .story =
        "In 1958 Frank Rosenblatt showed a machine that learned to tell patterns apart from examples alone: a\n"
        "weighted sum and a threshold, and a rule that moves the weights only after a mistake. Here it learns to\n"
        "tell trousers from ankle boots. Two classes that a plane divides it learns; with XOR (--control) it fails.",
    .epochs = 5};

// One threshold unit: 1 when x·w + b > 0, else 0.
struct Perceptron {
  explicit Perceptron(std::int64_t inputs) : weight(zeros({inputs, 1})) {}

  double score(const Array& x) const { return matmul(x, weight).item() + bias; }
  int predict(const Array& x) const { return score(x) > 0 ? 1 : 0; }

  // Rosenblatt's rule: w += (label - answer) · x. Nothing moves when the answer is right.
  bool learn(const Array& x, int label) {
    const int error = label - predict(x);
    if (error == 0) return false;
    weight = weight + transpose(x, 0, 1) * static_cast<Real>(error);
    bias += error;
    return true;
  }

  Array weight;
  double bias = 0;
};

struct Example {
  Array x;  // (1, inputs)
  int label;
};
using Examples = std::vector<Example>;

struct Task {
  Examples train;
  Examples test;
  ImageSet images;  // those of `test`, where they are images
  std::string words;
};

// The images of two classes; they become class 0 and class 1. Layout of an IDX file: a header of 16 bytes before images,
// of 8 before labels, then one byte after the other.
ImageSet images_of(const std::string& images_path, const std::string& labels_path, int class0, int class1) {
  const Bytes images = gunzip(images_path);
  const Bytes labels = gunzip(labels_path);
  constexpr std::size_t pixels = 28 * 28;
  ImageSet chosen{1, 28, 28, {}, {}};
  for (std::size_t i = 0; 8 + i < labels.size(); ++i) {
    const int label = labels[8 + i];
    if (label != class0 && label != class1) continue;
    const auto first = images.begin() + static_cast<std::ptrdiff_t>(16 + i * pixels);
    chosen.pixels.insert(chosen.pixels.end(), first, first + pixels);
    chosen.labels.push_back(label == class1);
  }
  return chosen;
}

Examples examples_of(const ImageSet& set) {
  Examples examples;
  for (std::int64_t i = 0; i < set.size(); ++i) {
    std::vector<Real> x;
    for (const std::uint8_t pixel : set.image(i).pixels) x.push_back(pixel / Real{255});
    const auto inputs = static_cast<std::int64_t>(x.size());
    examples.push_back({Array({1, inputs}, std::move(x)), set.labels[static_cast<std::size_t>(i)]});
  }
  return examples;
}

constexpr int trouser = 1;
constexpr int ankle_boot = 9;

Task clothes(const DataSource& source) {
  const auto load = [&](const std::string& part) {
    return images_of(source.path(part + "-images-idx3-ubyte"), source.path(part + "-labels-idx1-ubyte"), trouser,
                     ankle_boot);
  };
  const ImageSet test = load("t10k");
  return {examples_of(load("train")), examples_of(test), test, "Data: " + source.describe()};
}

Task exclusive_or() {
  const Examples points{
      {Array({1, 2}, {0, 0}), 0}, {Array({1, 2}, {0, 1}), 1}, {Array({1, 2}, {1, 0}), 1}, {Array({1, 2}, {1, 1}), 0}};
  return {points, points, {}, "Control: the four points of XOR, which no line divides."};
}

std::vector<int> predictions(const Perceptron& perceptron, const Examples& examples) {
  std::vector<int> answers;
  for (const Example& each : examples) answers.push_back(perceptron.predict(each.x));
  return answers;
}

double accuracy(const Perceptron& perceptron, const Examples& examples) {
  std::size_t right = 0;
  for (const Example& each : examples) right += perceptron.predict(each.x) == each.label;
  return static_cast<double>(right) / static_cast<double>(examples.size());
}

void emit_pictures(const Perceptron& perceptron, const Options& options, const Task& task) {
  if (options.control) {
    emit_decision(
        [&](double x, double y) {
          return perceptron.score(Array({1, 2}, {Real(x), Real(y)}));
        },
        {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}});
  } else {
    const std::vector<int> answers = predictions(perceptron, task.test);
    emit_predictions(task.images, answers, {"trouser", "ankle boot"});
    emit_confusion(task.images.labels, answers, {"trouser", "ankle boot"});
  }
}

bool train(const Options& options) {
  const Task task = options.control ? exclusive_or() : clothes(find_fashion_mnist(options.data));
  const auto count = static_cast<std::int64_t>(task.train.size());
  Generator random(options.seed);
  Perceptron perceptron(task.train.front().x.size());
  emit_start(about, options, count * options.epochs, task.words);

  std::int64_t step = 0;
  for (std::int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    std::int64_t mistakes = 0;
    std::int64_t recent = 0;
    for (const std::int64_t index : permutation(count, random)) {
      const Example& example = task.train[static_cast<std::size_t>(index)];
      const bool wrong = perceptron.learn(example.x, example.label);
      mistakes += wrong;
      recent += wrong;
      if (++step % 100 == 0)
        emit("progress", {{"step", step}, {"epoch", epoch}, {"loss", std::exchange(recent, 0) / 100.0}});
    }
    emit("epoch", {{"epoch", epoch}, {"mistakes", mistakes}, {"test_accuracy", accuracy(perceptron, task.test)}});
  }
  emit_pictures(perceptron, options, task);
  write_predictions(options.out, {{"test_accuracy", predictions(perceptron, task.test)}});
  return emit_result({{"test_accuracy", accuracy(perceptron, task.test)}, {"test_examples", task.test.size()}},
                     "test_accuracy", bar);
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv, about, train); }
