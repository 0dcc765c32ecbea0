// The whole way from a file to a batch: records, bytes, crop and flip, numbers.
#include <algorithm>

#include "08_dataloader/fashion_mnist.hpp"
#include "08_dataloader/files.hpp"
#include "2016_feedback_alignment/data.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

using namespace dfa;

// Images whose bytes all say which image, plane and pixel they are of.
ImageSet records(std::int64_t count) {
  ImageSet images{.channels = 3, .height = 32, .width = 32, .pixels = {}, .labels = {}};
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t p = 0; p < cifar10_pixels; ++p)
      images.pixels.push_back(static_cast<std::uint8_t>(7 * i + p % 251));
    images.labels.push_back(static_cast<std::int32_t>(i % 10));
  }
  return images;
}

bool equal(const ImageSet& a, const ImageSet& b) { return a.pixels == b.pixels && a.labels == b.labels; }

TEST(Milestones_08, DfaRecordsRoundTrip) {
  const TempFolder folder;
  const ImageSet train = records(13), test = records(4);
  const std::string path = folder.file("records");
  write_records(path, train, test);
  EXPECT_EQ(bytes_of(path + "/test_batch.bin").size(), 4u * 3073);
  const Images images = find_images(path);
  EXPECT_EQ(images.name, "cifar10");
  EXPECT_TRUE(equal(images.train, train));
  EXPECT_TRUE(equal(images.test, test));
  EXPECT_EQ(images.normalize.mean, cifar10_normalize().mean);
}

TEST(Milestones_08, DfaAnIncompleteFolderIsAnError) {
  const TempFolder folder;
  write_records(folder.file(""), records(5), records(2));
  std::filesystem::remove(folder.file("data_batch_3.bin"));
  EXPECT_THROWS_WITH(find_images(folder.file("")), FileError, "data_batch_3.bin");
}

TEST(Milestones_08, DfaFashionMnistBecomesRecords) {
  const Images images = find_images(embedded_data_folder());
  const ImageSet grey = fashion_mnist(find_fashion_mnist(embedded_data_folder()), Split::test);
  ASSERT_EQ(images.test.size(), grey.size());
  EXPECT_EQ(images.test.labels, grey.labels);
  const Image image = images.test.image(3), before = grey.image(3);
  for (std::int64_t channel = 0; channel < 3; ++channel) {
    for (std::int64_t row = 0; row < 32; ++row) {
      for (std::int64_t column = 0; column < 32; ++column) {
        const bool inside = row >= 2 && row < 30 && column >= 2 && column < 30;
        const int expected = inside ? before.pixels[before.at(0, row - 2, column - 2)] : 0;
        ASSERT_EQ(image.pixels[image.at(channel, row, column)], expected) << channel << ' ' << row << ' ' << column;
      }
    }
  }
}

TEST(Milestones_08, DfaInputsHaveMeanZeroAndDeviationOne) {
  const Images images = find_images(embedded_data_folder());
  const ImageDataset dataset(first_images(images.train, 1000), transforms(images.normalize, Augment::no));
  ASSERT_EQ(dataset.shape(), Shape({3072}));
  Array features({3072});
  Generator unused(0);
  double total = 0, squares = 0;
  for (std::int64_t i = 0; i < 1000; ++i) {
    dataset.item(i, features.mutable_data(), unused);
    for (const Real x : features.data()) {
      total += x;
      squares += x * x;
    }
  }
  EXPECT_NEAR(total / 3072e3, 0, 0.03);
  EXPECT_NEAR(squares / 3072e3, 1, 0.04);
}

// White images: whatever is not white came from the border of a crop, and must be black, not 0.
TEST(Milestones_08, DfaCropsBeforeItNormalises) {
  ImageSet white = records(40);
  std::fill(white.pixels.begin(), white.pixels.end(), std::uint8_t{255});
  const ImageDataset dataset(white, transforms(cifar10_normalize(), Augment::crop_and_flip));
  const double black_of[] = {-1.989474, -1.980287, -1.706804}, white_of[] = {2.059109, 2.126489, 2.115826};
  Array features({3072});
  std::int64_t black = 0;
  for (std::int64_t i = 0; i < 40; ++i) {
    Generator random = stream(1, 0, i);
    dataset.item(i, features.mutable_data(), random);
    for (std::int64_t p = 0; p < 3072; ++p) {
      const double x = features.data()[p];
      const bool is_black = x < 0;
      black += is_black ? 1 : 0;
      const double expected = is_black ? black_of[p / 1024] : white_of[p / 1024];
      ASSERT_NEAR(x, expected, 1e-5) << "image " << i << ", number " << p;
    }
  }
  EXPECT_GT(black, 0);
}

TEST(Milestones_08, DfaLoaders) {
  const Images images{.train = records(300),
                      .test = records(20),
                      .normalize = cifar10_normalize(),
                      .name = "small",
                      .describe = "made here"};
  Loaders loaders = make_loaders(images, Augment::crop_and_flip, 5);
  EXPECT_EQ(loaders.held_out.size(), 20);
  EXPECT_EQ(loaders.test->dataset().size(), 20);
  std::vector<std::int32_t> seen;
  std::vector<std::int64_t> sizes;
  for (const Batch& batch : loaders.train->epoch(0)) {
    sizes.push_back(batch.size());
    seen.insert(seen.end(), batch.labels.data().begin(), batch.labels.data().end());
  }
  EXPECT_EQ(sizes, (std::vector<std::int64_t>{128, 128, 44}));  // the last one is kept
  EXPECT_NE(seen, images.train.labels);                         // shuffled
  std::sort(seen.begin(), seen.end());
  std::vector<std::int32_t> all = images.train.labels;
  std::sort(all.begin(), all.end());
  EXPECT_EQ(seen, all);

  // What is tested on is neither shuffled nor augmented.
  const ImageDataset plain(images.test, transforms(images.normalize, Augment::no));
  Array features({3072});
  Generator unused(0);
  for (std::int64_t i = 0; i < 20; ++i) {
    plain.item(i, features.mutable_data(), unused);
    EXPECT_TRUE(same_bits(slice(loaders.held_out.inputs, 0, {i, i + 1}).with_shape({3072}), features)) << i;
  }
}

TEST(Milestones_08, DfaFirstImages) {
  const ImageSet images = records(5);
  EXPECT_EQ(first_images(images, 0).size(), 5);
  EXPECT_EQ(first_images(images, 9).size(), 5);
  const ImageSet two = first_images(images, 2);
  EXPECT_EQ(two.labels, (std::vector<std::int32_t>{0, 1}));
  EXPECT_EQ(two.pixels, Bytes(images.pixels.begin(), images.pixels.begin() + 2 * cifar10_pixels));
}

}  // namespace
}  // namespace rushlight::test
