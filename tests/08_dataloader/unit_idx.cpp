// 08.1 IDX files.
#include <algorithm>

#include "08_dataloader/fashion_mnist.hpp"
#include "08_dataloader/files.hpp"
#include "08_dataloader/idx.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// Two images of 2 x 3, and two labels.
const Bytes images_file{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251, 255};
const Bytes labels_file{0, 0, 8, 1, 0, 0, 0, 2, 9, 4};

Bytes without_last(Bytes bytes, int count) {
  bytes.resize(bytes.size() - static_cast<std::size_t>(count));
  return bytes;
}

TEST(Unit_08_1, BigEndianPutsTheFirstByteHighest) {
  const Bytes bytes{0x00, 0x12, 0x34, 0x56, 0x78};
  EXPECT_EQ(read_big_endian(bytes, 0), 0x00123456u);
  EXPECT_EQ(read_big_endian(bytes, 1), 0x12345678u);
}

TEST(Unit_08_1, BigEndianKeepsTheTopBit) { EXPECT_EQ(read_big_endian(Bytes{0xff, 0xfe, 0xfd, 0xfc}, 0), 0xfffefdfcu); }

TEST(Unit_08_1, BigEndianChecksItsOffset) {
  const Bytes bytes{1, 2, 3, 4};
  EXPECT_THROWS_WITH(read_big_endian(bytes, 1), IndexError, "1", "4");
  EXPECT_THROWS_WITH(read_big_endian(bytes, -1), IndexError, "-1");
  EXPECT_THROWS_WITH(read_big_endian(Bytes{}, 0), IndexError, "0");
  for (const std::int64_t far : {INT64_MAX, INT64_MAX - 3, INT64_MIN, std::int64_t{1} << 32}) {
    EXPECT_THROWS_WITH(read_big_endian(bytes, far), IndexError, std::to_string(far));
  }
}

TEST(Unit_08_1, ReadsShapeAndBytes) {
  const TempFolder folder;
  const IdxFile file = read_idx(folder.write("images", images_file), idx_images_magic);
  EXPECT_EQ(file.shape, (Shape{2, 2, 3}));
  EXPECT_EQ(file.data, (Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251, 255}));
}

TEST(Unit_08_1, ReadsLabels) {
  const TempFolder folder;
  const IdxFile file = read_idx(folder.write("labels", labels_file), idx_labels_magic);
  EXPECT_EQ(file.shape, (Shape{2}));
  EXPECT_EQ(file.data, (Bytes{9, 4}));
}

TEST(Unit_08_1, ReadsGzipWhateverItsName) {
  const TempFolder folder;
  const IdxFile file = read_idx(folder.write_gzip("images", images_file), idx_images_magic);
  EXPECT_EQ(file.shape, (Shape{2, 2, 3}));
  EXPECT_EQ(file.data.back(), 255);
}

TEST(Unit_08_1, ReadsAFileWithoutImages) {
  const TempFolder folder;
  const Bytes empty{0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28};
  EXPECT_EQ(read_idx(folder.write("images", empty), idx_images_magic).shape, (Shape{0, 28, 28}));
}

TEST(Unit_08_1, WrongMagicShowsBoth) {
  const TempFolder folder;
  const std::string path = folder.write("labels", labels_file);
  EXPECT_THROWS_WITH(read_idx(path, idx_images_magic), FileError, path, "offset 0", "0x00000801", "0x00000803");
}

TEST(Unit_08_1, LittleEndianIsAWrongMagic) {
  const TempFolder folder;
  const std::string path = folder.write("labels", Bytes{1, 8, 0, 0, 2, 0, 0, 0, 9, 4});
  EXPECT_THROWS_WITH(read_idx(path, idx_labels_magic), FileError, path, "0x01080000");
}

TEST(Unit_08_1, HeaderCutShort) {
  const TempFolder folder;
  for (const int size : {0, 3, 4, 9, 15}) {
    const Bytes head(images_file.begin(), images_file.begin() + size);
    const std::string path = folder.write("images", head);
    EXPECT_THROWS_WITH(read_idx(path, idx_images_magic), FileError, path, fmt::format("offset {}", size), "header");
  }
}

TEST(Unit_08_1, TooFewBytes) {
  const TempFolder folder;
  const std::string path = folder.write("images", without_last(images_file, 1));
  EXPECT_THROWS_WITH(read_idx(path, idx_images_magic), FileError, path, "offset 16", "(2, 2, 3)", "11");
}

TEST(Unit_08_1, TooManyBytes) {
  const TempFolder folder;
  Bytes longer = labels_file;
  longer.push_back(1);
  const std::string path = folder.write("labels", longer);
  EXPECT_THROWS_WITH(read_idx(path, idx_labels_magic), FileError, path, "offset 8", "3");
}

TEST(Unit_08_1, SizesThatOverflowAreNotBelieved) {
  const TempFolder folder;
  // 2^31 · 2^31 · 4 is 0 in 64 bits: a naive product matches the 0 bytes that follow.
  const std::string path = folder.write("images", Bytes{0, 0, 8, 3, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 4});
  EXPECT_THROWS_WITH(read_idx(path, idx_images_magic), FileError, path, "offset 16");
}

TEST(Unit_08_1, MissingFileIsNamed) {
  const TempFolder folder;
  EXPECT_THROWS_WITH(read_idx(folder.file("nothing"), idx_images_magic), FileError, folder.file("nothing"),
                     "No such file");
  EXPECT_THROWS_WITH(read_idx(folder.file(""), idx_images_magic), FileError, "folder");
}

