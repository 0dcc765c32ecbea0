// 08.4 transforms.
#include <algorithm>
#include <map>

#include "08_dataloader/dataset.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

Image numbered(std::int64_t channels, std::int64_t height, std::int64_t width) {
  Image image{channels, height, width, Bytes(static_cast<std::size_t>(channels * height * width))};
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(1 + i % 255);
  return image;
}

// The definition, pixel by pixel.
Bytes plain_crop(const Image& image, std::int64_t top, std::int64_t left, std::int64_t height, std::int64_t width) {
  Bytes pixels;
  for (std::int64_t c = 0; c < image.channels; ++c) {
    for (std::int64_t i = top; i < top + height; ++i) {
      for (std::int64_t j = left; j < left + width; ++j) {
        const bool inside = i >= 0 && i < image.height && j >= 0 && j < image.width;
        pixels.push_back(inside ? image.pixels[(c * image.height + i) * image.width + j] : 0);
      }
    }
  }
  return pixels;
}

TEST(Unit_08_4, CropTakesAWindow) {
  const Image window = crop(numbered(1, 3, 4), 1, 2, 2, 2);
  EXPECT_EQ(window.channels, 1);
  EXPECT_EQ(window.height, 2);
  EXPECT_EQ(window.width, 2);
  EXPECT_EQ(window.pixels, (Bytes{7, 8, 11, 12}));
}

TEST(Unit_08_4, CropPadsWithBlack) {
  EXPECT_EQ(crop(numbered(1, 2, 2), -1, -1, 2, 2).pixels, (Bytes{0, 0, 0, 1}));
  EXPECT_EQ(crop(numbered(1, 2, 2), 1, 1, 2, 2).pixels, (Bytes{4, 0, 0, 0}));
  EXPECT_EQ(crop(numbered(1, 2, 2), -1, -1, 4, 4).pixels, (Bytes{0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0}));
}

TEST(Unit_08_4, CropOutsideIsAllBlack) {
  for (const auto& [top, left] : {std::pair{5, 0}, {-5, 0}, {0, 9}, {0, -9}, {7, 7}, {-3, -3}}) {
    EXPECT_EQ(crop(numbered(2, 3, 3), top, left, 3, 3).pixels, Bytes(18)) << top << ", " << left;
  }
}

TEST(Unit_08_4, CropAgreesWithItsDefinition) {
  Generator random(5);
  for (int trial = 0; trial < 300; ++trial) {
    const Image image = numbered(1 + random.below(3), 1 + random.below(6), 1 + random.below(6));
    const std::int64_t top = random.below(13) - 6;
    const std::int64_t left = random.below(13) - 6;
    const std::int64_t height = 1 + random.below(8);
    const std::int64_t width = 1 + random.below(8);
    ASSERT_EQ(crop(image, top, left, height, width).pixels, plain_crop(image, top, left, height, width))
        << image.channels << "x" << image.height << "x" << image.width << " at " << top << ", " << left << ", window "
        << height << "x" << width;
  }
}

TEST(Unit_08_4, CropNeedsAWindow) {
  EXPECT_THROWS_WITH(crop(numbered(1, 3, 3), 0, 0, 0, 3), ValueError, "0 x 3");
  EXPECT_THROWS_WITH(crop(numbered(1, 3, 3), 0, 0, 3, -1), ValueError, "3 x -1");
}

TEST(Unit_08_4, SizesThatOverflowAreNotBelieved) {
  const Image image = numbered(2, 3, 3);
  const std::int64_t large = std::int64_t{1} << 32;
  EXPECT_THROWS_WITH(crop(image, 0, 0, large, large), ValueError, "4294967296 x 4294967296");
  EXPECT_THROWS_WITH(crop(image, 0, 0, INT64_MAX, 2), ValueError);
  for (const std::int64_t far : {INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_MIN + 1}) {
    EXPECT_EQ(crop(image, far, 0, 2, 2).pixels, Bytes(8)) << far;
    EXPECT_EQ(crop(image, 0, far, 2, 2).pixels, Bytes(8)) << far;
  }
  Generator random(1);
  for (const std::int64_t padding : {INT64_MAX, INT64_MAX / 2, std::int64_t{1} << 40, std::int64_t{-1}}) {
    EXPECT_THROWS_WITH(RandomCrop({.size = 2, .padding = padding})(image, random), ValueError, std::to_string(padding));
  }
  // Where nothing is stored, nothing bounds the sizes: an IDX file of 0 images may call them what it likes.
  const ImageSet none{.channels = 1, .height = large - 1, .width = large - 1, .pixels = {}, .labels = {}};
  EXPECT_THROWS_WITH(ImageDataset{none}, ValueError, "ImageDataset", "4294967295");
}

