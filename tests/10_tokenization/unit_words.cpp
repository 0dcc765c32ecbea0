#include "10_tokenization/tokenizer.hpp"
#include "support/rush_test.hpp"

#include <regex>

namespace rushlight::test {
namespace {

using Words = std::vector<std::string_view>;

TEST(Unit_10_2, AWordTakesTheSpaceBeforeIt) {
  EXPECT_EQ(split_words("to be or"), (Words{"to", " be", " or"}));
  EXPECT_EQ(split_words(" to"), (Words{" to"}));
}

TEST(Unit_10_2, LongerRunsOfSpacesKeepAllButTheLast) {
  EXPECT_EQ(split_words("to  be"), (Words{"to", " ", " be"}));
  EXPECT_EQ(split_words("a \n\t  b"), (Words{"a", " \n\t ", " b"}));
}

TEST(Unit_10_2, OnlyAPlainSpaceJoinsTheWord) {
  EXPECT_EQ(split_words("a\nb"), (Words{"a", "\n", "b"}));
  EXPECT_EQ(split_words("a \tb"), (Words{"a", " ", "\t", "b"}));
}

TEST(Unit_10_2, OnlyFourBytesAreSpaces) {
  EXPECT_EQ(split_words("a\vb\fc\u00A0d"), (Words{"a\vb\fc\u00A0d"}));
  for (int byte = 0; byte < 256; ++byte) {
    const char one = static_cast<char>(byte);
    const bool space = one == ' ' || one == '\t' || one == '\n' || one == '\r';
    const std::string text = {'a', one, 'b'};
    const std::size_t pieces = !space ? 1 : one == ' ' ? 2 : 3;
    EXPECT_EQ(split_words(text).size(), pieces) << "byte " << byte;
  }
}

TEST(Unit_10_2, SpacesAtTheEndAreOnePiece) {
  EXPECT_EQ(split_words("to be \n"), (Words{"to", " be", " \n"}));
  EXPECT_EQ(split_words(" "), (Words{" "}));
  EXPECT_EQ(split_words(""), Words{});
}

// The oracle is the regular expression of the contract, run by the standard library.
TEST(Unit_10_2, AgreesWithTheRegularExpression) {
  const std::regex pattern(" ?[^ \\t\\n\\r]+|[ \\t\\n\\r]+(?![^ \\t\\n\\r])|[ \\t\\n\\r]+");
  Generator generator(2);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (std::int64_t i = generator.below(12); i > 0; --i) text += " \t\n\rab.\v\f"[generator.below(9)];
    std::vector<std::string> expected;
    for (auto match = std::sregex_iterator(text.begin(), text.end(), pattern); match != std::sregex_iterator();
         ++match) {
      expected.push_back(match->str());
    }
    const Words words = split_words(text);
    EXPECT_EQ(std::vector<std::string>(words.begin(), words.end()), expected) << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace rushlight::test
