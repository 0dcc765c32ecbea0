// Text to ids by the merges that were learnt, and back.
#include "10_tokenization/babble.hpp"
#include "10_tokenization/tokenizer.hpp"
#include "support/growth.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

std::string random_bytes(Generator& generator) {
  std::string text;
  for (std::int64_t i = generator.below(60); i > 0; --i) text += static_cast<char>(generator.below(256));
  return text;
}

TEST(Unit_10_4, MergesApplyInTheOrderOfTheirRank) {
  // "ab" has rank 0 and "bc" rank 1: "abc" must become ab·c although "bc" would fit too.
  const BpeTokenizer tokenizer = BpeTokenizer::train("ab\nab\nab\nbc\nbc", {.vocabulary_size = 258});
  ASSERT_EQ(tokenizer.token(256), "ab");
  ASSERT_EQ(tokenizer.token(257), "bc");
  EXPECT_EQ(tokenizer.encode("abc"), (TokenIds{256, 'c'}));
  EXPECT_EQ(tokenizer.encode("bc"), (TokenIds{257}));
}

// In "abcb", bc goes first and takes a·b apart; then abc is one, and a b follows it again, but no a stands before that.
TEST(Unit_10_4, AMergeThatWasOvertakenIsNotApplied) {
  const BpeTokenizer tokenizer =
      BpeTokenizer::train("bc\nbc\nbc\nbc\nbc\nabc\nabc\nabc\nab\nab", {.vocabulary_size = 259});
  ASSERT_EQ(tokenizer.token(256), "bc");
  ASSERT_EQ(tokenizer.token(257), "abc");
  ASSERT_EQ(tokenizer.token(258), "ab");
  EXPECT_EQ(tokenizer.encode("abcb"), (TokenIds{257, 'b'}));
}

TEST(Unit_10_4, RepeatedLettersMergeFromTheLeft) {
  const BpeTokenizer tokenizer = BpeTokenizer::train("aa aa aa", {.vocabulary_size = 257});
  EXPECT_EQ(tokenizer.encode("aaa"), (TokenIds{256, 'a'}));
  EXPECT_EQ(tokenizer.encode("aaaaa"), (TokenIds{256, 256, 'a'}));
}

// Encoding as the definition has it: the lowest rank anywhere in the word, its leftmost place, again and again.
TokenIds plain_encode(const BpeTokenizer& tokenizer, const std::string& text) {
  TokenIds result;
  for (const std::string_view word : split_words(text)) {
    TokenIds ids;
    for (const char byte : word) ids.push_back(static_cast<unsigned char>(byte));
    while (true) {
      std::size_t best_rank = tokenizer.merges().size();
      std::size_t best_place = 0;
      for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
        for (std::size_t rank = 0; rank < best_rank; ++rank) {
          const Merge& merge = tokenizer.merges()[rank];
          if (merge.left != ids[i] || merge.right != ids[i + 1]) continue;
          best_rank = rank;
          best_place = i;
        }
      }
      if (best_rank == tokenizer.merges().size()) break;
      ids[best_place] = tokenizer.merges()[best_rank].result;
      ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(best_place) + 1);
    }
    result.insert(result.end(), ids.begin(), ids.end());
  }
  return result;
}

TEST(Unit_10_4, AgreesWithSearchingEveryRank) {
  const BpeTokenizer tokenizer = BpeTokenizer::train(babble(2000, 3, "abc "), {.vocabulary_size = 400});
  for (const std::uint64_t seed : {11, 12, 13, 14}) {
    const std::string text = babble(120, seed, "abc ");
    EXPECT_EQ(tokenizer.encode(text), plain_encode(tokenizer, text));
  }
}

// Places of equal rank are merged from the left, however many there are and whatever they are merged with later.
TEST(Unit_10_4, RunsOfALetterAgreeWithSearchingEveryRank) {
  for (const std::string& corpus :
       {std::string("aa aa aa"), std::string("aaa aaa aaa"), std::string(100, 'a'), babble(500, 4, "aaab ")}) {
    const BpeTokenizer tokenizer = BpeTokenizer::train(corpus, {.vocabulary_size = 290});
    for (std::size_t length = 0; length <= 70; ++length) {
      for (const std::string text : {std::string(length, 'a'), "b" + std::string(length, 'a') + "b"}) {
        ASSERT_EQ(tokenizer.encode(text), plain_encode(tokenizer, text)) << text;
      }
    }
  }
}

TEST(Unit_10_4, TimeGrowsWithTheWordNotItsSquare) {
  const BpeTokenizer tokenizer = BpeTokenizer::train(babble(4000, 5, "abcd"), {.vocabulary_size = 400});
  for (const std::string& word : {babble(16000, 6, "abcd"), std::string(16000, 'a')}) {
    const auto encode = [&](std::int64_t size) { tokenizer.encode(word.substr(0, static_cast<std::size_t>(size))); };
    EXPECT_LT(growth(encode, {2000, 4000, 8000, 16000}), 1.5)
        << "the exponent of the length in the time: 2 is a square. The word begins with " << word.substr(0, 10);
  }
}

