#include <map>

#include "10_tokenization/tokenizer.hpp"
#include "support/growth.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// Training as the definition has it: count every pair of every word again before each merge. Slow, and so short that
// it is plainly right.
std::vector<std::pair<TokenIds, TokenIds>> plain_merges(const std::string& corpus, std::size_t count) {
  std::vector<TokenIds> words;
  for (const std::string_view word : split_words(corpus)) {
    TokenIds ids;
    for (const char byte : word) ids.push_back(static_cast<unsigned char>(byte));
    words.push_back(ids);
  }
  std::vector<std::pair<TokenIds, TokenIds>> merges;  // left and right, spelt in bytes
  std::vector<TokenIds> bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back({byte});
  while (merges.size() < count) {
    std::map<std::pair<std::int32_t, std::int32_t>, int> counts;
    for (const TokenIds& word : words) {
      for (std::size_t i = 0; i + 1 < word.size(); ++i) ++counts[{word[i], word[i + 1]}];
    }
    auto best = counts.end();
    for (auto pair = counts.begin(); pair != counts.end(); ++pair) {  // in order of the ids: a tie keeps the first
      if (best == counts.end() || pair->second > best->second) best = pair;
    }
    if (best == counts.end() || best->second < 2) break;
    const auto [left, right] = best->first;
    const auto fresh = static_cast<std::int32_t>(bytes.size());
    merges.emplace_back(bytes[left], bytes[right]);
    TokenIds joined = bytes[left];
    joined.insert(joined.end(), bytes[right].begin(), bytes[right].end());
    bytes.push_back(joined);
    for (TokenIds& word : words) {
      TokenIds next;
      for (std::size_t i = 0; i < word.size(); ++i) {
        const bool here = i + 1 < word.size() && word[i] == left && word[i + 1] == right;
        next.push_back(here ? fresh : word[i]);
        i += here ? 1 : 0;
      }
      word = next;
    }
  }
  return merges;
}

TokenIds spelling(const BpeTokenizer& tokenizer, std::int32_t id) {
  TokenIds bytes;
  for (const char byte : tokenizer.token(id)) bytes.push_back(static_cast<unsigned char>(byte));
  return bytes;
}

std::string babble(std::int64_t length, std::uint64_t seed, std::string_view letters) {
  Generator generator(seed);
  std::string text;
  for (std::int64_t i = 0; i < length; ++i) text += letters[static_cast<std::size_t>(generator.below(letters.size()))];
  return text;
}

std::string random_bytes(Generator& generator) {
  std::string text;
  for (std::int64_t i = generator.below(60); i > 0; --i) text += static_cast<char>(generator.below(256));
  return text;
}

TEST(Unit_10_3, FirstMergesByHand) {
  const BpeTokenizer tokenizer = BpeTokenizer::train("aaab aaab", {.vocabulary_size = 259});
  ASSERT_EQ(tokenizer.merges().size(), 3u);
  EXPECT_EQ(tokenizer.token(256), "aa");  // 4 places; "ab" has 2
  EXPECT_EQ(tokenizer.token(257), "ab");  // then "aa" "ab": both pairs have 2, and 97 (a) is smaller than 256 (aa)
  EXPECT_EQ(tokenizer.token(258), "aaab");
}

TEST(Unit_10_3, TiesGoToTheSmallerIds) {
  const BpeTokenizer tokenizer = BpeTokenizer::train("zyzy xyxy zyzy xyxy", {.vocabulary_size = 257});
  EXPECT_EQ(tokenizer.token(256), "xy");  // as frequent as "zy", but 'x' < 'z'
}

TEST(Unit_10_3, RarePairsAreLeftAlone) {
  EXPECT_EQ(BpeTokenizer::train("ab cd", {.vocabulary_size = 300}).merges().size(), 0u);
  EXPECT_EQ(BpeTokenizer::train("ab cd", {.vocabulary_size = 300, .min_frequency = 1}).merges().size(), 3u);
  EXPECT_EQ(BpeTokenizer::train("", {.vocabulary_size = 300}).vocabulary_size(), 256);
}

