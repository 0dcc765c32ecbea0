// 07.5: every way in which two or three tensors can lie in four bytes.
#include "07_training/helpers.hpp"

namespace rushlight::test {
namespace {

constexpr int file_bytes = 4;

struct Span {
  int begin, end;
};

std::vector<std::uint8_t> file_with(const std::vector<Span>& spans) {
  std::string header = "{";
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const auto [begin, end] = spans[i];
    header += fmt::format(R"({}"{}":{{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}})", i == 0 ? "" : ",",
                          static_cast<char>('a' + i), std::max(end - begin, 0), begin, end);
  }
  header += "}";
  std::vector<std::uint8_t> bytes(8, 0);
  bytes[0] = static_cast<std::uint8_t>(header.size());
  bytes.insert(bytes.end(), header.begin(), header.end());
  for (int i = 0; i < file_bytes; ++i) bytes.push_back(static_cast<std::uint8_t>(10 + i));
  return bytes;
}

enum class Verdict { fits, refused, open };

// By the bytes: each belongs to one tensor. Whether an empty tensor may lie inside another is left open.
Verdict verdict_on(const std::vector<Span>& spans) {
  std::vector<int> owners(file_bytes, 0);
  for (const auto& [begin, end] : spans) {
    if (end < begin) return Verdict::refused;
    for (int at = begin; at < end; ++at) ++owners[static_cast<std::size_t>(at)];
  }
  for (const int each : owners) {
    if (each != 1) return Verdict::refused;
  }
  for (const auto& empty : spans) {
    for (const auto& [begin, end] : spans) {
      if (empty.begin == empty.end && begin < empty.begin && empty.begin < end) return Verdict::open;
    }
  }
  return Verdict::fits;
}

void expect_judged(const std::vector<Span>& spans) {
  const Verdict verdict = verdict_on(spans);
  if (verdict == Verdict::open) return;
  const std::vector<std::uint8_t> bytes = file_with(spans);
  std::string found;
  SafeTensors content;
  try {
    content = decode_safetensors(bytes, "x");
  } catch (const FileError& error) {
    found = error.what();
  }
  std::string where;
  for (const auto& [begin, end] : spans) where += fmt::format("[{}, {}] ", begin, end);
  ASSERT_EQ(found.empty(), verdict == Verdict::fits) << where << found;
  if (verdict != Verdict::fits) return;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    std::vector<std::uint8_t> expected;
    for (int at = spans[i].begin; at < spans[i].end; ++at) expected.push_back(static_cast<std::uint8_t>(10 + at));
    ASSERT_EQ(content.tensors.at(std::string(1, static_cast<char>('a' + i))).bytes, expected) << where;
  }
}

std::vector<Span> all_spans(bool backwards) {
  std::vector<Span> spans;
  for (int begin = 0; begin <= file_bytes; ++begin) {
    for (int end = backwards ? 0 : begin; end <= file_bytes; ++end) spans.push_back({begin, end});
  }
  return spans;
}

TEST(Unit_07_5, EveryByteBelongsToOneTensor) {
  for (const Span& a : all_spans(true)) {
    expect_judged({a});
    for (const Span& b : all_spans(true)) expect_judged({a, b});
  }
  for (const Span& a : all_spans(false)) {
    for (const Span& b : all_spans(false)) {
      for (const Span& c : all_spans(false)) expect_judged({a, b, c});
    }
  }
}

// Whatever the length of the header: no space where none is needed.
TEST(Unit_07_5, TheHeaderIsPaddedNoFurtherThanItMust) {
  for (int length = 0; length < 9; ++length) {
    const std::string value(static_cast<std::size_t>(length), 'v');
    std::string header = fmt::format(R"({{"__metadata__":{{"k":"{}"}}}})", value);
    while (header.size() % 8 != 0) header += ' ';
    std::vector<std::uint8_t> expected(8, 0);
    expected[0] = static_cast<std::uint8_t>(header.size());
    expected.insert(expected.end(), header.begin(), header.end());
    EXPECT_TRUE(same_list(encode_safetensors({.tensors = {}, .metadata = {{"k", value}}}), expected)) << length;
  }
}

}  // namespace
}  // namespace rushlight::test
