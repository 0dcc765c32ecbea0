// 08.4 transforms.
#include <algorithm>
#include <map>

#include "08_dataloader/images.hpp"

namespace rushlight::test {
namespace {

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
  const Image window = crop(numbered_image(1, 3, 4), 1, 2, 2, 2);
  EXPECT_EQ(window.channels, 1);
  EXPECT_EQ(window.height, 2);
  EXPECT_EQ(window.width, 2);
  EXPECT_EQ(window.pixels, (Bytes{7, 8, 11, 12}));
}

TEST(Unit_08_4, CropPadsWithBlack) {
  EXPECT_EQ(crop(numbered_image(1, 2, 2), -1, -1, 2, 2).pixels, (Bytes{0, 0, 0, 1}));
  EXPECT_EQ(crop(numbered_image(1, 2, 2), 1, 1, 2, 2).pixels, (Bytes{4, 0, 0, 0}));
  EXPECT_EQ(crop(numbered_image(1, 2, 2), -1, -1, 4, 4).pixels,
            (Bytes{0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0}));
}

TEST(Unit_08_4, CropOutsideIsAllBlack) {
  for (const auto& [top, left] : {std::pair{5, 0}, {-5, 0}, {0, 9}, {0, -9}, {7, 7}, {-3, -3}}) {
    EXPECT_EQ(crop(numbered_image(2, 3, 3), top, left, 3, 3).pixels, Bytes(18)) << top << ", " << left;
  }
}

TEST(Unit_08_4, CropAgreesWithItsDefinition) {
  Generator random(5);
  for (int trial = 0; trial < 300; ++trial) {
    const Image image = numbered_image(1 + random.below(3), 1 + random.below(6), 1 + random.below(6));
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
  EXPECT_THROWS_WITH(crop(numbered_image(1, 3, 3), 0, 0, 0, 3), ValueError, "0 x 3");
  EXPECT_THROWS_WITH(crop(numbered_image(1, 3, 3), 0, 0, 3, -1), ValueError, "3 x -1");
}

TEST(Unit_08_4, SizesThatOverflowAreNotBelieved) {
  const Image image = numbered_image(2, 3, 3);
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
  const Image image = numbered_image(3, 5, 4);
  EXPECT_EQ(flip_horizontal(flip_horizontal(image)).pixels, image.pixels);
}

TEST(Unit_08_4, RandomCropReachesEveryPlaceEqually) {
  const Image image = numbered_image(1, 4, 4);
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
  const Image image = numbered_image(2, 5, 7);
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
  const Image image = numbered_image(3, 32, 32);
  const RandomCrop transform{.size = 32, .padding = 4};
  Generator a(7);
  Generator b(7);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(transform(image, a).pixels, transform(image, b).pixels);
  EXPECT_EQ(a.state(), b.state());
  EXPECT_NE(a.state(), Generator(7).state());
}

TEST(Unit_08_4, RandomCropDrawsTheRowAndThenTheColumn) {
  const Image image = numbered_image(2, 9, 5);
  Generator random(8), same(8);
  for (int trial = 0; trial < 20; ++trial) {
    const std::int64_t top = same.below(9 + 2 - 4 + 1) - 1, left = same.below(5 + 2 - 4 + 1) - 1;
    const Image window = RandomCrop{.size = 4, .padding = 1}(image, random);
    ASSERT_EQ(window.pixels, plain_crop(image, top, left, 4, 4)) << "trial " << trial;
  }
  EXPECT_EQ(random.state(), same.state());
}

TEST(Unit_08_4, RandomCropLooksAtItsNumbersBeforeItDraws) {
  const Generator untouched(5);
  Generator random(5);
  for (const std::int64_t size : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    EXPECT_THROWS_WITH((RandomCrop{.size = size, .padding = 2}(numbered_image(1, 4, 4), random)), ValueError);
  }
  EXPECT_THROWS_WITH((RandomCrop{.size = 1 << 20, .padding = 1 << 20}(numbered_image(1, 4, 4), random)), ValueError);
  EXPECT_THROWS_WITH((RandomCrop{.size = 9, .padding = 2}(numbered_image(1, 4, 4), random)), ValueError);
  EXPECT_THROWS_WITH((RandomCrop{.size = 2, .padding = -1}(numbered_image(1, 4, 4), random)), ValueError);
  EXPECT_EQ(random.state(), untouched.state());
}

TEST(Unit_08_4, RandomCropThatDoesNotFit) {
  Generator random;
  EXPECT_THROWS_WITH((RandomCrop{.size = 9, .padding = 2}(numbered_image(1, 4, 8), random)), ValueError, "9 x 9",
                     "4 x 8", "2");
}

TEST(Unit_08_4, RandomFlipFlipsWithItsProbability) {
  const Image image = numbered_image(1, 1, 2);
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
    RandomHorizontalFlip{probability}(numbered_image(1, 2, 2), random);
    EXPECT_EQ(random.state(), expected.state()) << "probability " << probability;
  }
}

}  // namespace
}  // namespace rushlight::test
