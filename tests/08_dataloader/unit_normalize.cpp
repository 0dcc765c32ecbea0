// 08.4 bytes to Reals, and a data set of images behind its transforms.
#include "08_dataloader/images.hpp"

namespace rushlight::test {
namespace {

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
  EXPECT_THROWS_WITH(normalized(cifar10_normalize(), numbered_image(1, 2, 2)), ValueError, "3 means", "1 channels");
  EXPECT_THROWS_WITH(normalized({.mean = {0}, .deviation = {0}}, numbered_image(1, 2, 2)), ValueError, "channel 0");
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
  EXPECT_TRUE(near(applied(transforms, numbered_image(3, 2, 2), {3, 1, 1}), {3, 1, 1},
                   {-1.989474, -1.980287, -1.706804}, {0, 1e-6}));
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
  applied({.bytes = {draw, draw}}, numbered_image(1, 1, 1), {1}, 9);
  Generator expected(9);
  const double first = expected.uniform();
  EXPECT_EQ(drawn, (std::vector<double>{first, expected.uniform()}));
}

TEST(Unit_08_4, TheResultMustFillItsPlace) {
  EXPECT_THROWS_WITH(applied({}, numbered_image(1, 2, 2), {5}), ShapeError, "1 x 2 x 2", "5");
  for (const std::int64_t places : {0, 1, 3, 8}) {
    EXPECT_THROWS_WITH(applied({}, numbered_image(1, 2, 2), Shape{places}), ShapeError, fmt::format("{}", places));
  }
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
