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
  EXPECT_THROWS_WITH(tokenizer.decode(TokenIds{-1}), IndexError, "id -1");
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