TEST(Unit_10_4, CompressesWhatItWasTrainedOn) {
  const std::string corpus = babble(3000, 9, "ab ");
  const BpeTokenizer tokenizer = BpeTokenizer::train(corpus, {.vocabulary_size = 500});
  EXPECT_LT(tokenizer.encode(corpus).size(), corpus.size() * 2 / 5);
  EXPECT_EQ(BpeTokenizer().encode("abc"), (TokenIds{'a', 'b', 'c'}));  // no merges: bytes
}

TEST(Unit_10_5, EveryByteStringComesBack) {
  const BpeTokenizer tokenizer =
      BpeTokenizer::train(babble(2000, 5, "the cat sat "), {.vocabulary_size = 330, .special_tokens = {"<|end|>"}});
  Generator generator(6);
  for (int round = 0; round < 300; ++round) {
    const std::string text = random_bytes(generator);
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
  }
  const std::string nul("a\0b", 3);
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(nul)), nul);
}

TEST(Unit_10_5, SpecialTokensAreParsedUnlessTheTextIsAStrangers) {
  const BpeTokenizer tokenizer = BpeTokenizer::train("a", {.vocabulary_size = 300, .special_tokens = {"<s>", "<s>x"}});
  EXPECT_EQ(tokenizer.special_id("<s>"), 256);
  EXPECT_EQ(tokenizer.encode("a<s>b<s>"), (TokenIds{'a', 256, 'b', 256}));
  EXPECT_EQ(tokenizer.encode("<s>x<s>"), (TokenIds{257, 256}));  // the longest at one place
  EXPECT_EQ(tokenizer.encode("<s>", BpeTokenizer::Special::as_text), (TokenIds{'<', 's', '>'}));
  EXPECT_EQ(tokenizer.decode(TokenIds{'a', 257}), "a<s>x");
  EXPECT_THROWS_WITH(tokenizer.special_id("<t>"), ValueError, "'<t>'");
}

// A special token may be written like a byte, like a merge, or with spaces in it: it is another token all the same.
TEST(Unit_10_5, ASpecialTokenIsNoTextWhateverItLooksLike) {
  const BpeTokenizer tokenizer =
      BpeTokenizer::train("xy xy xy", {.vocabulary_size = 300, .special_tokens = {"a", "b c", "\n", "é"}});
  const auto special = [&](std::string_view text) { return tokenizer.special_id(text); };
  EXPECT_EQ(tokenizer.encode("za\nb cé"), (TokenIds{'z', special("a"), special("\n"), special("b c"), special("é")}));
  for (const std::string text : {"a", "b c", "\n", "é", "za\nb cé"}) {
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
    for (const std::int32_t id : tokenizer.encode(text, BpeTokenizer::Special::as_text)) {
      EXPECT_FALSE(tokenizer.is_special(id)) << text;
    }
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text, BpeTokenizer::Special::as_text)), text);
  }
  EXPECT_EQ(tokenizer.encode("a", BpeTokenizer::Special::as_text), (TokenIds{'a'}));
}

// Behind a token that was found everything is looked at anew: what overlapped is gone, what starts there counts.
TEST(Unit_10_5, SpecialTokensMayOverlap) {
  const BpeTokenizer tokenizer =
      BpeTokenizer::train("a", {.vocabulary_size = 300, .special_tokens = {"aba", "bab", "cc"}});
  EXPECT_EQ(tokenizer.encode("ababab"), (TokenIds{256, 257}));
  EXPECT_EQ(tokenizer.encode("babbaba"), (TokenIds{257, 257, 'a'}));
  EXPECT_EQ(tokenizer.encode("abab"), (TokenIds{256, 'b'}));
  EXPECT_EQ(tokenizer.encode("ccccc"), (TokenIds{258, 258, 'c'}));
}

TEST(Unit_10_5, MergesNeverCrossASpecialToken) {
  const BpeTokenizer tokenizer = BpeTokenizer::train("ab ab ab", {.vocabulary_size = 258, .special_tokens = {"|"}});
  ASSERT_EQ(tokenizer.encode("ab"), (TokenIds{256}));
  EXPECT_EQ(tokenizer.encode("a|b"), (TokenIds{'a', tokenizer.special_id("|"), 'b'}));
}

TEST(Unit_10_5, AnIdOutsideTheVocabularyIsNamed) {
  const BpeTokenizer tokenizer;
  EXPECT_THROWS_WITH(tokenizer.decode(TokenIds{65, 256}), IndexError, "id 256", "0..255");
  for (const std::int32_t id : {-1, -256, 256 + 65, INT32_MAX, INT32_MIN}) {
    EXPECT_THROWS_WITH(tokenizer.decode(TokenIds{65, id}), IndexError, fmt::format("id {}", id));
  }
}

TEST(Unit_10_5, ManyOfOneSpecialTokenAndNoneOfAnotherIsLinear) {
  const BpeTokenizer tokenizer = BpeTokenizer::train("a", {.vocabulary_size = 300, .special_tokens = {"<s>", "<t>"}});
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "<s>a";
  const auto encode = [&](std::int64_t count) {
    const auto size = static_cast<std::size_t>(count);
    EXPECT_EQ(tokenizer.encode(std::string_view(text).substr(0, 4 * size)).size(), 2 * size);
  };
  EXPECT_LT(growth(encode, {2500, 5000, 10000, 20000}), 1.5) << "the exponent of the length in the time: 2 is a square";
}

}  // namespace
}  // namespace rushlight::test
