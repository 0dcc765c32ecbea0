// 10.6 a file may hold merges that no training chooses: they are obeyed in their order all the same.
#include "10_tokenization/temporary_file.hpp"
#include "10_tokenization/tokenizer.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Spelling = std::vector<std::string>;

// The tokenizer of a file with these merges: a result that is new gets the next id.
BpeTokenizer with_merges(const Pairs& merges) {
  const TemporaryFile file;
  BpeTokenizer().save(file.path());
  auto json = nlohmann::json::parse(file.read());
  auto& vocabulary = json["model"]["vocab"];
  for (const auto& [left, right] : merges) {
    json["model"]["merges"].push_back(left + " " + right);
    if (!vocabulary.contains(left + right)) vocabulary[left + right] = vocabulary.size();
  }
  file.write(json.dump());
  return BpeTokenizer::load(file.path());
}

// The merge that comes first in the list, at its leftmost place, again and again.
Spelling plain_pieces(const Pairs& merges, const std::string& word) {
  Spelling pieces;
  for (const char letter : word) pieces.emplace_back(1, letter);
  for (auto merge = merges.begin(); merge != merges.end();) {
    std::size_t at = 0;
    while (at + 1 < pieces.size() && std::pair(pieces[at], pieces[at + 1]) != *merge) ++at;
    if (at + 1 >= pieces.size()) {
      ++merge;
      continue;
    }
    pieces[at] += pieces[at + 1];
    pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    merge = merges.begin();  // what is new may be the left or right part of an earlier one
  }
  return pieces;
}

Spelling pieces_of(const BpeTokenizer& tokenizer, const std::string& word) {
  Spelling pieces;
  for (const std::int32_t id : tokenizer.encode(word)) pieces.push_back(tokenizer.token(id));
  return pieces;
}

const std::vector<Pairs> lists{
    {{"b", "c"}, {"a", "b"}, {"ab", "c"}},               // "abc" is a token, and becomes a·bc
    {{"a", "b"}, {"b", "c"}, {"ab", "c"}, {"a", "bc"}},  // two ways to one token
    {{"a", "b"}, {"c", "ab"}, {"b", "c"}, {"cab", "c"}, {"a", "bc"}, {"bc", "a"}},
    {{"a", "a"}, {"aa", "a"}, {"a", "aa"}, {"aaa", "b"}, {"aa", "aa"}},
    {{"a", "a"}, {"b", "a"}, {"a", "b"}, {"aa", "b"}, {"b", "aa"}},
};

TEST(Unit_10_6, MergesOfAFileApplyInTheirOrder) {
  for (const Pairs& merges : lists) {
    const BpeTokenizer tokenizer = with_merges(merges);
    ASSERT_EQ(tokenizer.merges().size(), merges.size());
    Spelling words{""};
    for (std::size_t from = 0; words.size() < 1000; ++from) {  // all words of a, b and c, the short ones first
      for (const char letter : {'a', 'b', 'c'}) words.push_back(words[from] + letter);
      ASSERT_EQ(pieces_of(tokenizer, words[from]), plain_pieces(merges, words[from])) << words[from];
    }
  }
}

TEST(Unit_10_6, TwoMergesMayMakeOneToken) {
  const BpeTokenizer tokenizer = with_merges(lists[1]);
  EXPECT_EQ(tokenizer.vocabulary_size(), 256 + 3);
  EXPECT_EQ(tokenizer.merges()[2].result, tokenizer.merges()[3].result);
  const TemporaryFile file;
  tokenizer.save(file.path());
  const BpeTokenizer again = BpeTokenizer::load(file.path());
  EXPECT_EQ(again.vocabulary_size(), tokenizer.vocabulary_size());
  EXPECT_EQ(again.merges().size(), tokenizer.merges().size());
  for (const std::string word : {"abc", "aabcc", "bcabc"}) EXPECT_EQ(again.encode(word), tokenizer.encode(word));
}

}  // namespace
}  // namespace rushlight::test
