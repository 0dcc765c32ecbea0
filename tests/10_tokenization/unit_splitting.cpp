// The splitting rule of GPT-2 as an option: learnt, used, saved and read.
#include "10_tokenization/tokenizer.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

const std::string corpus = "it's 12 and it's 12; they're 34, they're 34. it's, they're 12 34!";

BpeTokenizer trained(Splitting splitting) {
  return BpeTokenizer::train(corpus, {.vocabulary_size = 300, .splitting = splitting});
}

bool has_token(const BpeTokenizer& tokenizer, const std::string& bytes) {
  for (std::int32_t id = 0; id < tokenizer.vocabulary_size(); ++id) {
    if (tokenizer.token(id) == bytes) return true;
  }
  return false;
}

TEST(Unit_10_3, TrainingKeepsToItsRule) {
  const BpeTokenizer words = trained(Splitting::words), gpt2 = trained(Splitting::gpt2);
  EXPECT_EQ(words.splitting(), Splitting::words);
  EXPECT_EQ(gpt2.splitting(), Splitting::gpt2);
  EXPECT_TRUE(has_token(words, " it's"));
  EXPECT_FALSE(has_token(gpt2, " it's"));
  EXPECT_TRUE(has_token(gpt2, "'re"));
  EXPECT_TRUE(has_token(gpt2, " 12"));
}

TEST(Unit_10_4, TextIsCutByTheTokenizersOwnRule) {
  const BpeTokenizer gpt2 = trained(Splitting::gpt2);
  // "x'" and "'re" could both be merged from these bytes; the rule cuts before the apostrophe.
  for (const std::int32_t id : gpt2.encode("they're 12")) {
    const std::string token = gpt2.token(id);
    EXPECT_TRUE(token == "'re" || token.find('\'') == std::string::npos) << token;
  }
  const BpeTokenizer apart = BpeTokenizer::train("ab1 ab1 ab1", {.vocabulary_size = 260, .splitting = Splitting::gpt2});
  const BpeTokenizer joined = BpeTokenizer::train("ab1 ab1 ab1", {.vocabulary_size = 260});
  EXPECT_EQ(apart.encode("ab1").size(), 2U);
  EXPECT_EQ(joined.encode("ab1").size(), 1U);
}

// Merges that would cross a border of the other rule show which one is used.
TEST(Unit_10_4, TheRuleDecidesWhatCanBeMerged) {
  const BpeTokenizer plain = BpeTokenizer::train("a  b a  b", {.vocabulary_size = 258, .splitting = Splitting::gpt2});
  EXPECT_EQ(plain.decode(plain.encode("a  b\xff 's")), "a  b\xff 's");
}

TEST(Unit_10_6, TheRuleIsInTheFile) {
  const std::string path = testing::TempDir() + "gpt2_rule.json";
  for (const Splitting splitting : {Splitting::words, Splitting::gpt2}) {
    const BpeTokenizer tokenizer = trained(splitting);
    tokenizer.save(path);
    const BpeTokenizer again = BpeTokenizer::load(path);
    EXPECT_EQ(again.splitting(), splitting);
    EXPECT_EQ(again.encode(corpus), tokenizer.encode(corpus));
  }
}

// "'t" was learnt as a word's ending. In "!'t" the rule takes "!'" together, so the pair lies across a cut.
TEST(Unit_10_4, EncodingCutsByTheRuleOfTheTraining) {
  const BpeTokenizer gpt2 =
      BpeTokenizer::train("don't can't won't", {.vocabulary_size = 257, .splitting = Splitting::gpt2});
  ASSERT_EQ(gpt2.token(256), "'t");
  EXPECT_EQ(gpt2.encode("!'t"), (std::vector<std::int32_t>{'!', '\'', 't'}));
}

}  // namespace
}  // namespace rushlight::test