TEST(Unit_10_3, APairThatOccursNowhereIsNeverMerged) {
  for (const std::int64_t least : {0, 1}) {
    const BpeTokenizer tokenizer = BpeTokenizer::train("aaaa ab", {.vocabulary_size = 400, .min_frequency = least});
    EXPECT_EQ(tokenizer.encode("aaaa").size(), 1u);
    // aa, then aaaa, then " a" and " ab": all four letters and all words are joined.
    EXPECT_EQ(tokenizer.vocabulary_size(), 256 + 4) << "min_frequency " << least;
    for (std::int32_t id = 256; id < tokenizer.vocabulary_size(); ++id) {
      EXPECT_NE(std::string("aaaa ab").find(tokenizer.token(id)), std::string::npos) << tokenizer.token(id);
    }
  }
  EXPECT_THROWS_WITH(BpeTokenizer::train("a", {.vocabulary_size = 300, .min_frequency = -1}), ValueError,
                     "min_frequency", "-1");
}

// Documents are joined by a special token: what is learnt must be what the documents alone would teach.
TEST(Unit_10_3, NothingIsLearntFromSpecialTokensOrAcrossThem) {
  const std::string end = "<|end|>";
  std::string joined;
  for (int document = 0; document < 20; ++document) joined += "xy" + end;
  const BpeTokenizer tokenizer = BpeTokenizer::train(joined, {.vocabulary_size = 300, .special_tokens = {end}});
  ASSERT_EQ(tokenizer.merges().size(), 1u) << "x·y is the only pair of text";
  EXPECT_EQ(tokenizer.token(256), "xy");
  EXPECT_EQ(tokenizer.encode(joined).size(), 40u);
  // At one place the longest counts, as in encode: after "<s>x" there is a y, not an xy.
  const BpeTokenizer two =
      BpeTokenizer::train("<s>xy<s>xy<s>xy", {.vocabulary_size = 300, .special_tokens = {"<s>", "<s>x"}});
  EXPECT_TRUE(two.merges().empty());
}

TEST(Unit_10_3, AgreesWithRecountingEverything) {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    const std::string corpus = babble(400, seed, seed % 2 ? "ab " : "abcde  \n");
    const auto expected = plain_merges(corpus, 40);
    const BpeTokenizer tokenizer = BpeTokenizer::train(corpus, {.vocabulary_size = 256 + 40});
    // A token whose bytes exist already is not made twice, so compare until the first such merge.
    for (std::size_t rank = 0; rank < std::min(expected.size(), tokenizer.merges().size()); ++rank) {
      const Merge& merge = tokenizer.merges()[rank];
      ASSERT_EQ(std::pair(spelling(tokenizer, merge.left), spelling(tokenizer, merge.right)), expected[rank])
          << "seed " << seed << ", rank " << rank;
      if (merge.result != static_cast<std::int32_t>(256 + rank)) break;
    }
    EXPECT_GE(tokenizer.merges().size(), 20u);
  }
}

TEST(Unit_10_3, TimeGrowsWithTheCorpusNotItsSquare) {
  // One word without a space: the places of a pair are all that a merge may visit.
  const std::string corpus = babble(32000, 7, "abcd");
  const auto train = [&](std::int64_t size) {
    BpeTokenizer::train(corpus.substr(0, static_cast<std::size_t>(size)), {.vocabulary_size = 512});
  };
  EXPECT_LT(growth(train, {4000, 8000, 16000, 32000}), 1.5) << "the exponent of the corpus in the time: 2 is a square";
}

TEST(Unit_10_3, NoRoomIsAnError) {
  EXPECT_THROWS_WITH(BpeTokenizer::train("a", {.vocabulary_size = 256, .special_tokens = {"<s>"}}), ValueError, "256",
                     "257");
  EXPECT_THROWS_WITH(BpeTokenizer::train("a", {.vocabulary_size = 300, .special_tokens = {"<s>", "<s>"}}), ValueError,
                     "'<s>'", "twice");
  EXPECT_THROWS_WITH(BpeTokenizer::train("a", {.vocabulary_size = 300, .special_tokens = {""}}), ValueError, "empty");
}

TEST(Unit_10_4, MergesApplyInTheOrderOfTheirRank) {
  // "ab" has rank 0 and "bc" rank 1: "abc" must become ab·c although "bc" would fit too.
  const BpeTokenizer tokenizer = BpeTokenizer::train("ab\nab\nab\nbc\nbc", {.vocabulary_size = 258});
  ASSERT_EQ(tokenizer.token(256), "ab");
  ASSERT_EQ(tokenizer.token(257), "bc");
  EXPECT_EQ(tokenizer.encode("abc"), (TokenIds{256, 'c'}));
  EXPECT_EQ(tokenizer.encode("bc"), (TokenIds{257}));
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
