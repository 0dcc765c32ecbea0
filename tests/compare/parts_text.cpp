#include <fstream>

#include "10_tokenization/tokenizer.hpp"
#include "11_embeddings/embeddings.hpp"
#include "compare/parts.hpp"

namespace rushlight::compare {
namespace {

using In = const Tensors&;

const std::string corpus =
    "the cat sat on the mat  and the other cat sat there.\nThe naïve café: aaaa aaa aa, don't 1234!\n"
    "the cat  sat on the\tmat and the hat.\n";

Array ids_of(const TokenIds& ids) { return numbers(std::vector<double>(ids.begin(), ids.end())); }

const BpeOptions small{.vocabulary_size = 290, .min_frequency = 2, .special_tokens = {"<|end|>", "<|end|>x"}};

}  // namespace

void tokenizer_parts(Trace& t) {
  t.section("10 tokenization");
  t.part("10.1", "CharTokenizer", [] { return ids_of(CharTokenizer::train(corpus).encode("the café sat")); });
  t.text("10.2", "split_words", [] {
    std::string text;
    for (const std::string_view word : split_words(corpus)) text += "[" + std::string(word) + "]";
    return text;
  });
  t.part("10.3", "merges", [] {
    std::vector<double> merges;
    const BpeTokenizer bpe = BpeTokenizer::train(corpus, small);
    for (const Merge& merge : bpe.merges()) {
      merges.insert(merges.end(), {static_cast<double>(merge.left), static_cast<double>(merge.right)});
    }
    return numbers(merges);
  });
  t.part("10.4", "encode",
         [] { return ids_of(BpeTokenizer::train(corpus, small).encode("the other cat don't sataaaaa")); });
  t.part("10.4", "encode by rank",
         [] { return ids_of(BpeTokenizer::train("bc\nbc\nbc\nab\nab", {.vocabulary_size = 258}).encode("abc")); });
  t.part("10.5", "encode with special tokens",
         [] { return ids_of(BpeTokenizer::train(corpus, small).encode("the cat<|end|>x sat<|end|>")); });
  t.text("10.5", "decode", [] {
    const BpeTokenizer bpe = BpeTokenizer::train(corpus, small);
    return bpe.decode(bpe.encode("the café<|end|> sat"));
  });
  t.text("10.6", "to_printable", [] { return to_printable("a \xC2\xAD\n\x80"); });
}

void embedding_parts(Trace& t) {
  t.section("11 embeddings");
  const Array table = fixed("table", {5, 4});
  const Indices ids({2, 3}, {1, 4, 1, 0, 2, 1});
  t.rule("11.1", "embedding", [&](In in) { return embedding(in[0], ids); }, {table});
  t.rule("11.1", "embedding with padding", [&](In in) { return embedding(in[0], ids, 0); }, {table});
  t.part("11.2", "Embedding as it begins", [] {
    Generator random(7);
    const Embedding layer({.count = 5, .width = 4, .padding_idx = 2}, random);
    return layer.weight.value();
  });
  t.part("11.3", "LearnedPositions as they begin", [] {
    Generator random(7);
    const LearnedPositions layer({.length = 5, .width = 4}, random);
    return layer.weight.value();
  });
  t.part("11.3", "LearnedPositions", [] {
    Generator random(7);
    LearnedPositions layer({.length = 5, .width = 4}, random);
    return layer.forward(2, 1).value();
  });
  t.part("11.4", "sinusoidal_positions", [] { return sinusoidal_positions(5, 6); });
  t.rule("11.5", "rotary", [](In in) { return rotary(in[0], {.start = 3}); }, {fixed("turned", {2, 3, 6})});
}

}  // namespace rushlight::compare
