// 08.2 CIFAR-10 files.
#include "08_dataloader/cifar10.hpp"
#include "08_dataloader/files.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

Bytes record(int label, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  Bytes bytes{static_cast<std::uint8_t>(label)};
  for (const std::uint8_t value : {red, green, blue}) bytes.insert(bytes.end(), 1024, value);
  return bytes;
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

ImageSet random_images(std::int64_t count, std::uint64_t seed) {
  Generator random(seed);
  ImageSet set{3, 32, 32, Bytes(static_cast<std::size_t>(count * 3072)), {}};
  for (std::uint8_t& pixel : set.pixels) pixel = static_cast<std::uint8_t>(random.below(256));
  for (std::int64_t i = 0; i < count; ++i) set.labels.push_back(static_cast<std::int32_t>(random.below(10)));
  return set;
}

TEST(Unit_08_2, ReadsRecords) {
  const TempFolder folder;
  const ImageSet set = read_cifar10({folder.write("two.bin", record(3, 10, 20, 30) + record(9, 40, 50, 60))});
  EXPECT_EQ(set.labels, (std::vector<std::int32_t>{3, 9}));
  EXPECT_EQ(set.channels, 3);
  EXPECT_EQ(set.height, 32);
  EXPECT_EQ(set.width, 32);
  ASSERT_EQ(set.pixels.size(), 2u * 3072);
  EXPECT_EQ(set.pixels[0], 10);
  EXPECT_EQ(set.pixels[3072 + 2047], 50);
  EXPECT_EQ(set.pixels.back(), 60);
}

TEST(Unit_08_2, PlanesAreRedGreenBlueAndRowsRunAcross) {
  const TempFolder folder;
  Bytes one = record(0, 0, 0, 0);
  one[1 + 0 * 1024 + 5 * 32 + 7] = 201;   // red, row 5, column 7
  one[1 + 2 * 1024 + 31 * 32 + 0] = 203;  // blue, last row, first column
  const Image image = read_cifar10({folder.write("one.bin", one)}).image(0);
  EXPECT_EQ(image.pixels[image.at(0, 5, 7)], 201);
  EXPECT_EQ(image.pixels[image.at(2, 31, 0)], 203);
  EXPECT_EQ(std::count(image.pixels.begin(), image.pixels.end(), 0), 3070);
}

TEST(Unit_08_2, FilesFollowEachOther) {
  const TempFolder folder;
  const std::string a = folder.write("a.bin", record(1, 1, 1, 1));
  const std::string b = folder.write("b.bin", record(2, 2, 2, 2) + record(3, 3, 3, 3));
  EXPECT_EQ(read_cifar10({a, b}).labels, (std::vector<std::int32_t>{1, 2, 3}));
  EXPECT_EQ(read_cifar10({b, a}).pixels[0], 2);
}

TEST(Unit_08_2, AnIncompleteRecordIsNamed) {
  const TempFolder folder;
  Bytes bytes = record(1, 1, 1, 1) + record(2, 2, 2, 2);
  bytes.pop_back();
  const std::string path = folder.write("cut.bin", bytes);
  EXPECT_THROWS_WITH(read_cifar10({path}), FileError, path, "offset 3073", "3072");
  const std::string short_path = folder.write("short.bin", Bytes(3072));
  EXPECT_THROWS_WITH(read_cifar10({short_path}), FileError, short_path, "offset 0", "3072", "3073");
}

TEST(Unit_08_2, ALabelAboveNineIsNamed) {
  const TempFolder folder;
  const std::string path = folder.write("bad.bin", record(9, 1, 1, 1) + record(9, 2, 2, 2) + record(10, 3, 3, 3));
  EXPECT_THROWS_WITH(read_cifar10({path}), FileError, path, "offset 6146", "10");
}

TEST(Unit_08_2, EmptyAndMissingFilesAreNamed) {
  const TempFolder folder;
  const std::string empty = folder.write("empty.bin", Bytes{});
  EXPECT_THROWS_WITH(read_cifar10({empty}), FileError, empty, "empty");
  EXPECT_THROWS_WITH(read_cifar10({folder.file("none.bin")}), FileError, folder.file("none.bin"), "No such file");
}

// A list in which one download failed is no shorter list.
TEST(Unit_08_2, EachFileOfTheListIsLookedAt) {
  const TempFolder folder;
  const std::string good = folder.write("good.bin", record(1, 1, 1, 1));
  const std::vector<std::pair<std::string, std::string>> wrong{
      {folder.write("empty.bin", Bytes{}), "empty"},
      {folder.write("cut.bin", Bytes(3073 + 5)), "offset 3073"},
      {folder.write("label.bin", record(3, 1, 1, 1) + record(10, 1, 1, 1)), "offset 3073"},
      {folder.file("none.bin"), "No such file"}};
  for (const auto& [path, reason] : wrong) {
    for (std::size_t place = 0; place < 3; ++place) {
      std::vector<std::string> paths(3, good);
      paths[place] = path;
      EXPECT_THROWS_WITH(read_cifar10(paths), FileError, path, reason);
    }
  }
  EXPECT_EQ(read_cifar10({}).size(), 0) << "no file has no images, and nothing is wrong with it";
}

TEST(Unit_08_2, AFolderOfTheOriginalsNames) {
  const TempFolder folder;
  for (int i = 1; i <= 5; ++i) folder.write(fmt::format("data_batch_{}.bin", i), record(i, 0, 0, 0));
  EXPECT_THROWS_WITH(cifar10(folder.file(""), Split::test), FileError, "test_batch.bin");
  folder.write("test_batch.bin", record(7, 0, 0, 0));
  EXPECT_EQ(cifar10(folder.file(""), Split::train).labels, (std::vector<std::int32_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(cifar10(folder.file(""), Split::test).labels, (std::vector<std::int32_t>{7}));
}

TEST(Unit_08_2, WritesRecordByRecord) {
  const TempFolder folder;
  ImageSet set{3, 32, 32, Bytes(2 * 3072), {4, 5}};
  set.pixels[0] = 11;
  set.pixels[3072] = 22;
  write_cifar10(folder.file("out.bin"), set);
  const Bytes bytes = bytes_of(folder.file("out.bin"));
  ASSERT_EQ(bytes.size(), 6146u);
  EXPECT_EQ(bytes[0], 4);
  EXPECT_EQ(bytes[1], 11);
  EXPECT_EQ(bytes[3073], 5);
  EXPECT_EQ(bytes[3074], 22);
}

TEST(Unit_08_2, ReadsBackWhatItWrote) {
  const TempFolder folder;
  const ImageSet set = random_images(7, 1);
  write_cifar10(folder.file("out.bin"), set);
  const ImageSet back = read_cifar10({folder.file("out.bin")});
  EXPECT_EQ(back.labels, set.labels);
  EXPECT_EQ(back.pixels, set.pixels);
}

TEST(Unit_08_2, RefusesToWriteWhatTheFormatCannotHold) {
  const TempFolder folder;
  const std::string path = folder.file("out.bin");
  ImageSet set = random_images(3, 2);
  set.labels[2] = 10;
  EXPECT_THROWS_WITH(write_cifar10(path, set), ValueError, "image 2", "10");
  for (const std::int32_t label : {-1, 256, 258, -254, INT32_MIN}) {  // some of them are 0 or 2 as a byte
    set.labels[2] = label;
    EXPECT_THROWS_WITH(write_cifar10(path, set), ValueError, std::to_string(label));
  }
  EXPECT_THROWS_WITH(write_cifar10(path, (ImageSet{1, 28, 28, Bytes(784), {1}})), ValueError, "1 x 28 x 28");
  for (const std::size_t count : {3071, 3073, 0}) {  // fewer bytes than the labels need, or more
    EXPECT_THROWS_WITH(write_cifar10(path, (ImageSet{3, 32, 32, Bytes(count), {1}})), ValueError);
  }
  EXPECT_THROWS_WITH(write_cifar10(path, (ImageSet{3, 32, 32, {}, {}})),
                     ValueError);  // read_cifar10 refuses an empty file
  EXPECT_FALSE(std::filesystem::exists(path)) << "nothing may be written before everything is checked";
  EXPECT_THROWS_WITH(write_cifar10(folder.file("no/such/folder"), random_images(1, 3)), FileError, "no/such/folder");
}

TEST(Unit_08_2, GreyImagesGetABorderAndThreeChannels) {
  ImageSet grey{1, 28, 28, Bytes(2 * 784), {6, 8}};
  grey.pixels[0] = 101;                   // upper left
  grey.pixels[784 + 27 * 28 + 27] = 202;  // lower right of the second
  const ImageSet colour = to_cifar10(grey);
  EXPECT_EQ(colour.labels, grey.labels);
  ASSERT_EQ(colour.pixels.size(), 2u * 3072);
  for (int channel = 0; channel < 3; ++channel) {
    EXPECT_EQ(colour.image(0).pixels[channel * 1024 + 2 * 32 + 2], 101);
    EXPECT_EQ(colour.image(1).pixels[channel * 1024 + 29 * 32 + 29], 202);
  }
  EXPECT_EQ(std::count(colour.pixels.begin(), colour.pixels.end(), 0), 2 * 3072 - 6);
}

TEST(Unit_08_2, AnOddBorderIsWiderBelowAndToTheRight) {
  const ImageSet colour = to_cifar10({1, 29, 31, Bytes(29 * 31, 255), {0}});
  const Image image = colour.image(0);
  for (int row = 0; row < 32; ++row) {
    for (int column = 0; column < 32; ++column) {
      const bool inside = row >= 1 && row < 30 && column >= 0 && column < 31;
      ASSERT_EQ(image.pixels[image.at(1, row, column)], inside ? 255 : 0) << "row " << row << ", column " << column;
    }
  }
}

TEST(Unit_08_2, OnlySmallGreyImagesAreConverted) {
  EXPECT_THROWS_WITH(to_cifar10({1, 33, 28, Bytes(33 * 28), {0}}), ValueError, "33 x 28");
  EXPECT_THROWS_WITH(to_cifar10(random_images(1, 4)), ValueError, "3 x 32 x 32");
  EXPECT_THROWS_WITH(to_cifar10({1, -28, -28, Bytes(784), {0}}), ValueError, "-28 x -28");
  for (const std::size_t count : {783, 785, 0}) {
    EXPECT_THROWS_WITH(to_cifar10({1, 28, 28, Bytes(count), {0}}), ValueError);
  }
  EXPECT_EQ(to_cifar10({1, 32, 32, Bytes(1024, 5), {0}}).pixels, Bytes(3072, 5));
}

}  // namespace
}  // namespace rushlight::test
