// Text to logits: tokens from this module, a table and a product from 01.
#include "10_tokenization/tokenizer.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Progressive_10_5, BatchesOfTextBecomeLogits) {
  const BpeTokenizer tokenizer = BpeTokenizer::train("low low low lower", {.vocabulary_size = 260});
  const TokenIds first = tokenizer.encode("low");
  const TokenIds second = tokenizer.encode(tokenizer.decode(first));
  ASSERT_EQ(first, second);
  TokenIds both = first;
  both.insert(both.end(), second.begin(), second.end());
  const Indices ids({2, static_cast<std::int64_t>(first.size())}, both);
  const Tensor table(randn({tokenizer.vocabulary_size(), 4}, 1), true);
  const Tensor logits = matmul(take(table, ids), table, {.transpose_b = true});
  EXPECT_EQ(logits.shape(), (Shape{2, ids.shape()[1], tokenizer.vocabulary_size()}));
  const Tape tape(logits, cotangent(logits.shape()));
  EXPECT_TRUE(grad_ok(tape.grad(table), table.shape()));
}

}  // namespace
}  // namespace rushlight::test
