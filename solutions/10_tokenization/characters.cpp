// characters.cpp: the simplest tokenizer: one id per character.
#include <algorithm>
#include <set>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"

namespace rushlight {
namespace {  // solution

// How many bytes a character has, by its first byte; 0 when no character starts so. The limits keep out overlong
// forms of ASCII (C0, C1) and what lies beyond Unicode (F5 and up).
std::size_t announced_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (first >= 0xE0 && first <= 0xEF) return 3;
  if (first >= 0xF0 && first <= 0xF4) return 4;
  return 0;
}

// The second byte decides about the remaining overlong forms, the surrogates and the end of Unicode
// (The Unicode Standard, table 3-7).
bool second_byte_fits(unsigned char first, unsigned char second) {
  const unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  return second >= low && second <= high;
}

std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = announced_length(byte(0));
  if (length <= 1) return 1;
  if (length > text.size() || !second_byte_fits(byte(0), byte(1))) return 1;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 1;
  }
  return length;
}

}  // namespace

// 10.1 characters  text -> its characters in order, as views;  a byte that starts no valid character stands alone
// Hint: 0xxxxxxx is one byte, 110xxxxx two, 1110xxxx three, 11110xxx four; those that follow are 10xxxxxx.
std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    result.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return result;
}

// 10.1 train  text -> a tokenizer with one id per distinct character, in the order of their bytes
// Hint: a std::set of strings sorts by bytes (std::string compares as unsigned char).
CharTokenizer CharTokenizer::train(std::string_view text) {
  std::set<std::string> distinct;
  for (const std::string_view character : characters(text)) distinct.emplace(character);
  CharTokenizer tokenizer;
  for (const std::string& character : distinct) {
    tokenizer.ids_.emplace(character, tokenizer.vocabulary_size());
    tokenizer.characters_.push_back(character);
  }
  return tokenizer;
}

// 10.1 encode  text -> ids
// Throws ValueError that names the unseen character and its byte offset.
// Hint: ids_ finds a std::string_view without making a string of it.
TokenIds CharTokenizer::encode(std::string_view text) const {
  TokenIds ids;
  for (const std::string_view character : characters(text)) {
    const auto found = ids_.find(character);
    if (found == ids_.end()) {
      throw ValueError(
          "encode: the character '{}' at byte {} was not in the training text; its {} "
          "characters are all that this tokenizer knows.",
          {character, character.data() - text.data(), vocabulary_size()});
    }
    ids.push_back(found->second);
  }
  return ids;
}

// 10.1 decode  ids -> text
// Throws IndexError that names an id outside 0..vocabulary_size()-1.
// Hint: append characters_[id].
std::string CharTokenizer::decode(std::span<const std::int32_t> ids) const {
  std::string text;
  for (const std::int32_t id : ids) {
    if (id < 0 || id >= vocabulary_size()) {
      throw IndexError("decode: id {} is outside the vocabulary 0..{}.", {id, vocabulary_size() - 1});
    }
    text += characters_[static_cast<std::size_t>(id)];
  }
  return text;
}

}  // namespace rushlight
