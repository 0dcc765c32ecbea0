// Ids are integers and carry no gradient; what they select does.
#include "10_tokenization/tokenizer.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

Indices as_indices(const TokenIds& ids) { return Indices({static_cast<std::int64_t>(ids.size())}, ids); }

TEST(GradientFlow_10_1, CharactersSelectRowsThatReceiveGradient) {
  const CharTokenizer tokenizer = CharTokenizer::train("abc");
  const Indices ids = as_indices(tokenizer.encode("abca"));
  expect_gradients([&](const Tensors& in) { return take(in[0], ids); }, {randn({tokenizer.vocabulary_size(), 3}, 1)});
}

TEST(GradientFlow_10_4, ARepeatedTokenAccumulates) {
  const BpeTokenizer tokenizer = BpeTokenizer::train("aa aa aa", {.vocabulary_size = 257});
  const TokenIds encoded = tokenizer.encode("aaaa");
  ASSERT_EQ(encoded, (TokenIds{256, 256}));
  const Tensor table(ones({257, 1}), true);
  const Tensor rows = take(table, as_indices(encoded));
  const Array gradient = Tape(rows, Array({2, 1}, {0.25, 0.5})).grad(table);
  ASSERT_EQ(gradient.shape(), (Shape{257, 1}));
  EXPECT_EQ(gradient.data()[256], Real{0.75});
  EXPECT_EQ(gradient.data()[0], Real{0});
}

}  // namespace
}  // namespace rushlight::test
