#include "10_tokenization/tokenizer.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

using Pieces = std::vector<std::string_view>;

TEST(Unit_10_1, CharactersHaveOneToFourBytes) {
  EXPECT_EQ(characters("aé€𝄞z"), (Pieces{"a", "é", "€", "𝄞", "z"}));
  EXPECT_EQ(characters(""), Pieces{});
}

TEST(Unit_10_1, BytesThatStartNoCharacterStandAlone) {
  EXPECT_EQ(characters("\x80"), Pieces{"\x80"});  // a continuation without a start
  EXPECT_EQ(characters("\xC3"), Pieces{"\xC3"});  // a start without continuation
  EXPECT_EQ(characters("\xC3z"), (Pieces{"\xC3", "z"}));
  EXPECT_EQ(characters("\xE2\x82"), (Pieces{"\xE2", "\x82"}));              // the euro sign cut short
  EXPECT_EQ(characters("\xE2\x82z"), (Pieces{"\xE2", "\x82", "z"}));        // and going on
  EXPECT_EQ(characters("\xF0\x9F\x98"), (Pieces{"\xF0", "\x9F", "\x98"}));  // three bytes of a smile
  EXPECT_EQ(characters("\xF0\x9F\x98z"), (Pieces{"\xF0", "\x9F", "\x98", "z"}));
  EXPECT_EQ(characters("\xC3\xC3"), (Pieces{"\xC3", "\xC3"}));              // a second start is no continuation,
  EXPECT_EQ(characters("\xE2\x82\xC3"), (Pieces{"\xE2", "\x82", "\xC3"}));  // in whichever place
  EXPECT_EQ(characters("\xF0\x9F\x98\xFF"), (Pieces{"\xF0", "\x9F", "\x98", "\xFF"}));
  EXPECT_EQ(characters("\xC0\xAF"), (Pieces{"\xC0", "\xAF"}));              // an overlong '/'
  EXPECT_EQ(characters("\xE0\x80\xAF"), (Pieces{"\xE0", "\x80", "\xAF"}));  // another
  EXPECT_EQ(characters("\xED\xA0\x80"), (Pieces{"\xED", "\xA0", "\x80"}));  // a surrogate
  EXPECT_EQ(characters("\xF4\x90\x80\x80").size(), 4u);                     // beyond U+10FFFF
  EXPECT_EQ(characters("\xF5\x80\x80\x80").size(), 4u);
  EXPECT_EQ(characters("\xF0\x8F\xBF\xBF").size(), 4u);
}

// How long the character at the start of four bytes is, from its code point: one that needs fewer bytes, a surrogate or
// one beyond Unicode is none.
std::size_t plain_length(const std::string& bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
  const std::size_t length = byte(0) >= 0xF8 ? 1 : byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : byte(0) >= 0xC0 ? 2 : 1;
  unsigned point = length == 1 ? 0 : byte(0) & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 1;
    point = point * 64 + byte(i) - 0x80;
  }
  const unsigned least[]{0, 0, 0x80, 0x800, 0x10000};
  return point < least[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000) ? 1 : length;
}

TEST(Unit_10_1, EveryBeginningIsACharacterOrIsNot) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      for (const char* rest : {"\x80\x80", "\xBF\xBF", "\xBF\x7F", "\x80\xC0", "z\x80"}) {
        const std::string text = {static_cast<char>(first), static_cast<char>(second), rest[0], rest[1]};
        ASSERT_EQ(characters(text).at(0).size(), plain_length(text)) << testing::PrintToString(text);
      }
    }
  }
}

TEST(Unit_10_1, PiecesJoinUpToAnyBytes) {
  Generator generator(1);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (std::int64_t i = generator.below(40); i > 0; --i) text += static_cast<char>(generator.below(256));
    std::string joined;
    for (const std::string_view piece : characters(text)) joined += piece;
    EXPECT_EQ(joined, text);
  }
}

TEST(Unit_10_1, IdsFollowTheOrderOfTheBytes) {
  const CharTokenizer tokenizer = CharTokenizer::train("banana é");
  EXPECT_EQ(tokenizer.vocabulary(), (std::vector<std::string>{" ", "a", "b", "n", "é"}));
  EXPECT_EQ(tokenizer.encode("bané"), (TokenIds{2, 1, 3, 4}));
  EXPECT_EQ(tokenizer.decode(TokenIds{2, 1, 3, 4}), "bané");
}

TEST(Unit_10_1, UnknownCharacterIsNamedWithItsPlace) {
  const CharTokenizer tokenizer = CharTokenizer::train("abc");
  EXPECT_THROWS_WITH(tokenizer.encode("abé"), ValueError, "'é'", "byte 2", "3 characters");
  EXPECT_THROWS_WITH(CharTokenizer::train("é€").encode("€éz"), ValueError, "'z'", "byte 5");
  // Where the character stands, not where its bytes stood first: within another one.
  EXPECT_THROWS_WITH(CharTokenizer::train("é€").encode("é€é\xA9"), ValueError, "byte 7");
  EXPECT_THROWS_WITH(CharTokenizer::train("é€").encode("€\x82é\xE2"), ValueError, "byte 3");
  EXPECT_THROWS_WITH(tokenizer.decode(TokenIds{0, 3}), IndexError, "id 3", "0..2");
  EXPECT_THROWS_WITH(tokenizer.decode(TokenIds{-1}), IndexError, "id -1");
}

}  // namespace
}  // namespace rushlight::test
