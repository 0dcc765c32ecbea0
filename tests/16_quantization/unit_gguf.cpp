#include <cstring>

#include "16_quantization/gguf.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Written by hand, byte for byte: one key, two tensors.
Bytes by_hand() {
  Bytes file;
  const auto text = [&](const std::string& s) { file.insert(file.end(), s.begin(), s.end()); };
  const auto number = [&](std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) file.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  const auto string = [&](const std::string& s) {
    number(s.size(), 8);
    text(s);
  };
  text("GGUF");
  number(3, 4);
  number(2, 8);
  number(1, 8);
  string("a.key");
  number(4, 4);
  number(7, 4);
  string("w");
  number(2, 4);
  number(3, 8);  // the last axis first
  number(2, 8);
  number(0, 4);
  number(0, 8);
  string("v");
  number(1, 4);
  number(2, 8);
  number(1, 4);  // float16
  number(32, 8);
  while (file.size() % 32 != 0) file.push_back(0);
  for (const float value : {1.0F, 2.0F, 3.0F, 4.0F, 5.0F, -6.0F}) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, 4);
    number(bits, 4);
  }
  number(0, 8);
  number(0x3C00, 2);
  number(0xC000, 2);
  while (file.size() % 32 != 0) file.push_back(0);
  return file;
}

Gguf small_content() {
  Gguf content;
  content.metadata.emplace_back("a.key", std::uint32_t{7});
  content.tensors.push_back(gguf_tensor("w", Array({2, 3}, {1, 2, 3, 4, 5, -6}), GgufType::f32));
  content.tensors.push_back(gguf_tensor("v", Array({2}, {1, -2}), GgufType::f16));
  return content;
}

testing::AssertionResult same_content(const Gguf& actual, const Gguf& expected) {
  const testing::AssertionResult keys = same_list(actual.metadata, expected.metadata);
  return keys ? same_list(actual.tensors, expected.tensors) : keys;
}

TEST(Unit_16_9, TheLayoutByteForByte) {
  EXPECT_TRUE(same_list(encode_gguf(small_content()), by_hand()));
  EXPECT_TRUE(same_content(decode_gguf(by_hand(), "f"), small_content()));
}

TEST(Unit_16_9, EverythingComesBack) {
  Gguf content;
  content.metadata.emplace_back("general.alignment", std::uint32_t{32});
  content.metadata.emplace_back("i", std::int32_t{-5});
  content.metadata.emplace_back("f", 2.5F);
  content.metadata.emplace_back("yes", true);
  content.metadata.emplace_back("no", false);
  content.metadata.emplace_back("text", std::string("h\xc3\xa9"));
  content.metadata.emplace_back("texts", GgufStrings{"", "b"});
  content.metadata.emplace_back("ints", GgufInts{1, -2});
  content.metadata.emplace_back("floats", GgufFloats{0.5F});
  content.metadata.emplace_back("none", GgufStrings{});
  const Array x = randn({3, 64}, 1);
  for (const GgufType type : {GgufType::f32, GgufType::f16, GgufType::q8_0, GgufType::q4_0}) {
    content.tensors.push_back(gguf_tensor(name_of(type), x, type));
  }
  content.tensors.push_back(gguf_tensor("empty", Array(Shape{0, 32}), GgufType::q8_0));
  const Bytes file = encode_gguf(content);
  EXPECT_EQ(file.size() % 32, 0U);
  const Gguf back = decode_gguf(file, "f");
  EXPECT_TRUE(same_content(back, content));
  EXPECT_GT(sqnr(x, load_array(back.tensors[0])), 100);
  EXPECT_GT(sqnr(x, load_array(back.tensors[1])), 60);
  EXPECT_TRUE(same_bits(load_array(back.tensors[2]), dequantize(quantize_blocks(x, BlockType::q8_0))));
  EXPECT_TRUE(same_bits(load_array(back.tensors[3]), dequantize(quantize_blocks(x, BlockType::q4_0))));
}

TEST(Unit_16_9, ATensorMayBeCalledAsAKeyIs) {
  Gguf content = small_content();
  content.tensors[1].name = content.metadata[0].first;
  EXPECT_TRUE(same_content(decode_gguf(encode_gguf(content), "f"), content));
}

TEST(Unit_16_9, WhatAFileCannotHold) {
  EXPECT_THROWS_WITH(gguf_tensor("big", Array({1}, {70000}), GgufType::f16), ValueError, "big", "70000");
  EXPECT_THROWS_WITH(gguf_tensor("big", Array({2}, {1, -70000}), GgufType::f16), ValueError, "big", "-70000");
  EXPECT_NO_THROW(gguf_tensor("inf", Array({2}, {real_infinity, -real_infinity}), GgufType::f16));
  EXPECT_THROW(gguf_tensor("odd", zeros({2, 33}), GgufType::q8_0), ShapeError);
  Gguf twice = small_content();
  twice.tensors[1].name = "w";
  EXPECT_THROWS_WITH(encode_gguf(twice), ValueError, "'w'");
  Gguf keys = small_content();
  keys.metadata.push_back(keys.metadata[0]);
  EXPECT_THROWS_WITH(encode_gguf(keys), ValueError, "a.key");
  Gguf shorter = small_content();
  shorter.tensors[0].bytes.pop_back();
  EXPECT_THROWS_WITH(encode_gguf(shorter), ValueError, "23");
  Gguf deep = small_content();
  deep.tensors.push_back(gguf_tensor("deep", zeros({1, 1, 1, 1, 1}), GgufType::f32));
  EXPECT_THROWS_WITH(encode_gguf(deep), ValueError, "deep");
}

