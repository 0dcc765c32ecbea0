// 1986: a multi-layer perceptron, trained by back-propagation on real photographs of clothes.
#include "03_layers/activation_layers.hpp"
#include "03_layers/linear.hpp"
#include "03_layers/sequential.hpp"
#include "04_losses/losses.hpp"
#include "06_optimizers/adam.hpp"
#include "08_dataloader/fashion_mnist.hpp"
#include "common/milestone.hpp"
#include "common/pictures.hpp"
#include "common/predictions.hpp"
#include "common/training.hpp"

using namespace rushlight;
using namespace rushlight::milestone;

namespace {

constexpr double bar_full = 0.88;
constexpr double bar_subset = 0.80;

const About about{
    .title = "1986: the multi-layer perceptron",
    .story =
        "In 1986 David Rumelhart, Geoffrey Hinton and Ronald Williams showed that back-propagation makes hidden\n"
        "layers find useful features by themselves. Here a network of 784-256-128-10 learns ten kinds of clothes\n"
        "from photographs of 28 x 28 pixels, with every part written in modules 01 to 08. With shuffled labels\n"
        "(--control) there is nothing to learn, and it guesses.",
    .epochs = 10,
    .resumes = true};

std::shared_ptr<ImageDataset> dataset(ImageSet images) {
  return std::make_shared<ImageDataset>(std::move(images),
                                        Transforms{.normalize = fashion_mnist_normalize(), .flatten = true});
}

// The right number of each label, on the wrong images.
void shuffle_labels(ImageSet& images, std::uint64_t seed) {
  Generator random(seed);
  const std::vector<std::int32_t> labels = images.labels;
  const auto order = permutation(images.size(), random);
  for (std::size_t i = 0; i < labels.size(); ++i) images.labels[i] = labels[order[i]];
}

// Trains to the end of the last epoch or until Ctrl-C. Answers what the test data say of the network as it is then.
Evaluation learn(Sequential& network, DataLoader& loader, DataLoader& test, const Options& options) {
  const StopOnInterrupt ctrl_c;
  Adam optimizer(network.parameters(), {.lr = 1e-3});
  Schedule schedule = cosine_annealing_lr(optimizer, {.T_max = options.epochs});  // to 0: the last epoch is the best
  const EpochCheckpoint checkpoint({network, optimizer, loader, cross_entropy_of, &schedule}, options);
  Progress done = checkpoint.done();
  Evaluation result;
  if (!options.resume) checkpoint.save(done);

  while (done.epoch < options.epochs) {
    double loss_sum = 0, examples = 0;
    for (const Batch& batch : loader.epoch(done.epoch)) {
      optimizer.zero_grad();
      const Tensor loss = cross_entropy(network(batch.inputs), batch.labels);
      loss.backward();
      optimizer.step();

      loss_sum += loss.item() * static_cast<double>(batch.size());
      examples += static_cast<double>(batch.size());
      emit_progress(++done.step, options.epochs * loader.batches(), done.epoch, loss.item());
      if (stop_requested()) return evaluate(network, cross_entropy_of, test);
    }
    schedule.step();
    result = evaluate(network, cross_entropy_of, test);
    emit_epoch(done.epoch++, loss_sum / examples, result);
    checkpoint.save(done);
  }
  return result.examples > 0 ? result : evaluate(network, cross_entropy_of, test);  // nothing was left to do
}

bool train(const Options& options) {
  const DataSource source = find_fashion_mnist(options.data);
  ImageSet train_images = fashion_mnist(source, Split::train);
  const ImageSet test_images = fashion_mnist(source, Split::test);
  if (options.control) shuffle_labels(train_images, options.seed);

  DataLoader loader(dataset(std::move(train_images)),
                    {.batch_size = 64, .shuffle = true, .workers = 1, .seed = options.seed});
  DataLoader test(dataset(test_images), {.batch_size = 500});
  Generator random(options.seed);
  Sequential network{Linear({.in = 784, .out = 256}, random), Relu(), Linear({.in = 256, .out = 128}, random), Relu(),
                     Linear({.in = 128, .out = 10}, random)};

  emit_start(about, options, loader.batches() * options.epochs, "Data: " + source.describe());
  const Evaluation result = learn(network, loader, test, options);

  const std::vector<int> answers = predictions(network, test);
  const std::vector<std::string> classes(fashion_mnist_classes.begin(), fashion_mnist_classes.end());
  emit_predictions(test_images, answers, classes);
  emit_confusion(test_images.labels, answers, classes);
  write_predictions(options.out, {{"test_accuracy", answers}});
  return emit_result({{"test_accuracy", result.accuracy},
                      {"test_loss", result.loss},
                      {"train_examples", loader.dataset().size()},
                      {"test_examples", result.examples}},
                     "test_accuracy", source.full ? bar_full : bar_subset);
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv, about, train); }
