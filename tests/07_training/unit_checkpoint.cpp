// 07.5: what is written is read back, by others too; what is broken is refused with file, offset and reason.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <limits>

#include "07_training/helpers.hpp"

namespace rushlight::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

// A file put together by hand: 8 bytes of length, the header, the data.
Bytes file_of(const std::string& header, const Bytes& data, std::int64_t length = -1) {
  const std::uint64_t n = length < 0 ? header.size() : static_cast<std::uint64_t>(length);
  Bytes bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>((n >> (8 * i)) & 0xff));
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

const std::string two_tensors = R"({"__metadata__":{"epoch":"3"},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                                R"("b":{"dtype":"I64","shape":[1],"data_offsets":[2,10]}})";
const Bytes ten_bytes = {7, 9, 0x15, 0xCD, 0x5B, 0x07, 0, 0, 0, 0};

TEST(Unit_07_5, ReadsAFileMadeByHand) {
  const SafeTensors content = decode_safetensors(file_of(two_tensors, ten_bytes), "hand");
  ASSERT_EQ(content.tensors.size(), 2u);
  EXPECT_EQ(content.tensors.at("a").dtype, DType::u8);
  EXPECT_EQ(content.tensors.at("a").bytes, (Bytes{7, 9}));
  EXPECT_EQ(content.tensors.at("b").dtype, DType::i64);
  EXPECT_EQ(content.tensors.at("b").shape, Shape({1}));
  std::int64_t b = 0;
  std::memcpy(&b, content.tensors.at("b").bytes.data(), 8);
  EXPECT_EQ(b, 123456789);
  EXPECT_EQ(content.metadata.at("epoch"), "3");
}

void expect_same(const SafeTensors& actual, const SafeTensors& expected) {
  EXPECT_TRUE(same_list(actual.tensors, expected.tensors));
  EXPECT_TRUE(same_list(actual.metadata, expected.metadata));
}

TEST(Unit_07_5, WritesTheLayoutByteForByte) {
  SafeTensors content;
  content.tensors["w"] = {.dtype = DType::f32, .shape = {1, 2}, .bytes = {0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0}};  // 1, -2
  content.metadata["k"] = "v";
  std::string header = R"({"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}})";
  while (header.size() % 8 != 0) header += ' ';
  EXPECT_TRUE(same_list(encode_safetensors(content), file_of(header, content.tensors["w"].bytes)));
}

TEST(Unit_07_5, OffsetsRunOnAndDataIsAligned) {
  SafeTensors content;
  content.tensors["b"] = {.dtype = DType::u8, .shape = {3}, .bytes = {1, 2, 3}};
  content.tensors["a"] = store(Array({2}, {1, 2}));
  content.tensors["empty"] = store(Array({0, 4}, std::vector<Real>{}));
  content.tensors["scalar"] = store(Array::scalar(5));
  const Bytes bytes = encode_safetensors(content);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ((8 + length) % 8, 0u) << "the data begins at a multiple of 8";
  const auto header = nlohmann::json::parse(bytes.begin() + 8, bytes.begin() + 8 + static_cast<std::ptrdiff_t>(length));
  const int real = sizeof(Real);
  EXPECT_EQ(header["a"]["data_offsets"], (std::vector<int>{0, 2 * real}));
  EXPECT_EQ(header["b"]["data_offsets"], (std::vector<int>{2 * real, 2 * real + 3}));
  EXPECT_EQ(header["empty"]["data_offsets"], (std::vector<int>{2 * real + 3, 2 * real + 3}));
  EXPECT_EQ(header["scalar"]["shape"], nlohmann::json::array());
  EXPECT_FALSE(header.contains("__metadata__")) << "no metadata, no entry";
  EXPECT_EQ(bytes.size(), 8 + length + static_cast<std::uint64_t>(3 * real + 3));
  expect_same(decode_safetensors(bytes, "x"), content);
}

TEST(Unit_07_5, EverythingComesBackBitForBit) {
  Generator generator(1);
  for (int round = 0; round < 20; ++round) {
    SafeTensors content;
    for (int i = 0; i < round; ++i) {
      Shape shape;
      for (std::int64_t axes = generator.below(4); axes > 0; --axes) shape.push_back(generator.below(4));
      content.tensors[fmt::format("layer.{}.\"wéight\"", i)] = store(rushlight::randn(shape, generator));
    }
    if (round % 2 == 0) content.metadata = {{"a", "tab\t, quote \" and \n"}, {"", ""}};
    SCOPED_TRACE(round);
    expect_same(decode_safetensors(encode_safetensors(content), "x"), content);
  }
  const Real inf = std::numeric_limits<Real>::infinity(), tiny = std::numeric_limits<Real>::denorm_min();
  const Array odd({6}, {0, -Real{0}, inf, -inf, std::numeric_limits<Real>::quiet_NaN(), tiny});
  SafeTensors content;
  content.tensors["odd"] = store(odd);
  const SafeTensors back = decode_safetensors(encode_safetensors(content), "x");
  EXPECT_TRUE(same_bits(load_array(back.tensors.at("odd")), odd));
}

