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
  EXPECT_THROWS_WITH(tokenizer.decode(TokenIds{0, 3}), IndexError, "id 3", "0..2");
  EXPECT_THROWS_WITH(tokenizer.decode(TokenIds{-1}), IndexError, "id -1");
}

}  // namespace
}  // namespace rushlight::test
