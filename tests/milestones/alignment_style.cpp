// Two styles of one text, and pairs about which a model has no opinion.
#include <cmath>
#include <set>

#include "2025_alignment/style.hpp"
#include "support/rush_test.hpp"

namespace rushlight::alignment {
namespace {

TEST(Milestones_20, WordLengthsByHand) {
  EXPECT_EQ(word_length("a bcd, efgh"), 8.0 / 3);
  EXPECT_EQ(word_length("it's"), 1.5) << "a word is a row of letters";
  EXPECT_EQ(word_length(" 12 - "), 0);
}

// Windows of 4 at 0, 4, 8: words of 4, 1 and 2 letters.
TEST(Milestones_20, ThirdsGoByTheLengthOfWords) {
  const CharTokenizer tokenizer = CharTokenizer::train("abc ");
  const TokenIds ids = tokenizer.encode("abcaa b ab c");
  const Style style = thirds(ids, tokenizer, 4, 4);
  EXPECT_EQ(style.short_words, (std::vector<std::int64_t>{4}));
  EXPECT_EQ(style.neutral, (std::vector<std::int64_t>{8}));
  EXPECT_EQ(style.long_words, (std::vector<std::int64_t>{0}));
}

TEST(Milestones_20, MatchedByHand) {
  const std::vector<Real> chosen = {-3, -10, -4.5, -20}, rejected = {-4, -10.5, -30, -3.5};
  const std::vector<Pair> pairs = matched(chosen, rejected, 1);
  ASSERT_EQ(pairs.size(), 2U) << "-3 against -3.5 would be an odd one";
  EXPECT_EQ(pairs[0].chosen, 1);  // -10 against -10.5: the chosen one is likelier
  EXPECT_EQ(pairs[0].rejected, 1);
  EXPECT_EQ(pairs[1].chosen, 2);  // -4.5 against -4: the rejected one is
  EXPECT_EQ(pairs[1].rejected, 0);
}

TEST(Milestones_20, MatchedPairsAreEvenAndNoTextIsUsedTwice) {
  Generator random(4);
  std::vector<Real> chosen, rejected;
  for (int i = 0; i < 500; ++i) {
    chosen.push_back(static_cast<Real>(random.normal() * 10));
    rejected.push_back(static_cast<Real>(random.normal() * 10 - 5));
  }
  const std::vector<Pair> pairs = matched(chosen, rejected, 1);
  EXPECT_GT(pairs.size(), 200U);
  std::set<std::int64_t> lefts, rights;
  int likelier = 0;
  for (const Pair& pair : pairs) {
    const double ahead =
        chosen[static_cast<std::size_t>(pair.chosen)] - rejected[static_cast<std::size_t>(pair.rejected)];
    EXPECT_LE(std::abs(ahead), 1);
    likelier += ahead > 0;
    lefts.insert(pair.chosen);
    rights.insert(pair.rejected);
  }
  EXPECT_EQ(2 * static_cast<std::size_t>(likelier), pairs.size());
  EXPECT_EQ(lefts.size(), pairs.size());
  EXPECT_EQ(rights.size(), pairs.size());
}

}  // namespace
}  // namespace rushlight::alignment
