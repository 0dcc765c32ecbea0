#include "support/first_failure.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace rushlight::reporting {
namespace {

bool mentions(const ::testing::TestPartResult& part, std::initializer_list<std::string_view> words) {
  const std::string_view text = part.message();
  return std::any_of(words.begin(), words.end(),
                     [text](std::string_view word) { return text.find(word) != text.npos; });
}

// Smaller is read earlier.
int rank_of(const ::testing::TestPartResult& part) {
  if (mentions(part, {"past the end of", "must not change its operand", "changed its input"})) return 0;
  return mentions(part, {"threw nothing; expected", "the message should mention"}) ? 2 : 1;
}

// The line at which the next case of the same file begins, or the end of all.
int next_line(const ::testing::TestInfo& info) {
  int next = 1 << 30;
  const ::testing::UnitTest& all = *::testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const ::testing::TestSuite& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const ::testing::TestInfo& other = *suite.GetTestInfo(j);
      const bool later = std::string_view(other.file()) == info.file() && other.line() > info.line();
      if (later) next = std::min(next, other.line());
    }
  }
  return next;
}

bool inside(const ::testing::TestInfo& info, std::string_view file, int line) {
  return file == info.file() && line >= info.line() && line < next_line(info);
}

// `Value of: near(y, x)\n  Actual: false (they differ)\nExpected: true` says one thing, and this says it alone.
std::string without_frame(std::string text) {
  const std::string value = "Value of: ", actual = "\n  Actual: false (", expected = ")\nExpected: true";
  const std::size_t from = text.find(actual), to = text.rfind(expected);
  if (text.rfind(value, 0) != 0 || from == text.npos || to == text.npos || to < from) return text;
  text.replace(to, expected.size(), "");
  text.replace(from, actual.size(), "\n");
  return text.substr(value.size());
}

// ADD_FAILURE() puts a line of its own before what was said.
std::string without_failed(std::string text) {
  const std::string failed = "Failed\n";
  return text.rfind(failed, 0) == 0 && text.size() > failed.size() ? text.substr(failed.size()) : text;
}

// What matters most about it comes first, and the values after it.
std::string operand_first(std::string text) {
  const std::string operand = "\nan op must not change its operand";
  const std::size_t from = text.find(operand);
  if (from == std::string::npos) return text;
  const std::size_t to = std::min(text.size(), text.find('\n', from + 1));
  const std::string sentence = text.substr(from + 1, to - from - 1);
  return sentence + "\n" + text.erase(from, to - from);
}

// gtest's sentence around what() adds nothing.
std::string without_exception_frame(std::string text) {
  const std::string before = "C++ exception with description \"", after = "\" thrown in the test body.";
  const std::size_t to = text.rfind(after);
  if (text.rfind(before, 0) != 0 || to == text.npos) return text;
  text.replace(to, after.size(), "");
  return "an exception came out of the test: " + text.substr(before.size());
}

const ::testing::TestPartResult* first_part(const ::testing::TestResult& result) {
  const ::testing::TestPartResult* first = nullptr;
  for (int i = 0; i < result.total_part_count(); ++i) {
    const ::testing::TestPartResult& part = result.GetTestPartResult(i);
    if (!part.passed() && (first == nullptr || rank_of(part) < rank_of(*first))) first = &part;
  }
  return first;
}

}  // namespace

Failure first_failure(const ::testing::TestInfo& info) {
  const ::testing::TestPartResult* const part = first_part(*info.result());
  if (part == nullptr) return {"", info.file(), info.line()};
  std::string message = operand_first(without_exception_frame(without_failed(without_frame(part->summary()))));
  // An exception has no place.
  if (part->file_name() == nullptr) return {message, info.file(), info.line()};
  if (inside(info, part->file_name(), part->line_number())) return {message, part->file_name(), part->line_number()};
  message += "\n(checked at " + std::string(part->file_name()) + ":" + std::to_string(part->line_number()) + ")";
  return {message, info.file(), info.line()};
}

}  // namespace rushlight::reporting