void expect_rejected(const Bytes& bytes, const std::vector<std::string>& pieces) {
  try {
    decode_safetensors(bytes, "weights.st");
    ADD_FAILURE() << "accepted, but should be refused because of: " << testing::PrintToString(pieces);
  } catch (const FileError& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find("weights.st"), 0u) << message;
    for (const std::string& piece : pieces)
      EXPECT_NE(message.find(piece), std::string::npos) << piece << "\n" << message;
  }
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"fc1.bias":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

TEST(Unit_07_5, TruncatedHeaders) {
  expect_rejected({}, {});
  expect_rejected({1, 0, 0}, {});
  expect_rejected(file_of("{}", {}, 3), {});
  expect_rejected(file_of("{}", {}, std::numeric_limits<std::int64_t>::max()), {"9223372036854775807"});
  Bytes wraps = file_of("{}", {});
  std::fill_n(wraps.begin(), 8, 0xFF);  // 8 + length is 7 in 64 bits
  expect_rejected(wraps, {"18446744073709551615"});
}

TEST(Unit_07_5, DataThatDoesNotFitItsHeader) {
  const Bytes eight(8);
  const std::string good = entry("F32", "[2]", "[0,8]");
  decode_safetensors(file_of(good, eight), "x");
  expect_rejected(file_of(good, Bytes(7)), {"fc1.bias"});
  expect_rejected(file_of(good, Bytes(9)), {std::to_string(16 + good.size())});
  expect_rejected(file_of(entry("F32", "[3]", "[0,8]"), eight), {"fc1.bias"});
  expect_rejected(file_of(entry("F64", "[2]", "[0,8]"), eight), {"fc1.bias"});
  expect_rejected(file_of(entry("F32", "[2]", "[8,0]"), eight), {"fc1.bias"});
  expect_rejected(file_of(entry("F32", "[1]", "[4,8]"), eight), {"fc1.bias"});
  expect_rejected(file_of(entry("U8", "[0]", "[18446744073709551615,18446744073709551615]"), {}), {"fc1.bias"});
  expect_rejected(file_of("{}", {1}), {"10"});
}

TEST(Unit_07_5, TensorsOverEachOther) {
  const std::string header = R"({"first":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
                             R"("second":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})";
  expect_rejected(file_of(header, Bytes(4)), {});
  const std::string order = R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]},)"
                            R"("b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  EXPECT_EQ(decode_safetensors(file_of(order, {1, 2, 3, 4}), "x").tensors.at("a").bytes, (Bytes{2, 3, 4}))
      << "the order of the names need not be the order of the data";
}

TEST(Unit_07_5, AnEmptyTensorMayLieAnywhereBetweenTheOthers) {
  const auto header = [](const char* first, const char* second, const char* third) {
    const auto tensor = [](const char* name, const std::string& at) {
      const bool empty = at[1] == at[3];
      return fmt::format(R"("{}":{{"dtype":"U8","shape":[{}],"data_offsets":{}}})", name, empty ? 0 : 2, at);
    };
    return "{" + tensor("a", first) + "," + tensor("b", second) + "," + tensor("c", third) + "}";
  };
  const std::string lines[] = {header("[0,2]", "[0,0]", "[2,4]"), header("[0,2]", "[2,4]", "[2,2]"),
                               header("[2,4]", "[0,2]", "[4,4]"), header("[0,0]", "[0,2]", "[2,4]")};
  for (const std::string& line : lines) {
    EXPECT_EQ(decode_safetensors(file_of(line, {1, 2, 3, 4}), "x").tensors.size(), 3u) << line;
  }
}

TEST(Unit_07_5, BytesThatDoNotFitTheirShapeAreNotWritten) {
  for (const std::size_t count : {3, 5}) {
    SafeTensors content;
    content.tensors["fc1.bias"] = {.dtype = DType::f32, .shape = {1}, .bytes = Bytes(count)};
    content.tensors["next"] = store(ones({2}));
    EXPECT_THROWS_WITH(encode_safetensors(content), ValueError, "fc1.bias");
  }
}

TEST(Unit_07_5, HeadersThatMakeNoSense) {
  expect_rejected(file_of("{", {}), {"byte 8", "JSON"});
  expect_rejected(file_of("[]", {}), {"byte 8", "object"});
  expect_rejected(file_of(R"({"a":{"dtype":"F32","shape":[0]}})", {}), {"'a'", "data_offsets"});
  expect_rejected(file_of(entry("BF16", "[0]", "[0,0]"), {}), {"'fc1.bias'", "BF16"});
  expect_rejected(file_of(entry("F32", "[-1]", "[0,0]"), {}), {"'fc1.bias'", "-1"});
  expect_rejected(file_of(entry("F32", "[4611686018427387904,4]", "[0,0]"), {}), {"'fc1.bias'", "4611686018427387904"});
  expect_rejected(file_of(entry("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]"), Bytes(4)), {"'fc1.bias'", "9 axes"});
  expect_rejected(file_of(R"({"__metadata__":{"k":1}})", {}), {"'k'", "string"});
  expect_rejected(file_of(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                          R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
                          {}),
                  {"'a'", "twice"});
}