TEST(Unit_08_1, BrokenGzipIsNamed) {
  const TempFolder folder;
  const Bytes whole = bytes_of(folder.write_gzip("images", images_file));
  const std::string cut = folder.write("cut", without_last(whole, 12));
  EXPECT_THROWS_WITH(read_idx(cut, idx_images_magic), FileError, cut, "offset", "cut short");
  Bytes damaged = whole;
  damaged[whole.size() - 7] ^= 0xff;  // in the checksum
  const std::string path = folder.write("damaged", damaged);
  EXPECT_THROWS_WITH(read_idx(path, idx_images_magic), FileError, path, "offset", "gzip");
}

TEST(Unit_08_1, ImagesAndLabelsTogether) {
  const TempFolder folder;
  const ImageSet set = read_idx_images(folder.write("images", images_file), folder.write("labels", labels_file));
  EXPECT_EQ(set.size(), 2);
  EXPECT_EQ(set.channels, 1);
  EXPECT_EQ(set.height, 2);
  EXPECT_EQ(set.width, 3);
  EXPECT_EQ(set.labels, (std::vector<std::int32_t>{9, 4}));
  EXPECT_EQ(set.image(1).pixels, (Bytes{7, 8, 9, 250, 251, 255}));
}

TEST(Unit_08_1, ImagesAndLabelsMustCountTheSame) {
  const TempFolder folder;
  const std::string images = folder.write("images", images_file);
  for (const std::uint8_t count : {0, 1, 3}) {
    Bytes others{0, 0, 8, 1, 0, 0, 0, count};
    others.resize(8u + count, 9);
    const std::string labels = folder.write("labels", others);
    EXPECT_THROWS_WITH(read_idx_images(images, labels), FileError, labels, fmt::format("{} labels", count), "2 images");
  }
}

TEST(Unit_08_1, EmbeddedImagesAreRealAndBalanced) {
  const DataSource source = find_fashion_mnist(embedded_data_folder());
  EXPECT_FALSE(source.full);
  EXPECT_NE(source.describe().find("embedded subset"), std::string::npos);
  const ImageSet train = fashion_mnist(source, Split::train);
  const ImageSet test = fashion_mnist(source, Split::test);
  EXPECT_EQ(train.size(), 5000);
  EXPECT_EQ(test.size(), 1000);
  EXPECT_EQ(train.height, 28);
  for (int label = 0; label < 10; ++label) {
    EXPECT_EQ(std::count(train.labels.begin(), train.labels.end(), label), 500);
    EXPECT_EQ(std::count(test.labels.begin(), test.labels.end(), label), 100);
  }
  // The first images of the full sets are an ankle boot each: dark corners, something bright in the middle.
  EXPECT_EQ(train.labels[0], 9);
  EXPECT_EQ(train.image(0).pixels[0], 0);
  EXPECT_EQ(*std::max_element(train.pixels.begin(), train.pixels.begin() + 784), 255);
}

// Sets RUSHLIGHT_DATA for one scope.
class DataVariable {
 public:
  explicit DataVariable(const char* value) {
    if (const char* before = std::getenv("RUSHLIGHT_DATA")) before_ = before;
    value == nullptr ? ::unsetenv("RUSHLIGHT_DATA") : ::setenv("RUSHLIGHT_DATA", value, 1);
  }
  ~DataVariable() { before_.empty() ? ::unsetenv("RUSHLIGHT_DATA") : ::setenv("RUSHLIGHT_DATA", before_.c_str(), 1); }

 private:
  std::string before_;
};

TEST(Unit_08_1, WithoutWishesTheInstalledSetComesBeforeTheEmbedded) {
  const DataVariable nothing(nullptr);
  const DataSource source = find_fashion_mnist();
  const bool installed = std::filesystem::exists("/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz");
  EXPECT_EQ(source.full, installed);
  EXPECT_EQ(fashion_mnist(source, Split::test).size(), installed ? 10000 : 1000);
}

TEST(Unit_08_1, AFolderThatWasAskedForIsNeverReplaced) {
  const TempFolder folder;
  {
    const DataVariable embedded(embedded_data_folder().c_str());
    EXPECT_EQ(fashion_mnist(find_fashion_mnist(), Split::test).size(), 1000);
  }
  const DataVariable wrong(folder.file("").c_str());
  EXPECT_THROWS_WITH(find_fashion_mnist(), FileError, folder.file(""), "train-images", "RUSHLIGHT_DATA");
  EXPECT_THROWS_WITH(find_fashion_mnist(folder.file("x")), FileError, folder.file("x"), "train-images");
}

TEST(Unit_08_1, AFolderOfUnzippedFilesIsReadToo) {
  const TempFolder folder;
  const std::string mini = embedded_data_folder();
  for (const std::string name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"}) {
    folder.write(name, read_bytes(mini + "/" + name + ".gz"));
  }
  EXPECT_THROWS_WITH(find_fashion_mnist(folder.file("")), FileError, "t10k-labels");
  folder.write_gzip("t10k-labels-idx1-ubyte.gz", read_bytes(mini + "/t10k-labels-idx1-ubyte.gz"));
  const DataSource source = find_fashion_mnist(folder.file(""));
  EXPECT_EQ(fashion_mnist(source, Split::train).size(), 5000);
  EXPECT_EQ(fashion_mnist(source, Split::test).size(), 1000);
}

}  // namespace
}  // namespace rushlight::test
