// A corpus of documents that are joined by special tokens: the trainer took the marks for text, merged into them and across
// them, and learnt tokens that no encoder could ever use.
#include "10_tokenization/tokenizer.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Regression_10, WordsAreCountedAroundSpecialTokens) {
  const std::vector<WordCount> counts = count_words("to be<s>to<s><s>xto", {"<s>", "<s>x"});
  std::vector<std::pair<std::string, std::int64_t>> found;
  for (const auto& [word, count] : counts) found.emplace_back(word, count);
  EXPECT_EQ(found, (std::vector<std::pair<std::string, std::int64_t>>{{" be", 1}, {"to", 3}}));
  EXPECT_TRUE(count_words("<s>", {"<s>"}).empty());
}

}  // namespace
}  // namespace rushlight::test
