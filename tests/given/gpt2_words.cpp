// GPT-2's splitting rule, piece by piece as its regular expression cuts.
#include "10_tokenization/tokenizer.hpp"
#include "10_tokenization/unicode_classes.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

using Words = std::vector<std::string_view>;

TEST(Given_10, Gpt2CutsLettersNumbersAndSignsApart) {
  EXPECT_EQ(split_gpt2("It's 3pm!"), (Words{"It", "'s", " 3", "pm", "!"}));
  EXPECT_EQ(split_gpt2("x=12, y"), (Words{"x", "=", "12", ",", " y"}));
  EXPECT_EQ(split_gpt2(" ...a"), (Words{" ...", "a"}));
  EXPECT_EQ(split_gpt2(""), Words{});
}

TEST(Given_10, Gpt2KnowsSevenEndings) {
  EXPECT_EQ(split_gpt2("I'll don't we're I've I'm he'd it's"),
            (Words{"I", "'ll", " don", "'t", " we", "'re", " I", "'ve", " I", "'m", " he", "'d", " it", "'s"}));
  EXPECT_EQ(split_gpt2("DON'T"), (Words{"DON", "'", "T"}));
  EXPECT_EQ(split_gpt2(" 's"), (Words{" '", "s"}));
  EXPECT_EQ(split_gpt2("''s"), (Words{"''", "s"}));
}

TEST(Given_10, Gpt2LeavesTheLastSpaceToTheNextWord) {
  EXPECT_EQ(split_gpt2("a  b"), (Words{"a", " ", " b"}));
  EXPECT_EQ(split_gpt2("a\n\nb"), (Words{"a", "\n", "\n", "b"}));
  EXPECT_EQ(split_gpt2("a \n b"), (Words{"a", " \n", " b"}));
  EXPECT_EQ(split_gpt2("a  "), (Words{"a", "  "}));
  EXPECT_EQ(split_gpt2(" "), (Words{" "}));
}

TEST(Given_10, Gpt2KnowsUnicodesLettersNumbersAndSpaces) {
  EXPECT_EQ(split_gpt2("naïve café"), (Words{"naïve", " café"}));
  EXPECT_EQ(split_gpt2("x² ½"), (Words{"x", "²", " ½"}));
  EXPECT_EQ(split_gpt2("日本語、"), (Words{"日本語", "、"}));
  EXPECT_EQ(split_gpt2("a\u00a0b"), (Words{"a", "\u00a0", "b"}));
  EXPECT_EQ(split_gpt2("a \u3000b"), (Words{"a", " ", "\u3000", "b"}));
}

TEST(Given_10, Gpt2TakesBytesThatAreNoTextForSigns) {
  EXPECT_EQ(split_gpt2("a\xff\x80z"), (Words{"a", "\xff\x80", "z"}));
  EXPECT_EQ(split_gpt2("\xc3"), (Words{"\xc3"}));
  EXPECT_EQ(split_gpt2("\xe6\x97"), (Words{"\xe6\x97"}));
  EXPECT_EQ(split_gpt2("\xc0\xafz"), (Words{"\xc0\xaf", "z"}));  // an overlong slash
}

TEST(Given_10, Gpt2LosesNothing) {
  Generator random(4);
  for (int round = 0; round < 200; ++round) {
    std::string text, joined;
    for (int i = 0; i < 40; ++i) text += static_cast<char>(random.below(256));
    for (const std::string_view word : split_gpt2(text)) {
      EXPECT_FALSE(word.empty());
      joined += word;
    }
    EXPECT_EQ(joined, text);
  }
}

TEST(Given_10, ClassesAtTheirBorders) {
  for (const std::uint32_t letter :
       {0x41U, 0x5AU, 0x61U, 0x7AU, 0xAAU, 0xB5U, 0xC0U, 0x100U, 0x4E00U, 0x9FFFU, 0x10000U}) {
    EXPECT_TRUE(is_letter(letter)) << letter;
  }
  for (const std::uint32_t other : {0x40U, 0x5BU, 0x60U, 0x7BU, 0xD7U, 0xF7U, 0x30U, 0x20U, 0x10FFFFU}) {
    EXPECT_FALSE(is_letter(other)) << other;
  }
  for (const std::uint32_t number : {0x30U, 0x39U, 0xB2U, 0xBDU, 0x660U, 0x2160U})
    EXPECT_TRUE(is_number(number)) << number;
  for (const std::uint32_t other : {0x2FU, 0x3AU, 0x41U}) EXPECT_FALSE(is_number(other)) << other;
}

TEST(Given_10, SpecialTokensAreListed) {
  const BpeTokenizer none;
  EXPECT_TRUE(none.special_tokens().empty());
  EXPECT_FALSE(none.is_special(0));
  EXPECT_THROW(none.is_special(256), IndexError);
}

}  // namespace
}  // namespace rushlight::test
