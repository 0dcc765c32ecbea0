// Module 16's given weights that stay in their file.
#include <cstring>
#include <filesystem>

#include "integration/small_weights.hpp"
#include "support/temporary_folder.hpp"

namespace rushlight::test {
namespace {

const MappedLinear* mapped(Module& layer) { return dynamic_cast<const MappedLinear*>(layer.stand_in().get()); }

TEST(Integration_16, WeightsInTheirFileComputeTheSameBits) {
  for (const WeightFormat format : {WeightFormat::int8, WeightFormat::q8_0, WeightFormat::q4_0}) {
    for (const bool tied : {true, false}) {
      const TemporaryFolder folder;
      const std::string path = folder / "mapped";
      GPT saved = small_gpt(1, tied), loaded = small_gpt(2, tied), in_file = small_gpt(3, tied);
      save_quantized(path, saved, format);
      load_quantized(path, loaded);
      map_quantized(path, in_file);
      EXPECT_TRUE(same_bits(answers(in_file), answers(loaded))) << name_of(format) << (tied ? ", tied" : "");
    }
  }
}

TEST(Integration_16, NoByteOfAMappedWeightIsCopied) {
  const TemporaryFolder folder;
  const std::string path = folder / "mapped";
  GPT saved = small_gpt(1), in_file = small_gpt(2);
  save_quantized(path, saved, WeightFormat::q8_0);
  map_quantized(path, in_file);
  const MappedLinear* first = mapped(in_file.blocks[0].mlp.fc1);
  const MappedLinear* last = mapped(in_file.unembed);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(last, nullptr) << "the head, whose weight is the embedding's";
  EXPECT_EQ(first->weight().file, last->weight().file) << "one mapping";
  const std::span<const std::uint8_t> file = first->weight().file->bytes(), blocks = first->weight().blocks;
  EXPECT_EQ(file.size(), std::filesystem::file_size(path));
  EXPECT_EQ(blocks.size(), 128U * 34U);
  EXPECT_GE(blocks.data(), file.data());
  EXPECT_LE(blocks.data() + blocks.size(), file.data() + file.size());
}

TEST(Integration_16, AMappingOutlivesTheNameOfItsFile) {
  GPT saved = small_gpt(1), in_file = small_gpt(2);
  {
    const TemporaryFolder folder;
    const std::string path = folder / "mapped";
    save_quantized(path, saved, WeightFormat::q4_0);
    map_quantized(path, in_file);
    GPT other = small_gpt(7);
    save_quantized(path, other, WeightFormat::q4_0);  // another file takes the name
  }
  quantize(saved, {.weights = WeightFormat::q4_0});
  EXPECT_TRUE(same_bits(answers(in_file), answers(saved)));
}

TEST(Integration_16, AMappedLayerSaysWhatItCannotDo) {
  const TemporaryFolder folder;
  const std::string path = folder / "mapped";
  GPT saved = small_gpt(1), in_file = small_gpt(2);
  save_quantized(path, saved, WeightFormat::q8_0);
  map_quantized(path, in_file);
  EXPECT_THROWS_WITH(in_file.blocks[0].mlp.fc1(Tensor(zeros({2, 31}))), ShapeError, "(2, 31)", "(128, 32)");
  EXPECT_THROWS_WITH(in_file.embed(Indices({1}, {9})), IndexError, "9", "0 to 8");
  const Tensor x(ones({1, 32}), true);
  const Tensor y = in_file.blocks[0].mlp.fc1(x);
  ASSERT_TRUE(y.node());
  EXPECT_THROWS_WITH(sum(y).backward(), GraphError, "quantized_linear");
}

TEST(Integration_16, AFileThatCannotBeMappedIsNamed) {
  GPT gpt = small_gpt(1);
  EXPECT_THROWS_WITH(map_quantized("/nowhere/at all", gpt), FileError, "/nowhere/at all", "No such file");
  const TemporaryFolder folder;
  const std::string path = folder / "empty";
  write_file(path, {});
  EXPECT_THROWS_WITH(map_quantized(path, gpt), FileError, path, "8 bytes");
}

// Mapped or read, the same files are refused, and the model stays as it is.
TEST(Integration_16, MappingRefusesWhatReadingRefuses) {
  Generator random(5);
  const TemporaryFolder folder;
  const std::string path = folder / "fuzz";
  int refused = 0;
  for (const WeightFormat format : {WeightFormat::q8_0, WeightFormat::q4_0}) {
    GPT saved = small_gpt(1);
    const std::vector<std::uint8_t> good = encode_safetensors(quantized_state(saved, format));
    std::uint64_t header = 0;
    std::memcpy(&header, good.data(), 8);
    for (int i = 0; i < 120; ++i) {
      std::vector<std::uint8_t> bytes = good;
      const auto limit = i % 3 == 0 ? bytes.size() : 8 + header;  // mostly the header, where the structure is
      bytes[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(limit)))] =
          static_cast<std::uint8_t>(random.below(256));
      if (i % 5 == 0) bytes.resize(static_cast<std::size_t>(random.below(std::ssize(bytes))));
      if (i % 7 == 0) bytes.push_back(0);
      write_file(path, bytes);
      GPT read = small_gpt(2), in_file = small_gpt(2);
      const Array before = answers(read);
      bool reads = true, maps = true;
      try {
        load_quantized(path, read);
      } catch (const Error&) {
        reads = false;
      }
      try {
        map_quantized(path, in_file);
      } catch (const FileError&) {
        maps = false;
        ++refused;
        ASSERT_TRUE(same_bits(answers(in_file), before)) << name_of(format) << ", " << i;
      }
      ASSERT_EQ(reads, maps) << name_of(format) << ", " << i;
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace rushlight::test
