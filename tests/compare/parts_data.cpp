#include <fstream>

#include "08_dataloader/cifar10.hpp"
#include "08_dataloader/csv.hpp"
#include "08_dataloader/dataloader.hpp"
#include "08_dataloader/dataset.hpp"
#include "08_dataloader/idx.hpp"
#include "08_dataloader/sampler.hpp"
#include "compare/parts.hpp"

namespace rushlight::compare {
namespace {

// The tests' own writer: a file that students' readers have to read.
std::string write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

Bytes pixels(std::int64_t count) {
  Bytes bytes;
  for (std::int64_t i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 37 % 256));
  return bytes;
}

Array numbers_of(const Bytes& bytes) { return numbers(std::vector<double>(bytes.begin(), bytes.end())); }

ImageSet images(std::int64_t count, std::int64_t channels = 2) {
  ImageSet set{.channels = channels, .height = 3, .width = 4, .pixels = pixels(count * channels * 12), .labels = {}};
  for (std::int64_t i = 0; i < count; ++i) set.labels.push_back(static_cast<std::int32_t>(i % 10));
  return set;
}

Array two_epochs(const LoaderOptions& options) {
  DataLoader loader(std::make_shared<ImageDataset>(images(7)), options);
  std::vector<double> seen;
  for (std::int64_t epoch = 0; epoch < 2; ++epoch) {
    for (const Batch& batch : loader.epoch(epoch)) {
      for (const std::int32_t label : batch.labels.data()) seen.push_back(label);
      seen.push_back(-1);
      for (const Real x : batch.inputs.data()) seen.push_back(x);
    }
  }
  return numbers(seen);
}

void files(Trace& t, const std::string& folder) {
  const std::string grey = big_endian(idx_images_magic) + big_endian(2) + big_endian(3) + big_endian(4);
  const Bytes body = pixels(24);
  const std::string pictures = write(folder + "/images", grey + std::string(body.begin(), body.end()));
  const std::string labels = write(folder + "/labels", big_endian(idx_labels_magic) + big_endian(2) + "\x07\x03");
  t.part("08.1", "read_idx_images", [&] {
    const ImageSet set = read_idx_images(pictures, labels);
    return concat(Arrays{numbers_of(set.pixels), numbers(std::vector<double>(set.labels.begin(), set.labels.end()))},
                  0);
  });
  const Bytes record = pixels(cifar10_pixels);
  const std::string cifar = write(folder + "/cifar.bin", "\x05" + std::string(record.begin(), record.end()));
  t.part("08.2", "read_cifar10", [&] {
    const ImageSet set = read_cifar10({cifar});
    return concat(Arrays{numbers_of(set.pixels), numbers(std::vector<double>(set.labels.begin(), set.labels.end()))},
                  0);
  });
  const std::string table = write(folder + "/table.csv",
                                  "\xEF\xBB\xBF"
                                  "a,label,b\r\n1.5,3,-2e-1\r\n\r\n0.25,1,7\r\n");
  t.part("08.3", "read_csv", [&] {
    const Table read = read_csv(table);
    return concat(Arrays{reshape(read.features, {read.features.size()}), numbers(read.labels)}, 0);
  });
}

}  // namespace

void data_parts(Trace& t, const std::string& folder) {
  t.section("08 dataloader");
  files(t, folder);
  const Image image = images(1).image(0);
  t.part("08.4", "crop", [&] { return numbers_of(crop(image, -1, 2, 3, 3).pixels); });
  t.part("08.4", "flip_horizontal", [&] { return numbers_of(flip_horizontal(image).pixels); });
  t.part("08.4", "RandomCrop and RandomHorizontalFlip", [&] {
    Generator random(4);
    std::vector<double> seen;
    for (int i = 0; i < 6; ++i) {
      const Image other = RandomHorizontalFlip{}(RandomCrop{.size = 3, .padding = 1}(image, random), random);
      seen.insert(seen.end(), other.pixels.begin(), other.pixels.end());
    }
    return numbers(seen);
  });
  t.part("08.4", "Normalize", [&] {
    Array out({24});
    Normalize{.mean = {0.25, 0.5}, .deviation = {0.5, 0.25}}(image, out.mutable_data());
    return out;
  });
  t.part("08.5", "epoch_order", [] {
    const auto order = epoch_order(6, true, 3, 1);
    return numbers(std::vector<double>(order.begin(), order.end()));
  });
  t.part("08.5", "stream", [] {
    Generator random = stream(3, 1, 2);
    return numbers({random.uniform(), random.uniform()});
  });
  t.part("08.5", "two epochs", [] { return two_epochs({.batch_size = 3, .shuffle = true, .seed = 9}); });
  t.part("08.5", "two epochs without the rest", [] { return two_epochs({.batch_size = 3, .drop_last = true}); });
  t.part("08.6", "two epochs by two threads",
         [] { return two_epochs({.batch_size = 3, .shuffle = true, .workers = 2, .seed = 9}); });
  t.part("08.7", "resumed after one batch", [] {
    const LoaderOptions options{.batch_size = 3, .shuffle = true, .seed = 9};
    DataLoader loader(std::make_shared<ImageDataset>(images(7)), options);
    DataLoader other(std::make_shared<ImageDataset>(images(7)), options);
    Batch batch;
    loader.start_epoch(1);
    loader.next(batch);
    other.load_state(loader.state());
    other.next(batch);
    return numbers(batch.labels);
  });
}

}  // namespace rushlight::compare
