// Which merges a corpus teaches.
#include <ctime>
#include <functional>
#include <map>

#include "10_tokenization/babble.hpp"
#include "10_tokenization/tokenizer.hpp"
#include "support/growth.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

using Texts = std::vector<std::string>;

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
    ASSERT_EQ(tokenizer.merges().size(), expected.size());
    for (std::size_t rank = 0; rank < expected.size(); ++rank) {
      const Merge& merge = tokenizer.merges()[rank];
      ASSERT_EQ(std::pair(spelling(tokenizer, merge.left), spelling(tokenizer, merge.right)), expected[rank])
          << "seed " << seed << ", rank " << rank;
    }
    EXPECT_GE(tokenizer.merges().size(), 20u);
  }
}

std::string repeated(std::string_view part, std::size_t length) {
  std::string text;
  while (text.size() < length) text += part;
  return text;
}

TEST(Unit_10_3, TimeGrowsWithTheCorpusNotItsSquare) {
  // Words without a space: the places of a pair are all that a merge may visit, however many there are of one pair.
  for (const std::string& corpus : {babble(32000, 7, "abcd"), repeated("abc", 32000), repeated("a", 32000)}) {
    const auto train = [&](std::int64_t size) {
      BpeTokenizer::train(corpus.substr(0, static_cast<std::size_t>(size)), {.vocabulary_size = 512});
    };
    EXPECT_LT(growth(train, {4000, 8000, 16000, 32000}), 1.5)
        << "the exponent of the corpus in the time: 2 is a square. It begins with " << corpus.substr(0, 10);
  }
}

// Where no pair is too rare, merging ends when each word is one token: here after more of them than 16 bits can number.
TEST(Unit_10_3, ALargeVocabularyIsFilledLikeASmallOne) {
  Generator generator(4);
  std::string word;
  while (word.size() < 92000) word += static_cast<char>(33 + generator.below(222));
  const BpeTokenizer tokenizer = BpeTokenizer::train(word, {.vocabulary_size = 1 << 20, .min_frequency = 1});
  ASSERT_GT(tokenizer.vocabulary_size(), 1 << 16);
  EXPECT_EQ(tokenizer.token(tokenizer.vocabulary_size() - 1), word);
  const auto last = static_cast<std::int32_t>(tokenizer.merges().size()) - 1;
  for (std::int32_t rank = 0; rank <= last; ++rank) {
    const Merge& merge = tokenizer.merges()[static_cast<std::size_t>(rank)];
    ASSERT_EQ(merge.result, 256 + rank) << "nothing is learnt twice";
    ASSERT_LT(std::max(merge.left, merge.right), merge.result) << "rank " << rank;
  }
}

TEST(Unit_10_3, SpecialTokensFollowTheMergesInTheOrderOfTheOptions) {
  const Texts specials{"<z>", "a", "<b>", " "};  // two of them are written like bytes
  const BpeTokenizer tokenizer = BpeTokenizer::train("xy xy", {.vocabulary_size = 300, .special_tokens = specials});
  const auto first = 256 + static_cast<std::int32_t>(tokenizer.merges().size());
  EXPECT_EQ(tokenizer.special_tokens(), specials);
  for (std::int32_t i = 0; i < 4; ++i)
    EXPECT_EQ(tokenizer.special_id(specials[static_cast<std::size_t>(i)]), first + i);
  EXPECT_FALSE(tokenizer.is_special('a'));
}

TEST(Unit_10_3, BytesMergesAndSpecialTokensFillTheVocabularyTogether) {
  const std::string corpus = babble(2000, 8, "abc ");
  for (const Texts& specials : {Texts{}, Texts{"<s>"}, Texts{"<s>", "<t>", "<u>"}}) {
    const BpeTokenizer tokenizer = BpeTokenizer::train(corpus, {.vocabulary_size = 280, .special_tokens = specials});
    EXPECT_EQ(tokenizer.vocabulary_size(), 280);
    EXPECT_EQ(tokenizer.special_tokens(), specials);
  }
  EXPECT_TRUE(BpeTokenizer::train(corpus, {.vocabulary_size = 258, .special_tokens = {"<s>", "<t>"}}).merges().empty());
}

TEST(Unit_10_3, NoRoomIsAnError) {
  EXPECT_THROWS_WITH(BpeTokenizer::train("a", {.vocabulary_size = 256, .special_tokens = {"<s>"}}), ValueError, "256",
                     "257");
  EXPECT_THROWS_WITH(BpeTokenizer::train("a", {.vocabulary_size = 257, .special_tokens = {"<s>", "<t>"}}), ValueError,
                     "257", "258");
  EXPECT_THROWS_WITH(BpeTokenizer::train("a", {.vocabulary_size = 255}), ValueError, "255", "256");
  EXPECT_THROWS_WITH(BpeTokenizer::train("a", {.vocabulary_size = -1}), ValueError, "-1", "256");
}

TEST(Unit_10_3, ASpecialTokenIsNotEmptyAndNotThereTwice) {
  const auto train = [](const Texts& specials) {
    return BpeTokenizer::train("a", {.vocabulary_size = 300, .special_tokens = specials});
  };
  EXPECT_THROWS_WITH(train({"<s>", "<s>"}), ValueError, "'<s>'", "twice");
  EXPECT_THROWS_WITH(train({"<s>", "<t>", "<u>", "<t>"}), ValueError, "'<t>'", "twice");
  for (const Texts& specials : {Texts{""}, Texts{"<s>", ""}}) EXPECT_THROWS_WITH(train(specials), ValueError, "empty");
  EXPECT_EQ(train({"<s>", "<s", "s>"}).special_tokens(), (Texts{"<s>", "<s", "s>"})) << "each is another one";
}

double processor_seconds(const std::function<void()>& run) {
  const std::clock_t start = std::clock();
  run();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TEST(Unit_10_3, AMistakeInTheOptionsDoesNotCostATraining) {
  const std::string corpus = babble(32000, 9, "abcd");
  const double training = processor_seconds([&] { BpeTokenizer::train(corpus, {.vocabulary_size = 512}); });
  const double refusing = processor_seconds([&] {
    EXPECT_THROWS_WITH(BpeTokenizer::train(corpus, {.vocabulary_size = 514, .special_tokens = {"<s>", "<s>"}}),
                       ValueError, "twice");
  });
  EXPECT_LT(refusing, training / 2) << "merges were learnt first";
}

}  // namespace
}  // namespace rushlight::test
