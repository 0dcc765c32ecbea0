// bpe.cpp: applying merges, and undoing them.
#include <queue>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"

namespace rushlight {

// 10.4 encode_word  the bytes of one word -> ids, appended;  the merge of lowest rank first, the leftmost among equals
// Near-linear in the word. Hint: for a word of n bytes, n rescans cost n²; a priority queue of (rank, place) over a linked
// list costs n log n.
void BpeTokenizer::encode_word(std::string_view word, TokenIds& ids) const {
  todo("10.4");
}

// 10.4 encode_text  text without special tokens -> ids, appended;  word by word
// Hint: split_text by splitting_, then encode_word. Words repeat: remember what you found.
void BpeTokenizer::encode_text(std::string_view text, TokenIds& ids) const {
  todo("10.4");
}

// 10.5 encode  text -> ids;  Special::parse: special tokens become their ids, the text between them is encoded
// At one place the longest special token counts.
// Hint: std::string_view::find tells where each stands next; search again only behind what you have passed.
TokenIds BpeTokenizer::encode(std::string_view text, Special special) const {
  todo("10.5");
}

// 10.5 decode  ids -> bytes;  each token's bytes, one after the other
// Throws IndexError that names an id outside the vocabulary.
// Hint: token() checks.
std::string BpeTokenizer::decode(std::span<const std::int32_t> ids) const {
  todo("10.5");
}

}  // namespace rushlight
