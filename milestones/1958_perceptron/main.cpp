// 1958: Frank Rosenblatt's perceptron, with his learning rule and no derivative anywhere. One weight a pixel; when the
// answer is wrong, the image is added to the weights or taken away from them.
#include "01_tensor/primitives.hpp"
#include "08_dataloader/dataloader.hpp"
#include "08_dataloader/fashion_mnist.hpp"
#include "common/milestone.hpp"
#include "common/pictures.hpp"

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

struct Task {
  std::shared_ptr<const Dataset> train;
  std::shared_ptr<const Dataset> test;
  std::string words;
};

// The images of two classes; they become class 0 and class 1.
ImageSet only(const ImageSet& all, int class0, int class1) {
  ImageSet chosen{all.channels, all.height, all.width, {}, {}};
  for (std::int64_t i = 0; i < all.size(); ++i) {
    if (all.labels[i] != class0 && all.labels[i] != class1) continue;
    const Bytes pixels = all.image(i).pixels;
    chosen.pixels.insert(chosen.pixels.end(), pixels.begin(), pixels.end());
    chosen.labels.push_back(all.labels[i] == class1);
  }
  return chosen;
}

constexpr int trouser = 1;
constexpr int ankle_boot = 9;

Task clothes(const DataSource& source) {
  const auto load = [&](Split split) {
    return std::make_shared<ImageDataset>(only(fashion_mnist(source, split), trouser, ankle_boot),
                                          Transforms{.flatten = true});
  };
  return {load(Split::train), load(Split::test), "Data: " + source.describe()};
}

Task exclusive_or() {
  const auto points =
      std::make_shared<TensorDataset>(Array({4, 2}, {0, 0, 0, 1, 1, 0, 1, 1}), Indices({4}, {0, 1, 1, 0}));
  return {points, points, "Control: the four points of XOR, which no line divides."};
}

std::vector<int> predictions(const Perceptron& perceptron, DataLoader& loader) {
  std::vector<int> answers;
  for (const Batch& batch : loader.epoch(0)) answers.push_back(perceptron.predict(batch.inputs));
  return answers;
}

double accuracy(const Perceptron& perceptron, DataLoader& loader) {
  std::int64_t right = 0;
  for (const Batch& batch : loader.epoch(0)) right += perceptron.predict(batch.inputs) == batch.labels.data()[0];
  return static_cast<double>(right) / static_cast<double>(loader.dataset().size());
}

void emit_pictures(const Perceptron& perceptron, const Options& options, const Task& task, DataLoader& test) {
  if (options.control) {
    emit_decision(
        [&](double x, double y) {
          return perceptron.score(Array({1, 2}, {Real(x), Real(y)}));
        },
        {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}});
  } else {
    const auto& images = static_cast<const ImageDataset&>(*task.test).images();
    const std::vector<int> answers = predictions(perceptron, test);
    emit_predictions(images, answers, {"trouser", "ankle boot"});
    emit_confusion(images.labels, answers, {"trouser", "ankle boot"});
  }
}

bool train(const Options& options) {
  const Task task = options.control ? exclusive_or() : clothes(find_fashion_mnist(options.data));
  DataLoader loader(task.train, {.shuffle = true, .seed = options.seed});
  DataLoader test(task.test);
  Perceptron perceptron(task.train->shape().numel());
  emit_start(about, options, loader.batches() * options.epochs, task.words);

  std::int64_t step = 0;
  for (std::int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    std::int64_t mistakes = 0;
    std::int64_t recent = 0;
    for (const Batch& batch : loader.epoch(epoch)) {
      const bool wrong = perceptron.learn(batch.inputs, batch.labels.data()[0]);
      mistakes += wrong;
      recent += wrong;
      if (++step % 100 == 0)
        emit("progress", {{"step", step}, {"epoch", epoch}, {"loss", std::exchange(recent, 0) / 100.0}});
    }
    emit("epoch", {{"epoch", epoch}, {"mistakes", mistakes}, {"test_accuracy", accuracy(perceptron, test)}});
  }
  emit_pictures(perceptron, options, task, test);
  return emit_result({{"test_accuracy", accuracy(perceptron, test)}, {"test_examples", task.test->size()}},
                     "test_accuracy", bar);
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv, about, train); }