TEST(Unit_08_4, FlipReversesEachRowOfEachChannel) {
  const Image image{2, 2, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
  const Image flipped = flip_horizontal(image);
  EXPECT_EQ(flipped.pixels, (Bytes{3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10}));
  EXPECT_EQ(flipped.height, 2);
  EXPECT_EQ(flipped.width, 3);
  EXPECT_EQ(image.pixels[0], 1) << "the image itself must not change";
}

TEST(Unit_08_4, FlipTwiceIsNothing) {
  const Image image = numbered(3, 5, 4);
  EXPECT_EQ(flip_horizontal(flip_horizontal(image)).pixels, image.pixels);
}

TEST(Unit_08_4, RandomCropReachesEveryPlaceEqually) {
  const Image image = numbered(1, 4, 4);
  std::map<Bytes, int> seen;
  for (int top = -2; top <= 2; ++top) {
    for (int left = -2; left <= 2; ++left) seen[plain_crop(image, top, left, 4, 4)] = 0;
  }
  ASSERT_EQ(seen.size(), 25u);
  Generator random(11);
  const RandomCrop transform{.size = 4, .padding = 2};
  for (int trial = 0; trial < 5000; ++trial) {
    const auto found = seen.find(transform(image, random).pixels);
    ASSERT_NE(found, seen.end()) << "a window that is nowhere in the padded image";
    ++found->second;
  }
  for (const auto& [pixels, count] : seen) EXPECT_NEAR(count, 200, 75);  // five standard deviations
}

TEST(Unit_08_4, RandomCropWithoutPadding) {
  const Image image = numbered(2, 5, 7);
  Generator random(3);
  std::map<std::uint8_t, int> corners;
  for (int trial = 0; trial < 300; ++trial) {
    const Image window = RandomCrop{.size = 5}(image, random);
    ASSERT_EQ(window.pixels.size(), 50u);
    ASSERT_EQ(std::count(window.pixels.begin(), window.pixels.end(), 0), 0) << "nothing outside is needed";
    ++corners[window.pixels[0]];
  }
  EXPECT_EQ(corners.size(), 3u) << "columns 0, 1 and 2 of row 0";
}

TEST(Unit_08_4, RandomCropFollowsItsGenerator) {
  const Image image = numbered(3, 32, 32);
  const RandomCrop transform{.size = 32, .padding = 4};
  Generator a(7);
  Generator b(7);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(transform(image, a).pixels, transform(image, b).pixels);
  EXPECT_EQ(a.state(), b.state());
  EXPECT_NE(a.state(), Generator(7).state());
}

TEST(Unit_08_4, RandomCropThatDoesNotFit) {
  Generator random;
  EXPECT_THROWS_WITH((RandomCrop{.size = 9, .padding = 2}(numbered(1, 4, 8), random)), ValueError, "9 x 9", "4 x 8",
                     "2");
}

TEST(Unit_08_4, RandomFlipFlipsWithItsProbability) {
  const Image image = numbered(1, 1, 2);
  Generator random(2);
  const auto flips = [&](double probability) {
    int count = 0;
    for (int i = 0; i < 2000; ++i) {
      count += RandomHorizontalFlip{probability}(image, random).pixels != image.pixels;
    }
    return count;
  };
  EXPECT_EQ(flips(0), 0);
  EXPECT_EQ(flips(1), 2000);
  EXPECT_NEAR(flips(0.5), 1000, 112);  // five standard deviations
  EXPECT_NEAR(flips(0.1), 200, 67);
}

TEST(Unit_08_4, RandomFlipDrawsOnceWhateverHappens) {
  Generator expected(4);
  expected.uniform();
  for (const double probability : {0.0, 0.5, 1.0}) {
    Generator random(4);
    RandomHorizontalFlip{probability}(numbered(1, 2, 2), random);
    EXPECT_EQ(random.state(), expected.state()) << "probability " << probability;
  }
}

Array normalized(const Normalize& normalize, const Image& image) {
  Array out = Array::full({image.channels, image.height, image.width}, -99);
  normalize(image, out.mutable_data());
  return out;
}

constexpr Tolerance few_ulps = double_precision ? Tolerance{1e-12, 1e-12} : Tolerance{1e-6, 3e-7};

TEST(Unit_08_4, WithoutMeansBytesGoToZeroToOne) {
  EXPECT_TRUE(near(normalized({}, {1, 1, 4, {0, 51, 128, 255}}), {1, 1, 4}, {0, 0.2, 128.0 / 255, 1}, few_ulps));
}

TEST(Unit_08_4, BlackAndWhiteAsCifarNormalisesThem) {
  const Array black = normalized(cifar10_normalize(), {3, 1, 1, {0, 0, 0}});
  EXPECT_TRUE(near(black, {3, 1, 1}, {-1.989474, -1.980287, -1.706804}, {0, 1e-6}));
  const Array white = normalized(cifar10_normalize(), {3, 1, 1, {255, 255, 255}});
  EXPECT_TRUE(near(white, {3, 1, 1}, {2.059109, 2.126489, 2.115826}, {0, 1e-6}));
}

TEST(Unit_08_4, EachChannelHasItsOwnMeanAndDeviation) {
  const Normalize normalize{.mean = {0.5, 0.25}, .deviation = {2, 0.5}};
  const Image image{2, 2, 1, {0, 255, 0, 255}};
  EXPECT_TRUE(near(normalized(normalize, image), {2, 2, 1}, {-0.25, 0.25, -0.5, 1.5}, few_ulps));
}

TEST(Unit_08_4, NormalizeMustFitItsImage) {
  EXPECT_THROWS_WITH(normalized(cifar10_normalize(), numbered(1, 2, 2)), ValueError, "3 means", "1 channels");
  EXPECT_THROWS_WITH(normalized({.mean = {0}, .deviation = {0}}, numbered(1, 2, 2)), ValueError, "channel 0");
}

Array applied(const Transforms& transforms, const Image& image, const Shape& shape, std::uint64_t seed = 0) {
  Array out = Array::full(shape, -99);
  Generator random(seed);
  apply(transforms, image, out.mutable_data(), random);
  return out;
}

TEST(Unit_08_4, PaddingIsBlackAndNotAverage) {
  const Transforms transforms{
      .bytes = {[](const Image& image, Generator&) { return crop(image, -1, 0, 1, 1); }},  // outside alone
      .normalize = cifar10_normalize()};
  EXPECT_TRUE(
      near(applied(transforms, numbered(3, 2, 2), {3, 1, 1}), {3, 1, 1}, {-1.989474, -1.980287, -1.706804}, {0, 1e-6}));
}

TEST(Unit_08_4, TransformsRunInTheirOrder) {
  const ByteTransform left_half = [](const Image& image, Generator&) { return crop(image, 0, 0, 1, 2); };
  const ByteTransform flip = [](const Image& image, Generator&) { return flip_horizontal(image); };
  const Image image{1, 1, 4, {51, 102, 153, 204}};
  EXPECT_TRUE(near(applied({.bytes = {left_half, flip}}, image, {1, 1, 2}), {1, 1, 2}, {0.4, 0.2}, few_ulps));
  EXPECT_TRUE(near(applied({.bytes = {flip, left_half}}, image, {1, 1, 2}), {1, 1, 2}, {0.8, 0.6}, few_ulps));
}

TEST(Unit_08_4, TransformsShareOneStream) {
  // Each draws once: together they must see the first two numbers of the generator.
  std::vector<double> drawn;
  const ByteTransform draw = [&drawn](const Image& image, Generator& random) {
    drawn.push_back(random.uniform());
    return image;
  };
  applied({.bytes = {draw, draw}}, numbered(1, 1, 1), {1}, 9);
  Generator expected(9);
  const double first = expected.uniform();
  EXPECT_EQ(drawn, (std::vector<double>{first, expected.uniform()}));
}

TEST(Unit_08_4, TheResultMustFillItsPlace) {
  EXPECT_THROWS_WITH(applied({}, numbered(1, 2, 2), {5}), ShapeError, "1 x 2 x 2", "5");
}

TEST(Unit_08_4, AnImageDatasetGoesThroughItsTransforms) {
  const ImageSet images{1, 2, 2, {0, 51, 102, 153, 204, 255, 0, 51}, {3, 8}};
  const ImageDataset dataset(images, {.bytes = {RandomHorizontalFlip{1}}, .flatten = true});
  EXPECT_EQ(dataset.shape(), Shape{4});
  EXPECT_EQ(ImageDataset(images).shape(), (Shape{1, 2, 2}));
  Array row = Array::full({4}, -99);
  Generator random;
  EXPECT_EQ(dataset.item(1, row.mutable_data(), random), 8);
  EXPECT_TRUE(near(row, {4}, {1, 0.8, 0.2, 0}, few_ulps));
  EXPECT_THROWS_WITH(dataset.item(2, row.mutable_data(), random), IndexError, "2", "0..1");
}

TEST(Unit_08_4, ADatasetKnowsTheSizeAfterItsTransforms) {
  const ImageSet images{3, 32, 32, Bytes(3072), {0}};
  EXPECT_EQ(ImageDataset(images, {.bytes = {RandomCrop{.size = 28}}}).shape(), (Shape{3, 28, 28}));
  EXPECT_EQ(ImageDataset(images, {.bytes = {RandomCrop{.size = 28}}, .flatten = true}).shape(), Shape{2352});
  EXPECT_THROWS_WITH(ImageDataset(images, {.bytes = {RandomCrop{.size = 40}}}), ValueError, "40");
}

}  // namespace
}  // namespace rushlight::test
