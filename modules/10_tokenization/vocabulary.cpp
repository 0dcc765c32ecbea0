// vocabulary.cpp: given. A BpeTokenizer's tables: tokens, merges and special tokens by id, and back.
#include "01_tensor/error.hpp"
#include "10_tokenization/tokenizer.hpp"

namespace rushlight {

BpeTokenizer::BpeTokenizer(const BpeTokenizer&) = default;
BpeTokenizer::BpeTokenizer(BpeTokenizer&&) noexcept = default;
BpeTokenizer& BpeTokenizer::operator=(const BpeTokenizer&) = default;
BpeTokenizer& BpeTokenizer::operator=(BpeTokenizer&&) noexcept = default;
BpeTokenizer::~BpeTokenizer() = default;

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
    throw ValueError("BpeTokenizer: the special token '{}' is there twice.", {token});
  }
  tokens_.push_back(token);
}

const std::string& BpeTokenizer::token(std::int32_t id) const {
  if (id < 0 || id >= vocabulary_size()) {
    throw IndexError("token: id {} is outside the vocabulary 0..{}.", {id, vocabulary_size() - 1});
  }
  return tokens_[static_cast<std::size_t>(id)];
}

bool BpeTokenizer::is_special(std::int32_t id) const {
  const auto found = specials_.find(token(id));
  return found != specials_.end() && found->second == id;
}

std::vector<std::string> BpeTokenizer::special_tokens() const {
  std::vector<std::string> tokens;
  for (std::int32_t id = 0; id < vocabulary_size(); ++id) {
    if (is_special(id)) tokens.push_back(token(id));
  }
  return tokens;
}

std::int32_t BpeTokenizer::special_id(std::string_view token) const {
  const auto found = specials_.find(token);
  if (found == specials_.end()) throw ValueError("special_id: '{}' is not a special token.", {token});
  return found->second;
}

}  // namespace rushlight
