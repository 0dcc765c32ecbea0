// bpe.cpp: applying merges, and undoing them.
#include <queue>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"

#include <fmt/format.h>

namespace rushlight {

BpeTokenizer::BpeTokenizer() {
  for (int byte = 0; byte < 256; ++byte) {
    tokens_.emplace_back(1, static_cast<char>(byte));
    ids_.emplace(tokens_.back(), byte);
  }
}

void BpeTokenizer::add_merge(std::int32_t left, std::int32_t right) {
  if (!ranks_.emplace(pair_key(left, right), static_cast<std::int32_t>(merges_.size())).second) return;
  const std::string joined = token(left) + token(right);
  const auto [found, is_new] = ids_.emplace(joined, vocabulary_size());
  if (is_new) tokens_.push_back(joined);
  merges_.push_back({left, right, found->second});
}

void BpeTokenizer::add_special(const std::string& token) {
  if (token.empty()) throw ValueError("BpeTokenizer: a special token must not be empty.");
  if (!specials_.emplace(token, vocabulary_size()).second) {
    throw ValueError(fmt::format("BpeTokenizer: the special token '{}' is there twice.", token));
  }
  tokens_.push_back(token);
}

const std::string& BpeTokenizer::token(std::int32_t id) const {
  if (id < 0 || id >= vocabulary_size()) {
    throw IndexError(fmt::format("token: id {} is outside the vocabulary 0..{}.", id, vocabulary_size() - 1));
  }
  return tokens_[static_cast<std::size_t>(id)];
}

std::int32_t BpeTokenizer::special_id(std::string_view token) const {
  const auto found = specials_.find(token);
  if (found == specials_.end()) throw ValueError(fmt::format("special_id: '{}' is not a special token.", token));
  return found->second;
}

// 10.4 encode_word  the bytes of one word -> ids, appended;  the merge of lowest rank first, the leftmost among equals
// Hint: for a word of n bytes, n rescans cost n²; a priority queue of (rank, place) over a linked list costs n log n.
void BpeTokenizer::encode_word(std::string_view word, TokenIds& ids) const {
  todo("10.4");
}

// 10.4 encode_text  text without special tokens -> ids, appended;  word by word
// Hint: split_words, then encode_word. Words repeat: remember what you found.
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