TEST(Unit_07_5, EveryTruncationIsNoticedAndNoByteCrashes) {
  SafeTensors content;
  content.tensors["a"] = store(Array({2}, {1, 2}));
  content.tensors["b"] = store(Array({1}, {3}));
  content.metadata["k"] = "v";
  const Bytes bytes = encode_safetensors(content);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(decode_safetensors(std::span(bytes).first(length), "x"), FileError) << length << " bytes";
  }
  Generator generator(5);
  for (int round = 0; round < 500; ++round) {
    Bytes broken = bytes;
    for (int i = 0; i < 3; ++i) {
      broken[static_cast<std::size_t>(generator.below(static_cast<std::int64_t>(bytes.size())))] =
          static_cast<std::uint8_t>(generator.below(256));
    }
    try {
      decode_safetensors(broken, "x");
    } catch (const FileError&) {  // nothing else may come out
    }
  }
}

SafeTensors version(int number, std::int64_t size) {
  SafeTensors content;
  content.tensors["w"] = store(Array::full({size}, static_cast<Real>(number)));
  content.metadata["version"] = std::to_string(number);
  return content;
}

TEST(Unit_07_5, FilesAreReplacedWhole) {
  const TemporaryFolder folder;
  const std::string path = folder / "model.safetensors";
  save_safetensors(path, version(1, 100));
  save_safetensors(path, version(2, 10));
  EXPECT_EQ(load_safetensors(path), version(2, 10));
  EXPECT_EQ(folder.files(), std::vector<std::string>{"model.safetensors"}) << "nothing else is left behind";
}

TEST(Unit_07_5, FilesThatCannotBeReadOrWritten) {
  const TemporaryFolder folder;
  EXPECT_THROWS_WITH(load_safetensors(folder / "none"), FileError, "none", "No such file");
  EXPECT_THROWS_WITH(load_safetensors(folder / "."), FileError, "not a file");
  EXPECT_THROWS_WITH(save_safetensors(folder / "no/such/folder", version(1, 1)), FileError, "no/such/folder",
                     "No such file");
}

TEST(Unit_07_5, AFullDiskLeavesTheOldFile) {
  const TemporaryFolder folder;
  const std::string path = folder / "model.safetensors";
  save_safetensors(path, version(1, 10));
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 4096;
  setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  try {
    save_safetensors(path, version(2, 100000));
  } catch (const FileError& error) {
    message = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message.find(path), 0u) << message;
  EXPECT_NE(message.find("File too large"), std::string::npos) << message;
  EXPECT_NE(message.find("untouched"), std::string::npos) << message;
  EXPECT_EQ(load_safetensors(path), version(1, 10));
  EXPECT_EQ(folder.files(), std::vector<std::string>{"model.safetensors"});
}

// A child saves versions 1, 2, ... without end, writes each number to a pipe once it is saved, and is killed.
void expect_kill_loses_nothing(int microseconds) {
  const TemporaryFolder folder;
  const std::string path = folder / "model.safetensors";
  save_safetensors(path, version(0, 1000));
  std::vector<Bytes> contents;  // encoded beforehand: the child only writes
  for (int number = 0; number < 100; ++number) contents.push_back(encode_safetensors(version(number, 1000)));
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    for (int number = 1; number < 100; ++number) {
      write_file(path, contents[static_cast<std::size_t>(number)]);
      if (write(ends[1], &number, sizeof number) != sizeof number) _exit(1);
    }
    _exit(0);
  }
  close(ends[1]);
  int saved = 0;
  ASSERT_EQ(read(ends[0], &saved, sizeof saved), static_cast<ssize_t>(sizeof saved)) << "the child saved nothing";
  usleep(static_cast<useconds_t>(microseconds));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  for (int number = 0; read(ends[0], &number, sizeof number) == sizeof number;) saved = number;
  close(ends[0]);
  const SafeTensors found = load_safetensors(path);
  const int number = std::stoi(found.metadata.at("version"));
  EXPECT_GE(number, saved) << "version " << saved << " was saved, " << number << " was found";
  EXPECT_LE(number, saved + 1);
  EXPECT_EQ(found, version(number, 1000));
}

TEST(Unit_07_5, KillAtAnyMomentLosesNothingOlder) {
  for (int microseconds = 0; microseconds < 2000; microseconds += 350) expect_kill_loses_nothing(microseconds);
}

}  // namespace
}  // namespace rushlight::test