Bytes changed(std::size_t at, std::uint8_t value) {
  Bytes file = by_hand();
  file[at] = value;
  return file;
}

TEST(Unit_16_9, CorruptFilesAreRefused) {
  const auto expect_refused = [](const Bytes& file, const std::string& reason) {
    EXPECT_THROWS_WITH(decode_gguf(file, "broken.gguf"), FileError, "broken.gguf", "byte", reason);
  };
  expect_refused({}, "magic");
  expect_refused(changed(0, 'g'), "GGUF");
  expect_refused(changed(4, 2), "version");
  expect_refused(changed(15, 0xFF), "number of tensors");
  expect_refused(changed(23, 0x7F), "number of keys");
  expect_refused(changed(31, 1), "length of a key");
  expect_refused(changed(37, 99), "type 99");
  Bytes longer = by_hand();
  longer.push_back(0);
  expect_refused(longer, "left over");
  Bytes shorter = by_hand();
  shorter.pop_back();
  expect_refused(shorter, "left");
  Bytes padded = by_hand();
  padded.back() = 1;
  expect_refused(padded, "not zero");
}

TEST(Unit_16_9, ListsThatContradictThemselvesAreRefused) {
  Gguf content = small_content();
  content.metadata[0] = {"general.alignment", std::uint32_t{64}};
  EXPECT_THROWS_WITH(decode_gguf(encode_gguf(content), "f"), FileError, "alignment");
  // in whatever type it is written
  for (const GgufValue& other : {GgufValue(std::int32_t{64}), GgufValue(64.0F), GgufValue(std::string("64"))}) {
    content.metadata[0].second = other;
    EXPECT_THROWS_WITH(decode_gguf(encode_gguf(content), "f"), FileError, "alignment");
  }
  Bytes named_alike = by_hand();
  const auto v = std::find(named_alike.begin() + 46, named_alike.end(), 'v');
  *v = 'w';
  EXPECT_THROWS_WITH(decode_gguf(named_alike, "f"), FileError, "'w'");
  Bytes moved = by_hand();
  const auto at = (std::find(moved.begin() + 46, moved.end(), 'v') - moved.begin()) + 1 + 4 + 8 + 4;
  moved[static_cast<std::size_t>(at)] = 64;
  EXPECT_THROWS_WITH(decode_gguf(moved, "f"), FileError, "offset");
  Bytes huge = by_hand();
  const auto w = (std::find(huge.begin() + 46, huge.end(), 'w') - huge.begin()) + 1 + 4;
  huge[static_cast<std::size_t>(w) + 7] = 0x7F;
  EXPECT_THROWS_WITH(decode_gguf(huge, "f"), FileError, "counted");
  for (std::size_t i = 0; i < 8; ++i) huge[static_cast<std::size_t>(w) + i] = 0xFF;  // -1, if it had a sign
  EXPECT_THROWS_WITH(decode_gguf(huge, "f"), FileError, "counted");
  Bytes wide = by_hand();  // 2^32 + 3 times 2^30 + 2 numbers can be counted, their bytes cannot: 2^64 and some
  wide[static_cast<std::size_t>(w) + 4] = 1;
  wide[static_cast<std::size_t>(w) + 8 + 3] = 0x40;
  EXPECT_THROWS_WITH(decode_gguf(wide, "f"), FileError, "counted");
  for (const std::size_t zero : {0, 8}) {  // 0 by 2^62: a zero makes no size countable, wherever it stands
    Bytes none = by_hand();
    for (std::size_t i = 0; i < 16; ++i) none[static_cast<std::size_t>(w) + i] = 0;
    none[static_cast<std::size_t>(w) + 15 - zero] = 0x40;
    EXPECT_THROWS_WITH(decode_gguf(none, "f"), FileError, "counted");
  }
}

// Whatever bytes change or are missing: an error or a file, never a crash and never gigabytes.
TEST(Unit_16_9, AShortFuzz) {
  const Bytes whole = by_hand();
  Generator random(5);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THROW(decode_gguf(std::span(whole).first(length), "f"), FileError) << length;
  }
  for (int round = 0; round < 3000; ++round) {
    Bytes file = whole;
    for (std::int64_t i = random.below(4); i >= 0; --i) {
      const std::int64_t at = random.below(static_cast<std::int64_t>(file.size()));
      file[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(random.below(256));
    }
    try {
      const Gguf content = decode_gguf(file, "f");
      for (const GgufTensor& tensor : content.tensors) load_array(tensor);
    } catch (const FileError&) {
    }
  }
}

}  // namespace
}  // namespace rushlight::test
