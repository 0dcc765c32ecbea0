// 1998: a convolutional network in the manner of LeNet-5 on real photographs of clothes.
#include <algorithm>

#include "04_losses/losses.hpp"
#include "06_optimizers/adam.hpp"
#include "common/lenet.hpp"
#include "common/milestone.hpp"
#include "common/pictures.hpp"
#include "common/predictions.hpp"
#include "common/training.hpp"

using namespace rushlight;
using namespace rushlight::milestone;

namespace {

constexpr double bar_full = 0.90;
constexpr double bar_subset = 0.86;

const About about{
    .title = "1998: the convolutional network",
    .story =
        "In 1998 Yann LeCun, Léon Bottou, Yoshua Bengio and Patrick Haffner published LeNet-5, which read a good part\n"
        "of all cheques in the United States: small filters that are the same everywhere, then pooling, then the same\n"
        "again. Here such a network learns ten kinds of clothes and beats the perceptron of 1986. The control\n"
        "(--control) moves the pixels of all images by one fixed permutation. The numbers are all still there, and a\n"
        "multi-layer perceptron would not notice; but neighbours are no longer neighbours, and the advantage is gone.",
    .epochs = 6,
    .resumes = true};

// The same permutation of the pixels for every image, of training and test alike.
void scatter_pixels(ImageSet& images) {
  Generator random(1998);
  const auto size = static_cast<std::size_t>(images.image_size());
  const auto order = permutation(images.image_size(), random);
  const Bytes before = images.pixels;
  for (std::size_t i = 0; i < before.size(); ++i) {
    images.pixels[i] = before[i / size * size + static_cast<std::size_t>(order[i % size])];
  }
}

// What each filter of the first layer looks for: which pixels of a 5x5 patch it adds, and which it subtracts.
void emit_filters(const Array& weight) {
  const auto taps = static_cast<std::size_t>(weight.size() / weight.dim(0));
  Json filters = Json::array();
  for (std::size_t o = 0; o * taps < weight.data().size(); ++o) {
    const auto filter = weight.data().subspan(o * taps, taps);
    filters.push_back(std::vector<double>(filter.begin(), filter.end()));
  }
  emit("picture", {{"kind", "filters"}, {"title", "filters of the first layer"}, {"filters", std::move(filters)}});
}

struct Confusion {
  int label, answer;
  std::vector<std::int64_t> images;
};

// The pairs of kinds that are taken for each other most often, one way round, most frequent first.
std::vector<Confusion> most_confused(const std::vector<std::int32_t>& labels, const std::vector<int>& answers,
                                     std::size_t count) {
  std::vector<Confusion> pairs;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == answers[i]) continue;
    auto pair = std::find_if(pairs.begin(), pairs.end(), [&](const Confusion& each) {
      return each.label == labels[i] && each.answer == answers[i];
    });
    if (pair == pairs.end()) pair = pairs.insert(pairs.end(), {labels[i], answers[i], {}});
    pair->images.push_back(static_cast<std::int64_t>(i));
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Confusion& a, const Confusion& b) { return a.images.size() > b.images.size(); });
  if (pairs.size() > count) pairs.resize(count);
  return pairs;
}

// A row of examples for each of the most confused pairs.
void emit_most_confused(const ImageSet& images, const std::vector<int>& answers,
                        const std::vector<std::string>& classes) {
  constexpr std::size_t columns = 8;
  ImageSet chosen{.channels = 1, .height = images.height, .width = images.width, .pixels = {}, .labels = {}};
  std::vector<int> taken_for;
  Json counts = Json::array();
  for (const Confusion& pair : most_confused(images.labels, answers, 4)) {
    if (pair.images.size() < columns) break;
    for (std::size_t i = 0; i < columns; ++i) {
      const Bytes pixels = images.image(pair.images[i]).pixels;
      chosen.pixels.insert(chosen.pixels.end(), pixels.begin(), pixels.end());
      chosen.labels.push_back(pair.label);
      taken_for.push_back(pair.answer);
    }
    counts.push_back({{"is", classes[static_cast<std::size_t>(pair.label)]},
                      {"taken_for", classes[static_cast<std::size_t>(pair.answer)]},
                      {"times", pair.images.size()}});
  }
  emit("confused", {{"pairs", std::move(counts)}});
  emit_predictions(chosen, taken_for, classes, chosen.size());
}

bool train(const Options& wishes) {
  const DataSource source = find_fashion_mnist(wishes.data);
  Options options = wishes;
  if (!source.full) options.epochs *= 2;  // a twelfth of the images: a few more rounds, still quick
  ImageSet train_images = fashion_mnist(source, Split::train);
  ImageSet test_images = fashion_mnist(source, Split::test);
  if (options.control) {
    scatter_pixels(train_images);
    scatter_pixels(test_images);
  }

  DataLoader loader(clothes(std::move(train_images)),
                    {.batch_size = 64, .shuffle = true, .workers = 1, .seed = options.seed});
  DataLoader test(clothes(test_images), {.batch_size = 500});
  Generator random(options.seed);
  Sequential network = lenet(random);
  Adam optimizer(network.parameters(), {.lr = 1e-3});
  Trainer trainer({.model = network, .optimizer = optimizer, .data = loader, .loss = cross_entropy_of, .test = &test},
                  {.epochs = options.epochs, .checkpoint = checkpoint_of(options)});

  emit_start(about, options, loader.batches() * options.epochs, "Data: " + source.describe());
  const Evaluation result = fit(trainer, network, test, options);
  const std::vector<int> answers = predictions(network, test);
  const std::vector<std::string> classes(fashion_mnist_classes.begin(), fashion_mnist_classes.end());
  emit_filters(dynamic_cast<Conv2d&>(network[0]).weight.value());
  emit_most_confused(test_images, answers, classes);
  emit_confusion(test_images.labels, answers, classes);
  write_predictions(options.out, {{"test_accuracy", answers}});
  return emit_result({{"test_accuracy", result.accuracy},
                      {"test_loss", result.loss},
                      {"parameters", network.parameter_count()},
                      {"train_examples", loader.dataset().size()},
                      {"test_examples", result.examples}},
                     "test_accuracy", source.full ? bar_full : bar_subset);
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv, about, train); }
