#include "2016_feedback_alignment/data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "08_dataloader/fashion_mnist.hpp"

namespace rushlight::dfa {
namespace {

constexpr int train_files = 5;

std::string train_file(const std::string& folder, int number) {
  return fmt::format("{}/data_batch_{}.bin", folder, number);
}

std::string test_file(const std::string& folder) { return folder + "/test_batch.bin"; }

bool looks_like_cifar10(const std::string& folder) {
  return std::filesystem::exists(train_file(folder, 1)) || std::filesystem::exists(test_file(folder));
}

// Mean and deviation of a pixel over the 60,000 training images, black border included.
Normalize fashion_records_normalize() {
  constexpr double mean = 0.2190;
  constexpr double deviation = 0.3318;
  return {.mean = {mean, mean, mean}, .deviation = {deviation, deviation, deviation}};
}

ImageSet part_of(const ImageSet& images, std::int64_t begin, std::int64_t end) {
  const std::int64_t size = images.image_size();
  return {.channels = images.channels,
          .height = images.height,
          .width = images.width,
          .pixels = Bytes(images.pixels.begin() + begin * size, images.pixels.begin() + end * size),
          .labels = {images.labels.begin() + begin, images.labels.begin() + end}};
}

}  // namespace

Images find_images(const std::string& folder) {
  if (!folder.empty() && looks_like_cifar10(folder)) {
    return {.train = cifar10(folder, Split::train),
            .test = cifar10(folder, Split::test),
            .normalize = cifar10_normalize(),
            .name = "cifar10",
            .describe = "CIFAR-10 records in " + folder};
  }
  const DataSource source = find_fashion_mnist(folder);
  return {.train = to_cifar10(fashion_mnist(source, Split::train)),
          .test = to_cifar10(fashion_mnist(source, Split::test)),
          .normalize = fashion_records_normalize(),
          .name = source.full ? "fashion-mnist" : "fashion-mnist-mini",
          .describe = source.describe() + ", as CIFAR-10 records"};
}

ImageSet first_images(const ImageSet& images, std::int64_t count) {
  if (count == 0 || count >= images.size()) return images;
  return part_of(images, 0, count);
}

void write_records(const std::string& folder, const ImageSet& train, const ImageSet& test) {
  std::filesystem::create_directories(folder);
  for (int i = 0; i < train_files; ++i) {
    const std::int64_t begin = train.size() * i / train_files;
    write_cifar10(train_file(folder, i + 1), part_of(train, begin, train.size() * (i + 1) / train_files));
  }
  write_cifar10(test_file(folder), test);
}

Transforms transforms(const Normalize& normalize, Augment augment) {
  Transforms steps{.normalize = normalize, .flatten = true};
  if (augment == Augment::crop_and_flip) {
    steps.bytes = {RandomCrop{.size = cifar10_side, .padding = 4}, RandomHorizontalFlip{}};
  }
  return steps;
}

Loaders make_loaders(std::shared_ptr<const Dataset> train, std::shared_ptr<const Dataset> test, std::uint64_t seed) {
  const std::int64_t measured = std::min(test->size(), held_out_size);
  return {.train = std::make_unique<DataLoader>(
              std::move(train), LoaderOptions{.batch_size = batch_size, .shuffle = true, .workers = 1, .seed = seed}),
          .test = std::make_unique<DataLoader>(test, LoaderOptions{.batch_size = 1000}),
          .held_out = DataLoader(test, {.batch_size = measured}).make_batch(0)};
}

Loaders make_loaders(Images images, Augment augment, std::uint64_t seed) {
  return make_loaders(std::make_shared<ImageDataset>(std::move(images.train), transforms(images.normalize, augment)),
                      std::make_shared<ImageDataset>(std::move(images.test), transforms(images.normalize, Augment::no)),
                      seed);
}

}  // namespace rushlight::dfa
